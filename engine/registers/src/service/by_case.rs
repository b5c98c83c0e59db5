//! Records that cases write: what a part of the procedure says, carried out by the code by which officers write, and
//! taken back as long as nobody has changed the record since.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use tongban_base::{Ctx, Kind, Problem, Result, Timestamp, Uuid};
use tongban_operations::Subject;
use tongban_procedures::names;
use tongban_store::Tx;

use super::case_values::{
    Call, Verb, no_record, place, reason, spoken, taken_back_words, words_of,
};
use super::prepare::{division, owner};
use super::write::Written;
use crate::model::{RecordId, RegisterRecord};
use crate::registers::Registers;
use crate::store::history::HistoryRow;
use crate::store::records;

/// What is kept with the step: nothing of what the record says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Done {
    /// As the procedure calls the record.
    #[serde(default)]
    pub name: String,
    pub register: String,
    pub record: Uuid,
    /// Before and after.
    pub from: i64,
    pub to: i64,
}

impl Registers {
    pub(crate) async fn carry_out(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        subject: &Subject,
        (verb, name): (Verb, &str),
    ) -> Result<Done> {
        let call = self.call(tx, subject, (verb, name), ctx.now).await?;
        let definition = call.definition;
        if verb != Verb::Retire && !call.faults.is_empty() {
            return Err(spoken(definition, Problem::fields(call.faults)));
        }
        let (part, reason) = (&call.part, reason(subject));
        let target = call.before.as_ref().filter(|_| verb != Verb::Create);
        if let Some(target) = target.filter(|_| verb == Verb::Update)
            && let Some(words) = self.overtaken(tx, subject, target, &call.data).await?
        {
            return Err(Problem::conflict("register.overtaken", words));
        }
        let new = Written {
            data: &call.data,
            place: place(subject, definition, &call.data, target),
            holder: (subject.account != Uuid::nil()).then_some(subject.account),
            reason: &reason,
            kind: match verb {
                Verb::Create => "created",
                Verb::Update | Verb::Retire => "changed",
            },
        };
        let (record, from, to) = match (verb, target) {
            (Verb::Update, Some(before)) => {
                let written = self.replace(tx, ctx, before, &new).await;
                let to = written.map_err(|problem| spoken(definition, problem))?;
                (before.id, before.version, to)
            }
            (Verb::Retire, Some(before)) => {
                let which = (part.register.as_str(), before.id, before.version);
                let to = self.retire(tx, ctx, which, ("deleted", &reason)).await?;
                (before.id, before.version, to)
            }
            (Verb::Create, _) => {
                let written = self.insert(tx, ctx, &part.register, &new).await;
                (
                    written.map_err(|problem| spoken(definition, problem))?,
                    0,
                    1,
                )
            }
            (_, None) => return Err(no_record(definition)),
        };
        Ok(Done {
            name: part.name.clone(),
            register: part.register.clone(),
            record: record.0,
            from,
            to,
        })
    }

    /// Why it could not be carried out now, in words. What is said with the decision is not known yet.
    pub(crate) async fn obstacles(
        &self,
        tx: &mut Tx,
        subject: &Subject,
        call: (Verb, &str),
        now: Timestamp,
    ) -> Result<Vec<String>> {
        let verb = call.0;
        if self.comes_later(subject, call) {
            return Ok(Vec::new());
        }
        let call = match self.call(tx, subject, call, now).await {
            Ok(call) => call,
            Err(problem) if problem.kind() == Kind::Conflict => {
                return Ok(vec![problem.message().to_owned()]);
            }
            Err(problem) => return Err(problem),
        };
        let Call {
            definition, part, ..
        } = &call;
        let mut faults = match verb {
            Verb::Retire => Vec::new(),
            Verb::Create | Verb::Update => call.faults.clone(),
        };
        faults.retain(|fault| {
            let field = fault.pointer.trim_start_matches('/');
            part.values
                .get(field)
                .is_none_or(|text| names::is_early(text))
        });
        let target = call.before.as_ref().filter(|_| verb == Verb::Update);
        if verb != Verb::Retire {
            let own = target.map(|target| target.id);
            if let Err(problem) = self.must_fit(tx, definition, &call.data, own).await {
                match problem.kind() {
                    Kind::Invalid => faults.extend(problem.field_errors().to_vec()),
                    _ => return Err(problem),
                }
            }
        }
        let mut words: Vec<String> = faults.iter().map(|f| words_of(definition, f)).collect();
        if let Some(target) = target {
            words.extend(self.overtaken(tx, subject, target, &call.data).await?);
        }
        Ok(words)
    }

