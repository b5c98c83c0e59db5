//! Records that are read as pages: which of them today, in what order, for whom. What is published is remembered until
//! the register changes; nothing else of it is.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value as Json};
use tongban_base::{Actor, Ctx, Date, Problem, Result, Timestamp, date_words};
use tongban_expressions::Values;
use tongban_operations::{GuideLink, GuidePage, Guides};
use tongban_store::{Cursor, Fut, KeyPage, Tx};

use crate::definition::{Publish, RegisterDefinition};
use crate::model::{FileValue, RecordId};
use crate::registers::Registers;
use crate::store::published::{self, Stamp};

const PAGE: usize = 20;
/// Pages of one register; older ones are no longer found.
const MOST: i64 = 2000;
/// On the page where a visitor begins.
const HIGHLIGHTS: usize = 5;

/// A record as a page.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub id: RecordId,
    pub version: i64,
    pub title: String,
    pub body: String,
    pub date: Date,
    pub until: Option<Date>,
    pub pinned: bool,
    /// Its value, and what that is called.
    pub category: (String, String),
    pub links: Vec<GuideLink>,
    pub files: Map<String, Json>,
}

/// What is published of a register, as it was when the register had this stamp.
#[derive(Default)]
pub(crate) struct Remembered(Mutex<HashMap<String, Written>>);

/// By its stamp.
type Written = (Stamp, Arc<Vec<Entry>>);

/// What a visitor asks for; empty parts do not narrow.
#[derive(Clone, Debug, Default)]
pub(crate) struct PageQuery {
    pub words: String,
    pub category: String,
    pub cursor: Option<Cursor>,
}

impl Publish {
    pub(crate) fn is_for(&self, actor: &Actor) -> bool {
        match &self.roles {
            None => true,
            Some(roles) => roles.iter().any(|role| actor.has_role(role)),
        }
    }
}

impl Entry {
    fn is_out(&self, today: Date) -> bool {
        self.date <= today && self.until.is_none_or(|until| today <= until)
    }

    fn says(&self, words: &str) -> bool {
        let words = words.to_lowercase();
        self.title.to_lowercase().contains(&words) || self.body.to_lowercase().contains(&words)
    }

    pub(crate) fn paragraphs(&self) -> Vec<String> {
        let lines = self.body.lines().map(str::trim);
        lines
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// Whether something stands below the text besides pictures.
    pub(crate) fn has_more(&self) -> bool {
        self.links.iter().any(|link| !link.is_picture)
    }

    pub(crate) fn when(&self) -> String {
        date_words(self.date)
    }
}

impl Registers {
    /// The register that is published there, if this visitor may read it. Errors: not found for everybody else.
    pub(crate) fn published_at(
        &self,
        ctx: &Ctx,
        (path, is_public): (&str, bool),
    ) -> Result<(&RegisterDefinition, &Publish)> {
        let all = self.definitions().iter();
        let mut all = all.filter_map(|d| Some((d, d.publish.as_ref()?)));
        let found = all.find(|(_, p)| p.path() == path && p.is_public() == is_public);
        let found = found.filter(|(_, publish)| publish.is_for(&ctx.actor));
        found.ok_or_else(Problem::not_found)
    }

    /// Those that are out today: the pinned ones first, then the newest.
    pub(crate) async fn entries(
        &self,
        definition: &RegisterDefinition,
        today: Date,
    ) -> Result<Vec<Entry>> {
        let input = (self.clone(), definition.code.clone());
        let read = self.db().read(input, move |tx, (registers, code)| {
            Box::pin(async move {
                let definition = registers.definition(code)?;
                let publish = definition.publish.as_ref();
                let publish = publish.ok_or_else(Problem::not_found)?;
                registers.entries_in(tx, (definition, publish), today).await
            })
        });
        read.await
    }

    /// The same in a transaction.
    async fn entries_in(
        &self,
        tx: &mut Tx,
        (definition, publish): (&RegisterDefinition, &Publish),
        today: Date,
    ) -> Result<Vec<Entry>> {
        let stamp = published::stamp(tx, &definition.code).await?;
        let all = match self.remembered().get(&definition.code, &stamp) {
            Some(all) => all,
            None => self.compiled(tx, (definition, publish), stamp).await?,
        };
        Ok(all
            .iter()
            .filter(|entry| entry.is_out(today))
            .cloned()
            .collect())
    }

