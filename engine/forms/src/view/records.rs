//! Choosing records on a page: what is chosen, what is offered beside it, and a box to look for others. Buttons and
//! boxes that begin with `_` are read by whoever shows the page (`Sought`).

use serde_json::Value;

use super::OptionView;
use crate::offer::ids;
use crate::{Field, FieldKind, Known, OfferedRecord};

/// The box in which others are looked for, and what was found.
#[derive(Clone, Debug)]
pub struct RecordsView {
    /// Several may be chosen.
    pub many: bool,
    /// Only where there are more than the page lists.
    pub searchable: bool,
    pub sought: String,
    /// What came of it, in words.
    pub status: String,
}

impl RecordsView {
    pub(crate) fn of(field: &Field, known: &Known) -> Option<Self> {
        if !field.kind.is_record() {
            return None;
        }
        let offer = known.offers.get(&field.name).cloned().unwrap_or_default();
        let count = offer.listed.len();
        let status = match (offer.sought.is_empty(), count, offer.more) {
            (true, 0, _) => "现在没有可以选的记录".to_owned(),
            (true, _, false) => String::new(),
            (true, _, true) => {
                format!("先列出 {count} 条；没有要选的，请输入名称的一部分查找")
            }
            (false, 0, _) => format!("没有找到“{}”，请换个词再查", offer.sought),
            (false, _, false) => format!("找到 {count} 条"),
            (false, _, true) => format!("找到的很多，先列出 {count} 条；请把名称写得更完整"),
        };
        Some(Self {
            many: field.kind == FieldKind::Records,
            searchable: offer.more || !offer.sought.is_empty(),
            sought: offer.sought,
            status,
        })
    }
}

/// What is chosen comes first and stays to be seen, whatever was looked for.
pub(crate) fn record_options(
    field: &Field,
    known: &Known,
    id: &str,
    value: &Value,
    required: bool,
) -> Vec<OptionView> {
    let offer = known.offers.get(&field.name);
    let (found, listed): (&[OfferedRecord], &[OfferedRecord]) = match offer {
        Some(offer) => (&offer.found, &offer.listed),
        None => (&[], &[]),
    };
    let chosen = ids(value);
    let mut options: Vec<OptionView> = Vec::new();
    let mut add = |value: &str, title: String, note: String, chosen: bool| {
        options.push(OptionView {
            id: match options.len() {
                0 => id.to_owned(),
                at => format!("{id}-{}", at + 1),
            },
            value: value.to_owned(),
            title,
            note,
            chosen,
        });
    };
    for (at, id) in chosen.iter().enumerate() {
        let known = found.iter().chain(listed).find(|record| record.id == *id);
        match known {
            Some(record) => add(id, record.title.clone(), note(record), true),
            None => {
                let item = value.get(at).unwrap_or(value);
                let title = match field.words(item) {
                    title if title.is_empty() => "所选的记录".to_owned(),
                    title => title,
                };
                add(id, title, "已经注销，或者不能选".to_owned(), true);
            }
        }
    }
    for record in listed.iter().filter(|r| !chosen.contains(&r.id.as_str())) {
        add(&record.id, record.title.clone(), note(record), false);
    }
    if field.kind == FieldKind::Record && !required && !options.is_empty() {
        let nothing = chosen.is_empty();
        options.push(OptionView {
            id: format!("{id}-none"),
            value: String::new(),
            title: "不选".to_owned(),
            note: String::new(),
            chosen: nothing,
        });
    }
    options
}

fn note(record: &OfferedRecord) -> String {
    let words = record.words.iter().filter(|words| !words.is_empty());
    words.map(String::as_str).collect::<Vec<_>>().join("，")
}