    /// What somebody else wrote into the same fields since the case was filed, in words. Of a case that is filed only
    /// now everything stands as it is read now, also what another wrote between this request and its transaction.
    async fn overtaken(
        &self,
        tx: &mut Tx,
        subject: &Subject,
        target: &RegisterRecord,
        data: &Map<String, Json>,
    ) -> Result<Option<String>> {
        let Some(filed_at) = subject.filed_at else {
            return Ok(None);
        };
        let definition = self.definition(&target.register)?;
        let own = [reason(subject), taken_back_words(subject)];
        let lines = self.lines_since(tx, target, 1).await?;
        let since = lines
            .into_iter()
            .filter(|(line, _)| line.at > filed_at && !own.contains(&line.reason));
        // As each field was when the case was filed, and who wrote it last.
        let mut then: BTreeMap<String, (Json, HistoryRow)> = BTreeMap::new();
        for (line, changes) in since {
            for change in changes {
                let last = then.remove(&change.field);
                let last = last.map_or_else(|| line.clone(), |(_, last)| last);
                then.insert(change.field, (change.before, last));
            }
        }
        then.retain(|field, (before, _)| {
            let is = target.data.get(field).unwrap_or(&Json::Null);
            is != before && is != data.get(field).unwrap_or(&Json::Null)
        });
        let Some((_, line)) = then.values().next() else {
            return Ok(None);
        };
        let titles: Vec<&str> = then
            .keys()
            .map(|field| definition.title_of(field))
            .collect();
        Ok(Some(format!(
            "提交以后，{}“{}”的{}已由{}于{}变更，不能再按原来的申请写入，请核对",
            definition.title,
            target.title,
            titles.join("、"),
            line.actor_name,
            line.at.words(),
        )))
    }

    /// Errors: a conflict where somebody has changed the record since, or its place is taken.
    pub(crate) async fn take_back(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        subject: &Subject,
        verb: Verb,
        done: &Done,
    ) -> Result<()> {
        // A change that changed nothing.
        if done.from == done.to {
            return Ok(());
        }
        let definition = self.definition(&done.register)?;
        let row = records::one(tx, &done.register, RecordId(done.record)).await?;
        let record = self.opened(row.ok_or_else(Problem::not_found)?)?;
        let lines = self.lines_since(tx, &record, done.to).await?;
        if !is_untouched(lines.iter().rev().map(|(line, _)| line.kind.as_str())) {
            let words = format!(
                "{}“{}”写入以后又有变更，不能自动撤回，请先到台账核对",
                definition.title, record.title
            );
            return Err(Problem::conflict("register.changed_since", words));
        }
        let reason = taken_back_words(subject);
        match verb {
            Verb::Create => {
                let which = (done.register.as_str(), record.id, record.version);
                let retired = self.retire(tx, ctx, which, ("undone", &reason)).await;
                retired.map(drop)
            }
            Verb::Update => {
                let data = self.as_before(tx, &record, done).await?;
                let new = Written {
                    data: &data,
                    place: (
                        owner(definition, &data)
                            .unwrap_or(&record.organisation)
                            .to_owned(),
                        division(definition, &data, &record.division),
                    ),
                    holder: None,
                    reason: &reason,
                    kind: "undone",
                };
                let replaced = self.replace(tx, ctx, &record, &new).await;
                replaced.map(drop).map_err(|p| spoken(definition, p))
            }
            Verb::Retire => {
                let restored = self.restore(tx, ctx, &record, &reason).await;
                restored.map_err(|problem| spoken(definition, problem))
            }
        }
    }

    /// What the record said before a change, as its history tells.
    async fn as_before(
        &self,
        tx: &mut Tx,
        record: &RegisterRecord,
        done: &Done,
    ) -> Result<Map<String, Json>> {
        let mut data = record.data.clone();
        let lines = self.lines_since(tx, record, done.from).await?;
        let changes = lines.into_iter().find(|(line, _)| line.version == done.to);
        let (_, changes) =
            changes.ok_or_else(|| Problem::internal("a line of history is missing"))?;
        for change in changes {
            match change.before {
                Json::Null => data.shift_remove(&change.field),
                before => data.insert(change.field, before),
            };
        }
        Ok(data)
    }
}

/// Whether what was written since was all taken back; the oldest first. What is taken back is always the last that stands.
fn is_untouched<'k>(kinds: impl Iterator<Item = &'k str>) -> bool {
    let mut standing = 0_usize;
    for kind in kinds {
        if kind != "undone" {
            standing += 1;
        } else if standing == 0 {
            return false;
        } else {
            standing -= 1;
        }
    }
    standing == 0
}

#[cfg(test)]
mod tests {
    use super::is_untouched;

    #[test]
    fn what_was_written_and_taken_back_again_leaves_a_record_as_it_was() {
        let untouched = |kinds: &[&str]| is_untouched(kinds.iter().copied());
        assert!(untouched(&[]));
        assert!(untouched(&["changed", "undone"]));
        assert!(untouched(&["changed", "deleted", "undone", "undone"]));
        assert!(!untouched(&["changed"]));
        assert!(!untouched(&["changed", "undone", "changed"]));
        assert!(!untouched(&["undone", "changed"]));
    }
}
