//! From what was filled in to what is stored: read by the form, judged by the checks, its places worked out.

use serde_json::{Map, Value as Json};
use tongban_base::{Ctx, Date, FieldError, Problem, Result};
use tongban_forms::{Input, Known};
use tongban_store::Tx;

use crate::definition::RegisterDefinition;
use crate::model::RecordId;
use crate::registers::Registers;
use crate::store::records::{self, Places};

/// The values that may be stored, or all that is wrong with them.
pub(crate) fn read(
    definition: &RegisterDefinition,
    input: Input<'_>,
    today: Date,
) -> Result<Map<String, Json>> {
    let values = definition
        .form
        .read(input, &Known::on(today))
        .map_err(Problem::fields)?
        .into_json();
    let faults = definition.faults(&values);
    if !faults.is_empty() {
        return Err(Problem::fields(faults));
    }
    match values {
        Json::Object(data) => Ok(data),
        _ => Err(Problem::internal("a form gave no object")),
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

/// An officer's record lies with the officer's organisation, within the officer's division.
pub(crate) fn place_of(
    ctx: &Ctx,
    definition: &RegisterDefinition,
    data: &Map<String, Json>,
) -> Result<(String, String)> {
    let staff = ctx.actor.staff.as_ref().ok_or_else(Problem::forbidden)?;
    let division = division(definition, data, &staff.division);
    let prefix = tongban_base::division_prefix(&staff.division);
    if division.starts_with(prefix) {
        return Ok((staff.organisation.clone(), division));
    }
    let field = definition.division_field.as_deref().unwrap_or_default();
    let message = "这个区域不归您的单位管理，请核对";
    Err(Problem::fields(vec![FieldError::new(
        format!("/{field}"),
        "division",
        message,
    )]))
}