    async fn compiled(
        &self,
        tx: &mut Tx,
        (definition, publish): (&RegisterDefinition, &Publish),
        stamp: Stamp,
    ) -> Result<Arc<Vec<Entry>>> {
        let mut entries = Vec::new();
        for row in published::all(tx, &definition.code, MOST).await? {
            let data = self.open_data(row.id, &row.data)?;
            let found = entry(definition, publish, (row.id, row.created_at), data);
            entries.extend(found.map(|entry| Entry {
                version: row.version,
                ..entry
            }));
        }
        entries.sort_by_key(|entry| Reverse((entry.pinned, entry.date, entry.id)));
        let entries = Arc::new(entries);
        self.remembered().keep(&definition.code, stamp, &entries);
        Ok(entries)
    }

    pub(crate) async fn list_pages(
        &self,
        definition: &RegisterDefinition,
        query: &PageQuery,
        today: Date,
    ) -> Result<KeyPage<Entry>> {
        let words = query.words.trim();
        let mut entries = self.entries(definition, today).await?;
        entries.retain(|entry| {
            (query.category.is_empty() || entry.category.0 == query.category)
                && (words.is_empty() || entry.says(words))
        });
        Ok(paged(entries, query.cursor.as_ref()))
    }

    /// Errors: not found for whatever is not out.
    pub(crate) async fn page_of(
        &self,
        definition: &RegisterDefinition,
        id: RecordId,
        today: Date,
    ) -> Result<Entry> {
        let entries = self.entries(definition, today).await?;
        let found = entries.into_iter().find(|entry| entry.id == id);
        found.ok_or_else(Problem::not_found)
    }

    /// The first pages of the registers that stand where this visitor begins.
    pub(crate) async fn highlighted(&self, ctx: &Ctx) -> Result<Vec<(String, Entry)>> {
        let is_staff = ctx.actor.staff.is_some();
        let mut found = Vec::new();
        for definition in self.definitions().iter() {
            let Some(publish) = &definition.publish else {
                continue;
            };
            let here = publish.carousel && publish.is_public() != is_staff;
            if here && publish.is_for(&ctx.actor) {
                let entries = self.entries(definition, ctx.now.date()).await?;
                let base = publish.base();
                let entries = entries.into_iter().take(HIGHLIGHTS);
                found.extend(entries.map(|entry| (format!("{base}/{}", entry.id), entry)));
            }
        }
        found.sort_by_key(|(_, entry)| Reverse((entry.pinned, entry.date, entry.id)));
        found.truncate(HIGHLIGHTS);
        Ok(found)
    }
}

impl Guides for Registers {
    fn of<'a>(
        &'a self,
        tx: &'a mut Tx,
        register: &'a str,
        category: &'a str,
        now: Timestamp,
    ) -> Fut<'a, Vec<GuidePage>> {
        Box::pin(async move {
            let definition = self.definitions().get(register);
            let Some((definition, publish)) =
                definition.and_then(|d| Some((d, d.publish.as_ref()?)))
            else {
                return Ok(Vec::new());
            };
            let of = (definition, publish);
            let entries = self.entries_in(tx, of, now.date()).await?;
            let entries = entries.into_iter().filter(|e| e.category.0 == category);
            let pages = entries.map(|entry| GuidePage {
                record: entry.id.0,
                version: entry.version,
                href: format!("{}/{}", publish.base(), entry.id),
                paragraphs: entry.paragraphs(),
                title: entry.title,
                links: entry.links,
            });
            Ok(pages.collect())
        })
    }
}

impl Remembered {
    fn get(&self, register: &str, stamp: &Stamp) -> Option<Arc<Vec<Entry>>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (then, entries) = all.get(register)?;
        (then == stamp).then(|| Arc::clone(entries))
    }

    fn keep(&self, register: &str, stamp: Stamp, entries: &Arc<Vec<Entry>>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(register.to_owned(), (stamp, Arc::clone(entries)));
    }
}

