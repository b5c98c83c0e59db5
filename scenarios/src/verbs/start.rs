//! `start`: an application for an item, begun or taken up again, filled in page by page as the wizard asks, and
//! submitted if the scenario says so. Officers start procedures that are theirs.

use std::collections::BTreeSet;

use async_trait::async_trait;
use serde::Deserialize;

use super::Verb;
use super::files::{check_kinds, hand_in};
use crate::choosing::listed;
use crate::form::Form;
use crate::house::Door;
use crate::page::Page;
use crate::play::Play;
use crate::report::Why;
use crate::sights::register;
use crate::things::{Case, Thing};
use crate::values::Values;
use crate::visitor::Sent;

/// No wizard has more pages.
const MOST_PAGES: usize = 40;
/// The button of a page that is all of it.
const SUBMIT: &str = "submit";
/// Where only the answers stand in the way.
const CHOOSE_AGAIN: &str = "重新选择情形";
/// Leaves without a file.
const LATER: &str = "以后再传";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Start {
    /// The item's code, or that of a procedure which officers start.
    start: String,
    /// By which the list of its register is narrowed to the record that it is about.
    about: Option<Values>,
    /// What later steps call it.
    name: Option<String>,
    #[serde(default)]
    answers: Values,
    #[serde(default)]
    fill: Values,
    /// Material and kind of file; several files of one material as a list.
    #[serde(default)]
    files: Values,
    #[serde(default)]
    submit: bool,
}

/// What has not been said yet.
struct Left {
    answers: Values,
    fields: Values,
    files: Values,
}

#[async_trait]
impl Verb for Start {
    fn check(&self) -> Result<(), String> {
        check_kinds(&self.files)
    }

    async fn act(&self, play: &mut Play<'_>) -> Result<Page, Why> {
        let (apply, sent) = self.door(play).await?;
        let mut page = play.visit(&apply, Some(Sent::form(&sent))).await?;
        if let Some(again) = page
            .link(CHOOSE_AGAIN)
            .filter(|_| !self.answers.0.is_empty())
        {
            page = play.get(&again).await?;
        }
        if page.is_refusal() {
            return Ok(page);
        }
        let Some(draft) = draft_of(&page.path) else {
            return Err(Why::unseen("开始填写申请", page.short()));
        };
        let page = from_the_first(play, page, &draft).await?;
        play.begun(Thing {
            name: self.name.clone().unwrap_or_default(),
            item: self.start.clone(),
            draft,
            case: None,
        });
        let mut left = Left {
            answers: play.fill_values(&self.answers)?,
            fields: play.fill_values(&self.fill)?,
            files: self.files.clone(),
        };
        self.walk(play, page, &mut left).await
    }
}

impl Start {
    /// Where it begins, and what is sent there.
    async fn door(&self, play: &mut Play<'_>) -> Result<(String, Vec<(String, String)>), Why> {
        let code = &self.start;
        if play.door() == Door::Citizen {
            return Ok((format!("/items/{code}/apply"), Vec::new()));
        }
        let mut sent = Vec::new();
        if let Some(which) = &self.about {
            let register = play.about(code)?;
            let record = register::only(play, &register, which).await?;
            sent.push(("about".to_owned(), last_part(&record).to_owned()));
        }
        Ok((format!("/workbench/start/{code}"), sent))
    }

    /// From page to page until everything is said, or a page does not let on.
    async fn walk(&self, play: &mut Play<'_>, first: Page, left: &mut Left) -> Result<Page, Why> {
        let mut page = first;
        for _ in 0..MOST_PAGES {
            let step = last_part(&page.path).to_owned();
            let next = match step.as_str() {
                "materials" => {
                    let handed = std::mem::take(&mut left.files);
                    let (page, missing) = hand_in(play, page, &handed).await?;
                    left.files = missing;
                    match page.is_refusal() {
                        true => return Ok(page),
                        false => go_on(play, &page).await?,
                    }
                }
                "confirm" => return self.end(play, page, left).await,
                "questions" => fill_page(play, &page, &mut left.answers).await?,
                _ => match Form::find(&page, |form| form.has_button(SUBMIT)) {
                    Some(form) => return self.short(play, (page, form), left).await,
                    None => fill_page(play, &page, &mut left.fields).await?,
                },
            };
            if next.is_refusal() {
                return self.stuck(play, next).await;
            }
            page = next;
        }
        Err(Why::unseen("填到最后一页", page.short()))
    }

    /// Whoever does not want to submit keeps what is filled in and leaves.
    async fn stuck(&self, play: &mut Play<'_>, page: Page) -> Result<Page, Why> {
        if self.submit {
            return Ok(page);
        }
        match (
            Form::find(&page, |form| form.has_button("save")),
            page.link(LATER),
        ) {
            (_, Some(away)) => play.get(&away).await,
            (Some(form), None) => play.press(&form, "save").await,
            (None, None) => Ok(page),
        }
    }

