//! Records to choose from in the forms of cases: by words, never more than asked for, only what the one who chooses may
//! read or what a look-up gives him.

use serde_json::Value as Json;
use tongban_base::{Result, typed};
use tongban_operations::{Choosable, Choosing, Wanted};
use tongban_store::{Cursor, Tx};

use super::list::key_of;
use super::prepare::title;
use crate::definition::RegisterDefinition;
use crate::model::{RecordId, RegisterRecord};
use crate::permissions::{Doing, Reach, Sight};
use crate::registers::Registers;
use crate::store::list::{Condition, Wanted as Page, page};
use crate::store::{holders, records};

impl Registers {
    pub(crate) async fn some_to_choose(
        &self,
        tx: &mut Tx,
        from: Choosing<'_>,
        wanted: Wanted<'_>,
    ) -> Result<Option<Vec<Choosable>>> {
        let Some(definition) = self.definitions().get(from.register) else {
            return Ok(None);
        };
        let words = typed::sought(wanted.words);
        let number = key_of(definition, wanted.words);
        let number = number.unwrap_or_else(|| definition.kept(&definition.key, wanted.words));
        let condition = from.key.map(|(field, value)| {
            let value = self.stored_value(definition, field, value);
            Condition::Is(field.to_owned(), value)
        });
        let asked = Page {
            register: definition.code.clone(),
            named: (!words.is_empty()).then(|| (words, self.key_digest(definition, &number))),
            conditions: condition.into_iter().collect(),
            ..Page::default()
        };
        let after = wanted.after;
        let at = after.map(|id| Cursor::after(vec![id.to_string().into()]));
        let sight = reach(definition, &from);
        let found = page(tx, &sight, &asked, (at.as_ref(), wanted.limit)).await?;
        let offered = found.rows.into_iter().map(|row| {
            let record = self.opened(row)?;
            Ok(offered(definition, &from, record))
        });
        offered.collect::<Result<Vec<Choosable>>>().map(Some)
    }

    pub(crate) async fn one_to_choose(
        &self,
        tx: &mut Tx,
        from: Choosing<'_>,
        id: RecordId,
    ) -> Result<Option<Choosable>> {
        let Some(definition) = self.definitions().get(from.register) else {
            return Ok(None);
        };
        let row = records::one(tx, from.register, id).await?;
        let Some(row) = row.filter(|row| row.deleted_at.is_none()) else {
            return Ok(None);
        };
        let (record, holder) = (self.opened(row)?, holders::holder(tx, id).await?);
        let has_key = from.key.is_none_or(|(field, value)| {
            let said = record.data.get(field).unwrap_or(&Json::Null);
            definition
                .keys_of(field, said)
                .iter()
                .any(|key| key.eq_ignore_ascii_case(value))
        });
        let admits = has_key && reach(definition, &from).admits(&record, holder);
        Ok(admits.then(|| offered(definition, &from, record)))
    }
}

fn reach(definition: &RegisterDefinition, from: &Choosing<'_>) -> Reach {
    match from.reader {
        Some(reader) => Reach::of(reader, definition, Doing::Read),
        None => Reach(vec![Sight::Everything]),
    }
}

fn offered(
    definition: &RegisterDefinition,
    from: &Choosing<'_>,
    record: RegisterRecord,
) -> Choosable {
    let columns = match from.columns {
        [] => definition.list.as_slice(),
        columns => columns,
    };
    let text = |column: &String| {
        let value = record.data.get(column).unwrap_or(&Json::Null);
        definition.words(column, value)
    };
    let named = title(definition, &record.data);
    let words = columns.iter().map(text).filter(|words| *words != named);
    let key = record.data.get(&definition.key).unwrap_or(&Json::Null);
    let number = definition.keys_of(&definition.key, key).pop();
    Choosable {
        id: record.id.0,
        number: number.unwrap_or_default(),
        words: words.collect(),
        title: named,
        data: record.data,
    }
}
