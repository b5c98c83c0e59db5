//! From what was filled in to what is stored: read by the form, judged by the checks, its places worked out.

use serde_json::{Map, Value as Json};
use tongban_base::{Ctx, Date, FieldError, Problem, Result};
use tongban_expressions::Values;
use tongban_forms::{Input, Known};
use tongban_store::Tx;

use crate::definition::{Count, RegisterDefinition};
use crate::model::{RecordId, RegisterRecord};
use crate::permissions::{Doing, Reach};
use crate::registers::Registers;
use crate::store::records::{self, Places};

/// More of one group than this are not counted.
const MOST_COUNTED: i64 = 1000;

/// The values that may be stored, or all that is wrong with them. `files` are those that the record has.
pub(crate) fn read(
    definition: &RegisterDefinition,
    input: Input<'_>,
    files: Map<String, Json>,
    today: Date,
) -> Result<Map<String, Json>> {
    let values = definition
        .form
        .read(input, &Known::on(today))
        .map_err(Problem::fields)?
        .into_json();
    let Json::Object(mut data) = values else {
        return Err(Problem::internal("a form gave no object"));
    };
    data.extend(files);
    let values = Json::Object(data);
    let faults = definition.faults(&values);
    match values {
        Json::Object(data) if faults.is_empty() => Ok(data),
        _ => Err(Problem::fields(faults)),
    }
}

impl Registers {
    pub(crate) fn key_digest(&self, definition: &RegisterDefinition, key: &str) -> String {
        self.digest(
            &definition.code,
            std::slice::from_ref(&definition.key),
            &[key.to_owned()],
        )
    }

    /// A group of which a value is missing binds nobody.
    pub(crate) fn unique(
        &self,
        definition: &RegisterDefinition,
        group: &[String],
        data: &Map<String, Json>,
    ) -> Option<String> {
        let values: Option<Vec<String>> = group
            .iter()
            .map(|field| definition.keys_of(field, data.get(field)?).first().cloned())
            .collect();
        Some(self.digest(&definition.code, group, &values?))
    }

    pub(crate) fn places(
        &self,
        definition: &RegisterDefinition,
        data: &Map<String, Json>,
    ) -> Places {
        let unique = definition.unique.iter();
        let mut values = Vec::new();
        for field in &definition.searchable {
            let Some(value) = data.get(field) else {
                continue;
            };
            for text in definition.keys_of(field, value) {
                values.push((field.clone(), self.stored_value(definition, field, &text)));
            }
        }
        Places {
            unique: unique
                .filter_map(|group| self.unique(definition, group, data))
                .collect(),
            values,
        }
    }

    /// Personal numbers are looked up by digest and not stored.
    pub(crate) fn stored_value(
        &self,
        definition: &RegisterDefinition,
        field: &str,
        text: &str,
    ) -> String {
        if definition.sensitive.contains(field) {
            let fields = [field.to_owned()];
            self.digest(&definition.code, &fields, &[text.to_ascii_uppercase()])
        } else {
            text.to_owned()
        }
    }

    /// Errors: a field error where another record has what must be unique, or there are as many as there may be.
    pub(crate) async fn must_fit(
        &self,
        tx: &mut Tx,
        definition: &RegisterDefinition,
        data: &Map<String, Json>,
        own: Option<RecordId>,
    ) -> Result<()> {
        self.must_be_free(tx, definition, data, own).await?;
        for count in &definition.counts {
            if count.covers(data)
                && self.others(tx, definition, count, (data, own)).await? >= count.most
            {
                let field = count.fields.first().map_or("", String::as_str);
                let pointer = format!("/{field}");
                let fault = FieldError::new(pointer, "count", count.message.as_str());
                return Err(Problem::fields(vec![fault]));
            }
        }
        Ok(())
    }

    /// How many other records are of the group of this one.
    async fn others(
        &self,
        tx: &mut Tx,
        definition: &RegisterDefinition,
        count: &Count,
        (data, own): (&Map<String, Json>, Option<RecordId>),
    ) -> Result<usize> {
        let Some(value) = data.get(&count.index) else {
            return Ok(0);
        };
        let keys = definition.keys_of(&count.index, value);
        let key = keys.first().map_or("", String::as_str);
        let key = self.stored_value(definition, &count.index, key);
        let (register, field) = (definition.code.as_str(), count.index.as_str());
        let rows = records::with_value(tx, register, field, &key, MOST_COUNTED).await?;
        let mut others = 0;
        for row in rows.into_iter().filter(|row| Some(row.id) != own) {
            let other = self.open_data(row.id, &row.data)?;
            let same = |field: &String| other.get(field) == data.get(field);
            if count.fields.iter().all(same) && count.covers(&other) {
                others += 1;
            }
        }
        Ok(others)
    }

