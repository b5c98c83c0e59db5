//! `task`: an officer takes a task out of the queue, opens the case from there and decides with a button of the page. Where
//! that is to be refused, somebody who does not find it in his queue attempts it all the same.

use async_trait::async_trait;
use serde::Deserialize;

use super::Verb;
use crate::form::Form;
use crate::page::Page;
use crate::play::Play;
use crate::report::Why;
use crate::sights::queue;
use crate::values::Values;
use crate::visitor::Sent;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Task {
    /// The name of the step, as it stands in the queue.
    task: String,
    /// The button: its value or its words.
    decide: String,
    opinion: Option<String>,
    correct: Option<Correct>,
    /// What is written down with the decision, by the names that the flow gives.
    #[serde(default)]
    entries: Values,
}

/// What is wrong, by field and by material.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Correct {
    #[serde(default)]
    fields: Values,
    #[serde(default)]
    materials: Values,
}

#[async_trait]
impl Verb for Task {
    async fn act(&self, play: &mut Play<'_>) -> Result<Page, Why> {
        let number = play.case()?.number.clone();
        let rows = queue::rows(play).await?;
        let waiting = rows
            .iter()
            .find(|row| row.step == self.task && row.number == number);
        let Some(row) = waiting else {
            if play.to_be_refused
                && let Some(page) = self.attempted(play).await?
            {
                return Ok(page);
            }
            let expected = format!("待办里有“{}”{number}", self.task);
            return Err(Why::unseen(expected, queue::told(&rows)));
        };
        let page = play.get(&row.href).await?;
        if page.is_refusal() {
            return Ok(page);
        }
        let Some(mut form) = Form::find(&page, |form| form.id == "task") else {
            return Err(Why::unseen("有办理的表单", page.short()));
        };
        if !form.has_button(&self.decide) {
            let expected = format!("可以选择“{}”", self.decide);
            return Err(Why::unseen(expected, format!("可选：{}", form.buttons())));
        }
        // A scenario says itself which case is next.
        if form.has("then") {
            let stays = form.set("then", &["false".to_owned()]);
            stays.map_err(Why::Broken)?;
        }
        play.set(&mut form, &self.typed(), &page)?;
        let page = play.press(&form, &self.decide).await?;
        self.confirmed(play, page).await
    }
}

impl Task {
    /// What the page asks before a decision is read, and the same pressed again.
    async fn confirmed(&self, play: &mut Play<'_>, page: Page) -> Result<Page, Why> {
        match Form::find(&page, |form| form.id == "ask") {
            Some(mut form) if form.has_button(&self.decide) => {
                play.set(&mut form, &self.entered(), &page)?;
                play.press(&form, &self.decide).await
            }
            _ => Ok(page),
        }
    }

    /// Whoever does not find the task sends what its page would: none where no such step is open or it has no such button.
    async fn attempted(&self, play: &mut Play<'_>) -> Result<Option<Page>, Why> {
        let open = play.open_tasks().await?;
        let Some(task) = open.into_iter().find(|task| task.name == self.task) else {
            return Ok(None);
        };
        let mut decisions = task.decisions.into_iter();
        let named = decisions.find(|(value, words)| *value == self.decide || *words == self.decide);
        let Some((value, _)) = named else {
            return Ok(None);
        };
        let opinion = self.opinion.clone().unwrap_or_default();
        let fields = [("decision", value), ("opinion", opinion)];
        let fields = fields.map(|(name, text)| (name.to_owned(), text));
        let path = format!("/workbench/tasks/{}", task.id);
        play.visit(&path, Some(Sent::form(&fields))).await.map(Some)
    }

    fn entered(&self) -> Values {
        let entries = self.entries.0.iter();
        let named = entries.map(|(name, words)| (format!("entry.{name}"), words.clone()));
        Values(named.collect())
    }

    /// Fields of the page and what is written into them.
    fn typed(&self) -> Values {
        let opinion = self.opinion.iter();
        let opinion = opinion.map(|words| ("opinion".to_owned(), vec![words.clone()]));
        let nothing = Correct::default();
        let correct = self.correct.as_ref().unwrap_or(&nothing);
        let of = |values: &Values, prefix: &str| {
            let named = values.0.iter();
            let typed = named.map(|(name, words)| (format!("{prefix}{name}"), words.clone()));
            typed.collect::<Vec<_>>()
        };
        let fields = of(&correct.fields, "problem./");
        let materials = of(&correct.materials, "material.");
        Values(opinion.chain(fields).chain(materials).collect())
    }
}