/// None where the record is not published. A rule that cannot be answered publishes nothing.
fn entry(
    definition: &RegisterDefinition,
    publish: &Publish,
    (id, created_at): (RecordId, Timestamp),
    data: Map<String, Json>,
) -> Option<Entry> {
    let record = Json::Object(data);
    let values = Values::new().with("record", &record);
    let rule = publish.condition.as_ref();
    if !rule.is_none_or(|rule| rule.evaluate_bool(&values).unwrap_or(false)) {
        return None;
    }
    let text = |field: &Option<String>| {
        let value = field.as_ref().and_then(|field| record.get(field)?.as_str());
        value.unwrap_or_default().to_owned()
    };
    let day = |field: &Option<String>| text(field).parse::<Date>().ok();
    let category = publish.category.as_ref().map_or(String::new(), |field| {
        let value = record.get(field).unwrap_or(&Json::Null);
        definition.words(field, value)
    });
    let pinned = publish
        .pinned
        .as_ref()
        .and_then(|field| record.get(field)?.as_bool());
    Some(Entry {
        title: text(&Some(publish.title.clone())),
        body: text(&publish.body),
        date: day(&publish.date).unwrap_or_else(|| created_at.date()),
        until: day(&publish.until),
        pinned: pinned.unwrap_or(false),
        category: (text(&publish.category), category),
        links: links(definition, &record, &format!("{}/{id}", publish.base())),
        files: files(definition, &record),
        version: 0,
        id,
    })
}

/// Links and files, in the order of the register.
fn links(definition: &RegisterDefinition, record: &Json, here: &str) -> Vec<GuideLink> {
    let links = definition.names.iter().filter_map(|name| {
        let value = record.get(name)?;
        if definition.is_link(name) {
            return Some(GuideLink {
                title: definition.title_of(name).to_owned(),
                href: value.as_str()?.to_owned(),
                is_picture: false,
            });
        }
        definition.file(name)?;
        let file = FileValue::of(value)?;
        Some(GuideLink {
            is_picture: file.media_type.starts_with("image/"),
            title: shown_name(definition, name, &file),
            href: format!("{here}/files/{name}"),
        })
    });
    links.collect()
}

/// A picture is called after its field: what a file on somebody's telephone is called is nobody else's concern.
pub(crate) fn shown_name(definition: &RegisterDefinition, field: &str, file: &FileValue) -> String {
    match file.media_type.strip_prefix("image/") {
        Some(kind) => format!("{}.{kind}", definition.title_of(field)),
        None => file.name.clone(),
    }
}

fn files(definition: &RegisterDefinition, record: &Json) -> Map<String, Json> {
    let files = definition.files.iter();
    let files = files.filter_map(|file| Some((file.name.clone(), record.get(&file.name)?.clone())));
    files.collect()
}

/// The page after, or before, the one that a cursor names.
fn paged(entries: Vec<Entry>, cursor: Option<&Cursor>) -> KeyPage<Entry> {
    let named = cursor.and_then(|cursor| cursor.keys.first()?.as_str()?.parse::<RecordId>().ok());
    let at = named.and_then(|id| entries.iter().position(|entry| entry.id == id));
    let fetched: Vec<Entry> = match (at, cursor.is_some_and(|cursor| cursor.backward)) {
        (Some(at), true) => {
            let before = entries.into_iter().take(at);
            let mut before: Vec<Entry> = before.collect();
            before.reverse();
            before.into_iter().take(PAGE + 1).collect()
        }
        (Some(at), false) => entries.into_iter().skip(at + 1).take(PAGE + 1).collect(),
        (None, _) => {
            // What the cursor named is no longer out: the list begins anew.
            let first: Vec<Entry> = entries.into_iter().take(PAGE + 1).collect();
            return KeyPage::new(first, PAGE, None, key);
        }
    };
    KeyPage::new(fetched, PAGE, cursor, key)
}

fn key(entry: &Entry) -> Vec<Json> {
    vec![entry.id.to_string().into()]
}
