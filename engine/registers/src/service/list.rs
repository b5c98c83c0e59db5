//! Pages of a register for staff: by words and by the filters of its definition, only what the officer may see.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use tongban_audit::{Entry, attempt};
use tongban_base::{Ctx, Result, typed};

use crate::audit;
use crate::definition::{FilterKind, RegisterDefinition};
use crate::model::ListRow;
use crate::permissions::Doing;
use crate::registers::Registers;
use crate::store::list::{self, Condition, Wanted};
use crate::store::records::RecordRow;
use tongban_store::{Cursor, KeyPage};

const PAGE: usize = 20;

/// What an officer asks for; empty parts do not narrow.
#[derive(Clone, Debug, Default)]
pub struct ListQuery {
    /// The key, or a part of the title.
    pub words: String,
    /// By field name; fields that the definition does not filter by are left out.
    pub filters: BTreeMap<String, String>,
    pub cursor: Option<Cursor>,
}

impl Registers {
    /// Errors: not found for an unknown register, forbidden where nothing of it may be read.
    pub async fn list(
        &self,
        ctx: &Ctx,
        register: &str,
        query: &ListQuery,
    ) -> Result<KeyPage<ListRow>> {
        let definition = self.definition(register)?;
        let why = (Doing::Read, audit::LISTED);
        let reach = self.required(ctx, definition, why).await?;
        let wanted = self.wanted(definition, query)?;
        if self.asks_for_a_person(definition, query) {
            let entry = Entry::done(audit::SEARCHED, audit::REGISTER, register)
                .with_detail(json!({ "fields": asked(definition, query) }));
            attempt(self.db(), ctx, self.audit_key(), entry).await?;
        }
        let what = (audit::REGISTER, register.to_owned());
        self.reads()
            .note(ctx, audit::LISTED, what, "浏览台账")
            .await?;
        let filled = asked(definition, query).into_iter();
        let filled = filled.filter_map(|name| query.filters.get(name).map(String::as_str));
        for words in filled.chain([query.words.as_str()]) {
            self.reads().note_sought(ctx, "台账查询", words).await?;
        }
        let page = (query.cursor.clone(), PAGE);
        let found = self
            .db()
            .read((reach, wanted, page), |tx, (reach, wanted, page)| {
                Box::pin(list::page(tx, reach, wanted, (page.0.as_ref(), page.1)))
            })
            .await?;
        let rows: Result<Vec<ListRow>> = found
            .rows
            .iter()
            .map(|row| self.line(definition, row))
            .collect();
        Ok(KeyPage {
            rows: rows?,
            previous: found.previous,
            next: found.next,
        })
    }

    fn wanted(&self, definition: &RegisterDefinition, query: &ListQuery) -> Result<Wanted> {
        let key = key_of(definition, &query.words);
        let mut wanted = Wanted {
            register: definition.code.clone(),
            title: match key {
                Some(_) => Vec::new(),
                None => typed::sought(&query.words),
            },
            key_digest: key.map(|key| self.key_digest(definition, &key)),
            ..Wanted::default()
        };
        for name in asked(definition, query) {
            let Some(field) = definition.field(name) else {
                continue;
            };
            let text = query.filters.get(name).map_or("", String::as_str);
            wanted.conditions.push(match definition.filter_kind(field) {
                FilterKind::Part => Condition::Has(name.to_owned(), parts(definition, name, text)),
                FilterKind::Choice | FilterKind::Whole => {
                    let kept = definition.kept(name, text);
                    let value = self.stored_value(definition, name, &kept);
                    Condition::Is(name.to_owned(), value)
                }
            });
        }
        Ok(wanted)
    }

    fn asks_for_a_person(&self, definition: &RegisterDefinition, query: &ListQuery) -> bool {
        asked(definition, query)
            .iter()
            .any(|name| definition.sensitive.contains(*name))
            || key_of(definition, &query.words).is_some()
    }

    fn line(&self, definition: &RegisterDefinition, row: &RecordRow) -> Result<ListRow> {
        let data = self.open_data(row.id, &row.data)?;
        let cell = |name: &String| {
            let value = data.get(name).unwrap_or(&Json::Null);
            definition.words(name, value)
        };
        Ok(ListRow {
            id: row.id,
            cells: definition.list.iter().map(cell).collect(),
        })
    }
}

/// The filters that were filled in, of those that the definition has.
fn asked<'d>(definition: &'d RegisterDefinition, query: &ListQuery) -> Vec<&'d str> {
    let filled = |name: &&String| {
        let text = query.filters.get(name.as_str());
        text.is_some_and(|text| !typed::visible(text).is_empty())
    };
    let names = definition.filters.iter().filter(filled);
    names.map(String::as_str).collect()
}

/// A part may be one of the forms of words, or a whole value in the form of its field.
fn parts(definition: &RegisterDefinition, field: &str, text: &str) -> Vec<String> {
    let mut parts = typed::sought(text);
    let kept = definition.kept(field, text);
    if !kept.is_empty() && !parts.contains(&kept) {
        parts.push(kept);
    }
    parts
}

/// A personal number is asked for as a whole; only its digest is stored.
pub(super) fn key_of(definition: &RegisterDefinition, words: &str) -> Option<String> {
    let number = typed::code(words);
    let is_whole = number.len() == 18 && number.is_ascii();
    (is_whole && definition.sensitive.contains(&definition.key)).then_some(number)
}
