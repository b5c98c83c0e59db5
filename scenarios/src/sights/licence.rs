//! `licence`: what somebody holds of a kind, as the holder's own pages show it.

use async_trait::async_trait;
use serde::Deserialize;
use tongban_base::{Date, date_words};

use super::{Sight, facts};
use crate::page::folded;
use crate::play::Play;
use crate::report::Why;
use crate::values::Values;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Licence {
    /// The kind's code.
    licence: String,
    /// As the page says it; without it, whatever there is.
    status: Option<String>,
    /// The last day.
    valid_to: Option<String>,
    /// Titles of the face and what stands there.
    #[serde(default)]
    face: Values,
    /// How many such licences there are; without it, at least one.
    rows: Option<usize>,
}

/// A row of the holder's list.
struct Held {
    href: String,
    validity: String,
    status: String,
}

#[async_trait]
impl Sight for Licence {
    fn check(&self) -> Result<(), String> {
        if self.rows.is_some_and(|rows| rows != 1) && !self.face.0.is_empty() {
            return Err("看照面时，证照只能有一张".to_owned());
        }
        Ok(())
    }

    async fn look(&self, play: &mut Play<'_>) -> Result<(), Why> {
        let all = held(play, &self.licence).await?;
        let told = told(&all);
        let mut fitting = Vec::new();
        for held in all {
            let status = self
                .status
                .as_ref()
                .is_none_or(|status| held.status == *status);
            if status && self.ends(play, &held)? {
                fitting.push(held);
            }
        }
        let right = match self.rows {
            Some(rows) => fitting.len() == rows,
            None => !fitting.is_empty(),
        };
        if !right {
            return Err(Why::unseen(self.expected(), told));
        }
        match (fitting.first(), self.face.0.is_empty()) {
            (Some(held), false) => self.face(play, &held.href.clone()).await,
            _ => Ok(()),
        }
    }
}

impl Licence {
    fn ends(&self, play: &Play<'_>, held: &Held) -> Result<bool, Why> {
        let Some(day) = &self.valid_to else {
            return Ok(true);
        };
        let day = play.fill(day)?;
        let words = day.parse::<Date>().map_or(day, date_words);
        Ok(held.validity.ends_with(&words))
    }

    fn expected(&self) -> String {
        let mut words = vec![format!("证照 {}", self.licence)];
        words.extend(self.status.clone());
        words.extend(self.valid_to.iter().map(|day| format!("有效期至 {day}")));
        words.extend(self.rows.map(|rows| format!("{rows} 张")));
        words.join("，")
    }

    async fn face(&self, play: &mut Play<'_>, href: &str) -> Result<(), Why> {
        let page = play.get(href).await?;
        let shown = facts(&page);
        for (title, wanted) in &play.fill_values(&self.face)?.0 {
            let wanted = wanted.join("、");
            let found = shown.iter().find(|(name, _)| name == title);
            if found.is_none_or(|(_, words)| folded(words) != folded(&wanted)) {
                let expected = format!("照面的“{title}”是“{wanted}”");
                let found = found.map_or("没有这一项", |(_, words)| words);
                return Err(Why::unseen(expected, found));
            }
        }
        Ok(())
    }
}

/// The file of the licence that counts.
pub(crate) async fn file(play: &mut Play<'_>, code: &str, format: &str) -> Result<String, Why> {
    let all = held(play, code).await?;
    match all.first() {
        Some(first) => Ok(format!("{}/{format}", first.href.trim_start_matches("/me"))),
        None => Err(Why::unseen(format!("持有证照 {code}"), told(&all))),
    }
}

async fn held(play: &mut Play<'_>, code: &str) -> Result<Vec<Held>, Why> {
    let title = play.title("licences", code)?;
    let page = play.get("/me/licences").await?;
    if page.is_refusal() {
        return Err(Why::unseen("能看自己的证照", page.short()));
    }
    let column = |label: &str| page.all(&format!("tbody td[data-label={label}]"));
    let links = page.all("tbody td[data-label=证照] a");
    let rows = links.into_iter().zip(column("有效期")).zip(column("状态"));
    let own = rows.filter(|((link, _), _)| link.text == title);
    let held = own.map(|((link, validity), status)| Held {
        href: link.attribute("href").unwrap_or_default().to_owned(),
        validity: validity.text,
        status: status.text,
    });
    Ok(held.collect())
}

fn told(all: &[Held]) -> String {
    let rows = all
        .iter()
        .map(|held| format!("{}，{}", held.status, held.validity));
    let rows: Vec<String> = rows.collect();
    match rows.is_empty() {
        true => "没有这种证照".to_owned(),
        false => rows.join("；"),
    }
}
