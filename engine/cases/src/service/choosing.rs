//! Choosing a record in a field of the form: what was chosen is found again wherever the form is read, and a page lists
//! what can be chosen. A look-up says itself who is offered what; of a register whoever chooses is offered what he may read.

use serde_json::Value as Json;
use tongban_base::{Ctx, Problem, Result, Uuid};
use tongban_forms::{Field, Input, Offer, OfferedRecord, Offers, Sought};
use tongban_operations::{Asked, Choosable, Choosing, Records, Wanted};
use tongban_procedures::{Facts, Lookup, ProcedureRelease};
use tongban_store::Tx;

use crate::audit;
use crate::desk::Desk;
use crate::service::applying::{Application, values_of};

/// A page lists so many.
const LISTED: usize = 20;
/// So many are looked at for a page whose look-up has a condition.
const MOST_LOOKED_AT: usize = 400;
/// Of one field.
const MOST_CHOSEN: usize = 200;

/// From where a field offers records, as far as it is known what is asked for.
struct From<'a> {
    lookup: Option<&'a Lookup>,
    register: &'a str,
    key: Option<String>,
    asked: Asked<'a>,
    reader: Option<&'a Ctx>,
}

impl<'a> From<'a> {
    /// None while the key of the look-up is not known: then there is nothing to choose.
    fn of(
        field: &'a Field,
        (release, reader): (&'a ProcedureRelease, Option<&'a Ctx>),
        asked: Asked<'a>,
    ) -> Option<Self> {
        let from = field.from.as_deref()?;
        let lookup = release.offering(from);
        Some(Self {
            key: match lookup {
                Some(lookup) => Some(lookup.key(asked)?),
                None => None,
            },
            register: lookup.map_or(from, |lookup| lookup.register.as_str()),
            reader: reader.filter(|_| lookup.is_none()),
            lookup,
            asked,
        })
    }

    fn choosing(&self) -> Choosing<'_> {
        let field = self.lookup.map(|lookup| lookup.field.as_str());
        Choosing {
            register: self.register,
            key: field.zip(self.key.as_deref()),
            reader: self.reader,
            columns: self.lookup.map_or(&[], |lookup| &lookup.columns),
        }
    }

    /// A record as the form knows it, if it fits.
    fn offered(&self, record: Choosable) -> Option<OfferedRecord> {
        let columns = match self.lookup {
            Some(lookup) => lookup.fitting(self.asked, vec![record.data]).pop()?,
            None => Json::Object(record.data),
        };
        let Json::Object(columns) = columns else {
            return None;
        };
        Some(OfferedRecord {
            id: record.id.to_string(),
            number: record.number,
            title: record.title,
            columns,
            words: record.words,
        })
    }

    async fn one(
        &self,
        tx: &mut Tx,
        records: &dyn Records,
        id: &str,
    ) -> Result<Option<OfferedRecord>> {
        let Ok(id) = id.parse::<Uuid>() else {
            return Ok(None);
        };
        let found = records.chosen(tx, self.choosing(), id).await?;
        Ok(found.and_then(|found| self.offered(found)))
    }

    async fn list(&self, tx: &mut Tx, records: &dyn Records, words: &str) -> Result<Offer> {
        let mut offer = Offer {
            sought: words.to_owned(),
            ..Offer::default()
        };
        let (mut after, mut looked_at) = (None, 0);
        while looked_at < MOST_LOOKED_AT {
            let limit = LISTED + 1;
            let wanted = Wanted {
                words,
                after,
                limit,
            };
            let found = records.choosable(tx, self.choosing(), wanted).await?;
            let found = found.unwrap_or_default();
            let is_last = found.len() < limit;
            looked_at += found.len();
            after = found.last().map(|last| last.id);
            let fitting = found.into_iter().filter_map(|found| self.offered(found));
            offer.listed.extend(fitting);
            offer.more = offer.listed.len() > LISTED || !is_last;
            if is_last || offer.listed.len() > LISTED {
                break;
            }
        }
        offer.listed.truncate(LISTED);
        Ok(offer)
    }
}

