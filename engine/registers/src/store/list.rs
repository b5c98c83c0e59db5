//! Pages of records by key, built from what the officer may see.

use tongban_base::Result;
use tongban_store::{Cursor, Key, KeyPage, List, Order, Tx};

use super::records::{RECORDS, RecordRow, of};
use crate::permissions::{Reach, Sight};

/// One condition on a searchable field.
#[derive(Clone, Debug)]
pub(crate) enum Condition {
    Is(String, String),
    /// Any of these is a part of the text, wherever it stands.
    Has(String, Vec<String>),
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    pub register: String,
    /// Any of these is a part of the title; empty for all.
    pub title: Vec<String>,
    pub key_digest: Option<String>,
    /// Any of these is a part of the title, or else the record with this digest of its key.
    pub named: Option<(Vec<String>, String)>,
    pub conditions: Vec<Condition>,
}

const NEWEST_FIRST: Order = Order {
    keys: &[Key::Text("r.id")],
    falling: true,
};

pub(crate) async fn page(
    tx: &mut Tx,
    reach: &Reach,
    wanted: &Wanted,
    at: (Option<&Cursor>, usize),
) -> Result<KeyPage<RecordRow>> {
    let mut list = List::new(RECORDS.select("r"), "register_record r", NEWEST_FIRST);
    list.only("r.deleted_at IS NULL");
    list.equal("r.register", &wanted.register);
    within(&mut list, reach);
    if let Some(digest) = &wanted.key_digest {
        list.equal("r.key_digest", digest);
    }
    if !wanted.title.is_empty() {
        let has = contains(&mut list, "r.title", &wanted.title);
        list.only(has);
    }
    if let Some((title, digest)) = &wanted.named {
        let has = contains(&mut list, "r.title", title);
        let is = list.given(digest);
        list.only(format!("({has} OR r.key_digest = {is})"));
    }
    for condition in &wanted.conditions {
        narrow(&mut list, &wanted.register, condition);
    }
    list.page(tx, at, |tx, row| match tx.fits_at(&RECORDS, row, 0)? {
        true => of(row).map(Some),
        false => Ok(None),
    })
    .await
}

/// Only rows of any of these.
fn within(list: &mut List, reach: &Reach) {
    let mut ways = Vec::new();
    for sight in &reach.0 {
        ways.push(match sight {
            Sight::Everything => "1 = 1".to_owned(),
            Sight::Organisation(own) => format!("r.organisation = {}", list.given(own)),
            Sight::Division(prefix) => below(list, prefix),
            Sight::Office(own, prefix) => {
                let own = list.given(own);
                format!("r.organisation = {own} AND {}", below(list, prefix))
            }
            Sight::Own(account) => format!(
                "r.id IN (SELECT h.record_id FROM register_holder h WHERE h.account = {})",
                list.given(*account)
            ),
        });
    }
    if ways.is_empty() {
        ways.push("1 = 0".into());
    }
    list.only(format!("({})", ways.join(" OR ")));
}

fn below(list: &mut List, prefix: &str) -> String {
    let first = list.given(format!("{prefix:0<12}"));
    let last = list.given(format!("{prefix:9<12}"));
    format!("r.division >= {first} AND r.division <= {last}")
}

/// Found once for the whole list, not once for each record: a planner that knows no statistics must not have a choice.
fn narrow(list: &mut List, register: &str, condition: &Condition) {
    let (Condition::Is(field, _) | Condition::Has(field, _)) = condition;
    let (register, field) = (list.given(register), list.given(field));
    let fits = match condition {
        Condition::Has(_, parts) => contains(list, "v.value", parts),
        Condition::Is(_, value) => format!("v.value = {}", list.given(value)),
    };
    list.only(format!(
        "r.id IN (SELECT v.record_id FROM register_value v
                  WHERE v.register = {register} AND v.field = {field} AND {fits})"
    ));
}

/// Any of these texts; of none, every column. The wild cards of LIKE are meant as they are written.
fn contains(list: &mut List, column: &str, texts: &[String]) -> String {
    if texts.is_empty() {
        return "1 = 1".into();
    }
    let mut ways = Vec::with_capacity(texts.len());
    for text in texts {
        let escaped: String = text
            .chars()
            .flat_map(|c| match c {
                '%' | '_' | '\\' => vec!['\\', c],
                other => vec![other],
            })
            .collect();
        let place = list.given(format!("%{escaped}%"));
        ways.push(format!("{column} LIKE {place} ESCAPE '\\'"));
    }
    format!("({})", ways.join(" OR "))
}