    /// Errors: a field error where another record has what must be unique.
    pub(crate) async fn must_be_free(
        &self,
        tx: &mut Tx,
        definition: &RegisterDefinition,
        data: &Map<String, Json>,
        own: Option<RecordId>,
    ) -> Result<()> {
        for group in &definition.unique {
            let Some(digest) = self.unique(definition, group, data) else {
                continue;
            };
            let holder = records::holder(tx, &definition.code, &digest).await?;
            if holder.is_some_and(|holder| Some(holder) != own) {
                return Err(taken(definition, group));
            }
        }
        Ok(())
    }
}

fn taken(definition: &RegisterDefinition, group: &[String]) -> Problem {
    let titles: Vec<&str> = group
        .iter()
        .filter_map(|name| definition.field(name))
        .map(|field| field.title.as_str())
        .collect();
    let message = format!("台账里已有{}相同的记录，请核对", titles.join("、"));
    let pointer = format!("/{}", group.first().map_or("", String::as_str));
    Problem::fields(vec![FieldError::new(pointer, "taken", message)])
}

/// What a record is called in lists: its first column that is no personal number.
pub(crate) fn title(definition: &RegisterDefinition, data: &Map<String, Json>) -> String {
    let plain = |name: &&String| !definition.sensitive.contains(*name);
    let column = definition.list.iter().find(plain);
    column
        .and_then(|name| Some(definition.words(name, data.get(name)?)))
        .unwrap_or_default()
}

/// Where a record belongs: its own division if it names one, else the officer's.
pub(crate) fn division(
    definition: &RegisterDefinition,
    data: &Map<String, Json>,
    otherwise: &str,
) -> String {
    let named = definition.division_field.as_ref();
    let named = named.and_then(|field| data.get(field)?.as_str());
    named.unwrap_or(otherwise).to_owned()
}

/// An officer's record lies with the organisation that it names, else with the officer's, or stays where it was; within
/// what the officer may write.
pub(crate) fn place_of(
    ctx: &Ctx,
    definition: &RegisterDefinition,
    data: &Map<String, Json>,
    before: Option<&RegisterRecord>,
) -> Result<(String, String)> {
    let staff = ctx.actor.staff.as_ref().ok_or_else(Problem::forbidden)?;
    let (organisation, otherwise) = match before {
        Some(before) => (before.organisation.as_str(), before.division.as_str()),
        None => (staff.organisation.as_str(), staff.division.as_str()),
    };
    let division = division(definition, data, otherwise);
    let organisation = owner(definition, data).unwrap_or(organisation);
    let reach = Reach::of(ctx, definition, Doing::Write);
    let place = (organisation, division.as_str());
    if before.is_some_and(|before| place == (&before.organisation, &before.division))
        || reach.admits_place(place, ctx.actor.account)
    {
        return Ok((organisation.to_owned(), division));
    }
    let within =
        |organisation, division| reach.admits_place((organisation, division), ctx.actor.account);
    let (field, message) = match &definition.owner {
        Some(owner) if !within(organisation, &staff.division) => {
            (owner, "只能登记本单位的记录，请核对")
        }
        _ => {
            let field = definition.division_field.as_ref();
            let field = field.ok_or_else(Problem::forbidden)?;
            (field, "这个区域不归您的单位管理，请核对")
        }
    };
    let fault = FieldError::new(format!("/{field}"), "place", message);
    Err(Problem::fields(vec![fault]))
}

/// The organisation that a record names.
pub(crate) fn owner<'d>(
    definition: &RegisterDefinition,
    data: &'d Map<String, Json>,
) -> Option<&'d str> {
    let named = data.get(definition.owner.as_ref()?)?.as_str();
    named.filter(|named| !named.is_empty())
}

impl Count {
    /// Whether a record is of those that are counted.
    fn covers(&self, data: &Map<String, Json>) -> bool {
        let record = Json::Object(data.clone());
        let values = Values::new().with("record", &record);
        let rule = self.condition.as_ref();
        rule.is_none_or(|rule| rule.evaluate_bool(&values).unwrap_or(false))
    }
}