/// What is chosen in a form, found again.
pub(crate) async fn found(
    tx: &mut Tx,
    desk: &Desk,
    of: (&ProcedureRelease, Option<&Ctx>),
    asked: Asked<'_>,
    form: &Json,
) -> Result<Offers> {
    let mut offers = Offers::new();
    let Some(records) = desk.brought.records.as_deref() else {
        return Ok(offers);
    };
    let values = values_of(form);
    for field in of.0.form().choosers() {
        let mut offer = Offer::default();
        if let Some(from) = From::of(field, of, asked) {
            let chosen = of.0.form().chosen(field, &values).into_iter();
            for id in chosen.take(MOST_CHOSEN) {
                offer.found.extend(from.one(tx, records, &id).await?);
            }
        }
        offers.insert(field.name.clone(), offer);
    }
    Ok(offers)
}

fn asked<'a>(release: &'a ProcedureRelease, facts: &'a Facts) -> Asked<'a> {
    Asked {
        person: &facts.person,
        record: &facts.record,
        form: &Json::Null,
        parts: release.parts(),
        today: facts.today,
        as_of: facts.today,
    }
}

impl Application {
    /// What was chosen on a page, found before the page is read.
    pub(crate) async fn find_chosen(
        &mut self,
        tx: &mut Tx,
        desk: &Desk,
        reader: &Ctx,
        sent: Input<'_>,
    ) -> Result<()> {
        let form = self.release.form();
        if form.choosers().next().is_none() {
            return Ok(());
        }
        let sent = form.read_draft(sent).map_err(Problem::fields)?;
        let form = self.values().over(&sent).into_json();
        let of = (&self.release, Some(reader));
        self.facts.offers = found(tx, desk, of, asked(&self.release, &self.facts), &form).await?;
        Ok(())
    }
}

/// What a page of some fields lists to choose from; whoever looks for somebody is on record.
pub(crate) async fn offers_of_page(
    desk: &Desk,
    ctx: &Ctx,
    application: &Application,
    fields: &[String],
    sought: &Sought,
) -> Result<Offers> {
    let choosers = application.release.form().choosers();
    let names: Vec<String> = choosers
        .map(|field| field.name.clone())
        .filter(|name| fields.contains(name))
        .collect();
    if names.is_empty() {
        return Ok(application.facts.offers.clone());
    }
    for words in names.iter().filter_map(|name| sought.words.get(name)) {
        desk.reads.note_sought(ctx, "选择台账记录", words).await?;
    }
    for field in application.release.form().choosers() {
        let from = field.from.clone().unwrap_or_default();
        if names.contains(&field.name) {
            let what = (audit::SOURCE, from);
            let purpose = format!("填写“{}”", application.release.procedure().name);
            desk.reads.note(ctx, audit::OFFERED, what, &purpose).await?;
        }
    }
    let input = (
        desk.clone(),
        ctx.clone(),
        application.clone(),
        (names, sought.clone()),
    );
    desk.db
        .read(input, |tx, (desk, ctx, application, (names, sought))| {
            Box::pin(list(tx, desk, ctx, application, (names, sought)))
        })
        .await
}

async fn list(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    application: &Application,
    (names, sought): (&[String], &Sought),
) -> Result<Offers> {
    let mut offers = application.facts.offers.clone();
    let Some(records) = desk.brought.records.as_deref() else {
        return Ok(offers);
    };
    let (release, facts) = (&application.release, &application.facts);
    let choosers = release.form().choosers();
    for field in choosers.filter(|field| names.contains(&field.name)) {
        let Some(from) = From::of(field, (release, Some(ctx)), asked(release, facts)) else {
            continue;
        };
        let words = sought.words.get(&field.name).map_or("", String::as_str);
        let listed = from.list(tx, records, words).await?;
        let offer = offers.entry(field.name.clone()).or_default();
        *offer = Offer {
            found: std::mem::take(&mut offer.found),
            ..listed
        };
    }
    Ok(offers)
}