    /// All of it is one page.
    async fn short(
        &self,
        play: &mut Play<'_>,
        (mut page, mut form): (Page, Form),
        left: &mut Left,
    ) -> Result<Page, Why> {
        let fits = |form: &Form| form.has_button(SUBMIT);
        (page, form) = listed(play, (page, form), &left.fields, fits).await?;
        play.set(&mut form, &left.fields, &page)?;
        left.fields = Values::default();
        self.all_said(&page, left)?;
        let button = match self.submit {
            true => SUBMIT,
            false => "save",
        };
        let path = place(&page.path).to_owned();
        let mut done = play.press(&form, button).await?;
        // What has only appeared by that is asked once more.
        if !done.is_refusal()
            && place(&done.path) == path
            && let Some(form) = Form::find(&done, fits)
        {
            done = play.press(&form, button).await?;
        }
        if self.submit {
            filed(play, &done).await?;
        }
        Ok(done)
    }

    async fn end(&self, play: &mut Play<'_>, page: Page, left: &Left) -> Result<Page, Why> {
        self.all_said(&page, left)?;
        if !self.submit {
            return Ok(page);
        }
        let Some(form) = Form::find(&page, |form| form.action.ends_with("/confirm")) else {
            return Err(Why::unseen("能够提交", page.short()));
        };
        let done = play.press(&form, "").await?;
        filed(play, &done).await?;
        Ok(done)
    }

    /// Errors: something that no page asked for.
    fn all_said(&self, page: &Page, left: &Left) -> Result<(), Why> {
        let all = [&left.answers, &left.fields, &left.files];
        let unused = all.iter().flat_map(|values| &values.0);
        let unused: Vec<&str> = unused.map(|(name, _)| name.as_str()).collect();
        match unused.is_empty() {
            true => Ok(()),
            false => {
                let expected = format!("填写时能见到 {}", unused.join("、"));
                Err(Why::unseen(expected, page.short()))
            }
        }
    }
}

/// A draft opens where something is missing; a scenario goes through all of it.
async fn from_the_first(play: &mut Play<'_>, page: Page, draft: &str) -> Result<Page, Why> {
    let Some((before, _)) = page.path.split_once(draft) else {
        return Ok(page);
    };
    let base = format!("{before}{draft}/");
    let steps = page.all(&format!("ol.tb-steps > li:first-child a[href^='{base}']"));
    match steps.first().and_then(|link| link.attribute("href")) {
        Some(first) => play.get(first).await,
        None => Ok(page),
    }
}

/// Keeps the case that came of it, unless it was refused.
async fn filed(play: &mut Play<'_>, done: &Page) -> Result<(), Why> {
    if done.is_refusal() {
        return Ok(());
    }
    let id = last_part(&done.path).to_owned();
    let shown = play.get(&format!("/api/v1/cases/{id}")).await?;
    let shown = shown.json();
    let number = shown["number"].as_str().unwrap_or_default().to_owned();
    play.filed(Case { id, number });
    Ok(())
}

/// `/me/drafts/ID/STEP`, `/workbench/drafts/ID/STEP`
fn draft_of(path: &str) -> Option<String> {
    let (_, rest) = path.split_once("/drafts/")?;
    rest.split('/').next().map(str::to_owned)
}

fn last_part(path: &str) -> &str {
    let path = place(path);
    path.rsplit('/').next().unwrap_or(path)
}

/// Fills in what this page asks for, and presses on. What appears only by that is filled in too.
async fn fill_page(play: &mut Play<'_>, page: &Page, left: &mut Values) -> Result<Page, Why> {
    let (mut page, path) = (page.clone(), place(&page.path).to_owned());
    let mut filled = BTreeSet::new();
    loop {
        let fits = |form: &Form| form.has_button("next");
        let Some(form) = Form::find(&page, fits) else {
            return Err(Why::unseen("有“下一步”", page.short()));
        };
        let (shown, mut form) = listed(play, (page, form), left, fits).await?;
        page = shown;
        let mut news = false;
        for (name, values) in &left.0 {
            if form.has(name) {
                let set = form.set(name, values);
                set.map_err(|words| Why::unseen(words, page.short()))?;
                news |= filled.insert(name.clone());
            }
        }
        let next = play.press(&form, "next").await?;
        let again = place(&next.path) == path;
        let ends = next.is_refusal() && Form::find(&next, fits).is_none();
        if !again || ends || (next.is_refusal() && !news) {
            left.0.retain(|(name, _)| !filled.contains(name));
            return Ok(next);
        }
        // What has only appeared is asked once more.
        if !news && next.path == page.path {
            return Err(Why::unseen("下一页", next.short()));
        }
        page = next;
    }
}

/// To the next page, where nothing is filled in.
async fn go_on(play: &mut Play<'_>, page: &Page) -> Result<Page, Why> {
    match Form::find(page, |form| form.has_button("next")) {
        Some(form) => play.press(&form, "next").await,
        None => Err(Why::unseen("有“下一步”", page.short())),
    }
}

/// Without what stands behind the address of the page.
fn place(path: &str) -> &str {
    path.split(['?', '#']).next().unwrap_or(path)
}
