//! `queue`: what waits for an officer, by the name of the step.

use async_trait::async_trait;
use serde::Deserialize;

use super::Sight;
use crate::play::Play;
use crate::report::Why;

/// Longer lists are not read to their end.
const MOST_PAGES: usize = 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Queue {
    /// The name of the step.
    queue: String,
    /// How many of them wait; without it, the case that it is about is among them.
    rows: Option<usize>,
}

/// A row of the queue.
pub(crate) struct Row {
    pub step: String,
    pub number: String,
    pub href: String,
}

#[async_trait]
impl Sight for Queue {
    async fn look(&self, play: &mut Play<'_>) -> Result<(), Why> {
        let all = rows(play).await?;
        let waiting: Vec<&Row> = all.iter().filter(|row| row.step == self.queue).collect();
        let (seen, expected) = match self.rows {
            Some(count) => {
                let expected = format!("“{}”待办 {count} 件", self.queue);
                (waiting.len() == count, expected)
            }
            None => {
                let number = &play.case()?.number;
                let expected = format!("待办里有“{}”{number}", self.queue);
                (waiting.iter().any(|row| row.number == *number), expected)
            }
        };
        match seen {
            true => Ok(()),
            false => Err(Why::unseen(expected, told(&all))),
        }
    }
}

/// The whole queue of whoever looks.
pub(crate) async fn rows(play: &mut Play<'_>) -> Result<Vec<Row>, Why> {
    let mut found = Vec::new();
    let mut path = "/workbench".to_owned();
    for _ in 0..MOST_PAGES {
        let page = play.get(&path).await?;
        if page.is_refusal() {
            return Err(Why::unseen("能看待办任务", page.short()));
        }
        let cells = |label: &str| page.all(&format!("tbody td[data-label={label}]"));
        let links = page.all("tbody td.tb-cell-main a");
        let steps = page.all("tbody td[data-label=环节] [data-task]");
        let named = steps.into_iter().zip(cells("办件编号"));
        for ((step, number), link) in named.zip(links) {
            found.push(Row {
                step: step.text,
                number: number.text,
                href: link.attribute("href").unwrap_or_default().to_owned(),
            });
        }
        let next = page.all("a[rel=next]").into_iter().next();
        match next.and_then(|link| link.attribute("href").map(str::to_owned)) {
            Some(href) => path = href,
            None => break,
        }
    }
    Ok(found)
}

pub(crate) fn told(rows: &[Row]) -> String {
    let rows = rows
        .iter()
        .map(|row| format!("{} {}", row.step, row.number));
    let rows: Vec<String> = rows.collect();
    match rows.is_empty() {
        true => "没有待办任务".to_owned(),
        false => format!("待办：{}", rows.join("，")),
    }
}
