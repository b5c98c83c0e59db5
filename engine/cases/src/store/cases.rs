//! Table `case_record`. Lists are built from the actor's scope.

use chrono::Days;
use tongban_base::{Date, Problem, Result, Scope, typed};
use tongban_crypto::FieldCipher;
use tongban_operations::About;
use tongban_store::{InSight, Key, KeyPage, List, Marked, Order, Row, Tx, Value, params};

use super::case_filter::{CaseFilter, narrowed, own_or_acted_for};
use super::open_cases::OnlyOne;
use super::{about, agent, name_digest, open_json, seal_json, unless_changed};
use crate::model::{Case, CaseId, CaseLine, Correction, Status};

const APPLICANT: &str = "case_record.applicant";
const ANSWERS: &str = "case_record.answers";
const FORM: &str = "case_record.form";
const AGENCY: &str = "case_record.agency";

/// So many columns stay as they were when the case was submitted.
const FIXED: usize = 15;

/// All that a case is, its head of the journal among it; by which calendar its last day was counted is not.
pub(crate) static CASES: Marked = Marked::new(
    "case_record",
    &[
        "id",
        "number",
        "code",
        "item_code",
        "item_name",
        "release_hash",
        "account",
        "organisation",
        "division",
        "submitted_at",
        "draft_id",
        "unit",
        "about",
        "parent",
        "agent",
        "agency",
        "applicant",
        "applicant_digest",
        "answers",
        "form",
        "status",
        "correction",
        "accepted_at",
        "due_on",
        "closed_at",
        "result",
        "paused",
        "waits",
        "event_seq",
        "event_hash",
        "late",
    ],
    &["counted_by", "twin", "sole"],
)
.with_later(&["unit", "about", "parent", "agent", "agency", "late"]);

/// `counted` names the calendar under which the last day was worked out; none when nothing is left to do.
pub fn insert(
    tx: &mut Tx,
    cipher: &FieldCipher,
    case: &Case,
    counted: Option<&str>,
    only: &OnlyOne,
) -> Result<()> {
    let mut row = values(cipher, case)?;
    let (twin, sole) = match only {
        OnlyOne::OfAccount => (String::new(), None),
        OnlyOne::Of(sole) => (case.id.to_string(), Some(sole.clone())),
        OnlyOne::No => (case.id.to_string(), None),
    };
    row.extend([Value::from(counted), twin.into(), sole.into()]);
    tx.insert_marked(&CASES, &row)
}

/// In the order of the declaration.
fn values(cipher: &FieldCipher, case: &Case) -> Result<Vec<Value>> {
    let correction = case.correction.as_ref().map(serde_json::to_value);
    let agency = case
        .agent
        .as_ref()
        .map(|agent| seal_json(cipher, &serde_json::to_value(agent)?, AGENCY, case.id));
    Ok(params![
        case.id,
        &case.number,
        &case.code,
        &case.item_code,
        &case.item_name,
        &case.release,
        case.account,
        &case.organisation,
        &case.division,
        case.submitted_at,
        case.draft,
        &case.unit,
        case.about.as_ref().map(About::text),
        case.parent,
        case.agent.as_ref().map(|agent| agent.account),
        agency.transpose()?,
        cipher.encrypt_in(&case.applicant, APPLICANT, case.id)?,
        name_digest(cipher, &case.applicant),
        seal_json(cipher, &case.answers, ANSWERS, case.id)?,
        seal_json(cipher, &case.form, FORM, case.id)?,
        case.status.code(),
        correction.transpose()?,
        case.accepted_at,
        case.due_on.map(|d| d.to_string()),
        case.closed_at,
        &case.result,
        &case.paused,
        case.waits,
        case.event_seq,
        &case.event_hash,
        case.late.then_some(1_i64)
    ]
    .to_vec())
}

/// Writes what a verb changed, and moves the head of the journal from where the verb found it.
/// Whoever comes second finds it moved and is told so.
pub async fn save(
    tx: &mut Tx,
    cipher: &FieldCipher,
    case: &Case,
    counted: Option<&str>,
    found_seq: i64,
) -> Result<()> {
    let row = values(cipher, case)?;
    let mark = tx.mark(&CASES, &row)?;
    let mut given = params![case.id].to_vec();
    given.extend(row.into_iter().skip(FIXED));
    given.extend([Value::from(mark), counted.into(), found_seq.into()]);
    let moved = tx
        .execute(
            "UPDATE case_record SET agency = $2, applicant = $3, applicant_digest = $4, answers = $5, form = $6,
                 status = $7, correction = $8, accepted_at = $9, due_on = $10, closed_at = $11, result = $12,
                 paused = $13, waits = $14, event_seq = $15, event_hash = $16, late = $17, mark = $18,
                 counted_by = $19
             WHERE id = $1 AND event_seq = $20",
            &given,
        )
        .await
        .map_err(open_twice)?;
    if moved == 1 {
        return Ok(());
    }
    Err(Problem::conflict(
        "case.changed",
        "这个办件刚刚有了新的进展，请刷新后再操作",
    ))
}

/// A case that would be open again while a newer one of the same person is.
fn open_twice(problem: Problem) -> Problem {
    match problem.code() {
        "store.unique" => Problem::conflict(
            "case.open_already",
            "申请人已经另外提交了同一事项的申请，还没有办结，这个办件不能重新打开；请先办结那一件",
        )
        .with_cause(problem),
        _ => problem,
    }
}

pub async fn load(tx: &mut Tx, cipher: &FieldCipher, id: CaseId) -> Result<Case> {
    one(tx, cipher, "c.id = $1", params![id]).await
}

/// For lists: a case that was changed beside the program is left out.
pub async fn load_genuine(tx: &mut Tx, cipher: &FieldCipher, id: CaseId) -> Result<Option<Case>> {
    unless_changed(load(tx, cipher, id).await)
}

/// Whether the flow of a case waits for papers.
pub async fn waits(tx: &mut Tx, id: CaseId) -> Result<bool> {
    let sql = "SELECT waits FROM case_record WHERE id = $1";
    tx.query_one(sql, params![id]).await?.get("waits")
}

pub async fn by_number(tx: &mut Tx, cipher: &FieldCipher, number: &str) -> Result<Case> {
    one(tx, cipher, "c.number = $1", params![number]).await
}

pub async fn by_code(tx: &mut Tx, cipher: &FieldCipher, code: &str) -> Result<Case> {
    one(tx, cipher, "c.code = $1", params![code]).await
}

async fn one(tx: &mut Tx, cipher: &FieldCipher, by: &str, params: &[Value]) -> Result<Case> {
    let columns = CASES.select("c");
    let sql = format!("SELECT {columns} FROM case_record c WHERE {by}");
    let row = tx.query_marked(&CASES, &sql, params).await?;
    read(&row.ok_or_else(Problem::not_found)?, cipher)
}

/// The latest first.
const BY_AGE: Order = Order {
    keys: &[Key::Number("c.submitted_at"), Key::Text("c.id")],
    falling: true,
};

/// What has to be done first stands first.
const BY_DANGER: Order = Order {
    keys: &[Key::Text("c.due_on"), Key::Text("c.id")],
    falling: false,
};

/// Who sees a case.
pub(super) const IN_SIGHT: InSight = InSight {
    account: "c.account",
    organisation: "c.organisation",
    division: "c.division",
};

/// A page of cases in sight of `scope`.
pub async fn list(
    tx: &mut Tx,
    cipher: &FieldCipher,
    scope: &Scope,
    filter: &CaseFilter,
) -> Result<KeyPage<CaseLine>> {
    let order = match filter.due {
        Some(_) => BY_DANGER,
        None => BY_AGE,
    };
    let mut list = List::new(CASES.select("c"), "case_record c", order);
    match &filter.of_unit {
        Some(unit) => {
            list.equal("c.unit", &unit.organisation);
            let items = list.any_of(&unit.items);
            list.only(format!("c.item_code IN ({items})"));
        }
        None => match scope {
            Scope::Own(_) if filter.agents.is_some() => {
                let agents = list.any_of(filter.agents.iter().flatten().copied());
                list.only(format!("c.agent IN ({agents})"));
            }
            Scope::Own(account) if !filter.acting.is_empty() => {
                own_or_acted_for(&mut list, *account, &filter.acting);
            }
            scope => list.within(scope, IN_SIGHT),
        },
    }
    if !filter.status.is_empty() {
        list.equal("c.status", &filter.status);
    }
    let words = typed::visible(&filter.words);
    if !words.is_empty() {
        let code = typed::code(&words);
        let like = list.given(format!("{}%", literal(&code)));
        let numbers = list.any_of(of_last_digits(&code, filter.today));
        let name = typed::name(&words).unwrap_or(words);
        let digest = list.given(name_digest(cipher, &name));
        list.only(format!(
            "(c.number LIKE {like} ESCAPE '\\' OR c.applicant_digest = {digest} OR c.number IN ({numbers}))"
        ));
    }
    if let Some((from, to)) = filter.due {
        let (from, to) = (list.given(from.to_string()), list.given(to.to_string()));
        list.only(format!("c.due_on >= {from} AND c.due_on <= {to}"));
    }
    narrowed(&mut list, filter);
    let at = (filter.at.as_ref(), filter.limit);
    list.page(tx, at, |tx, row| genuine_line(tx, row, cipher))
        .await
}

/// A case that was changed beside the program is left out of lists, it hides no other.
pub fn genuine_line(tx: &Tx, row: &Row, cipher: &FieldCipher) -> Result<Option<CaseLine>> {
    match tx.fits_at(&CASES, row, 0)? {
        true => line(row, cipher).map(Some),
        false => Ok(None),
    }
}

/// Of few digits: the numbers that end so, of a year's days. Each is found by the index; an end alone is not.
fn of_last_digits(code: &str, today: Option<Date>) -> Vec<String> {
    let digits = (1..=6).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit());
    let back = |day: Date| (0..366).filter_map(move |n| day.checked_sub_days(Days::new(n)));
    let days = today.filter(|_| digits).into_iter().flat_map(back);
    days.map(|day| format!("{}{code:0>6}", day.format("%Y%m%d")))
        .collect()
}

/// Words as they were typed: `%` and `_` stand for themselves.
pub(super) fn literal(words: &str) -> String {
    let escaped = words.replace('\\', "\\\\");
    escaped.replace('%', "\\%").replace('_', "\\_")
}

/// Cases whose correction should have been handed in before `today`, in the order of their ids.
pub async fn uncorrected(
    tx: &mut Tx,
    today: Date,
    after: Option<CaseId>,
    limit: i64,
) -> Result<Vec<CaseId>> {
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    tx.query(
        "SELECT id FROM case_record WHERE closed_at IS NULL AND status = $1
         AND correction ->> 'last_day' < $2 AND id > $3 ORDER BY id LIMIT $4",
        params![Status::Correcting.code(), today.to_string(), after, limit],
    )
    .await?
    .iter()
    .map(|row| row.get("id"))
    .collect()
}

/// Cases whose correction ends in `span` and whose applicant was not reminded of that day, in the order of their ids.
pub async fn mending_until(
    tx: &mut Tx,
    span: (Date, Date),
    after: Option<CaseId>,
    limit: i64,
) -> Result<Vec<CaseId>> {
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    tx.query(
        "SELECT c.id FROM case_record c WHERE c.closed_at IS NULL AND c.status = $1
           AND c.correction ->> 'last_day' >= $2 AND c.correction ->> 'last_day' <= $3 AND c.id > $4
           AND NOT EXISTS (SELECT 1 FROM case_event e WHERE e.case_id = c.id AND e.kind = 'case.mending_ends'
               AND e.data ->> 'last_day' = c.correction ->> 'last_day')
         ORDER BY c.id LIMIT $5",
        params![
            Status::Correcting.code(),
            span.0.to_string(),
            span.1.to_string(),
            after,
            limit
        ],
    )
    .await?
    .iter()
    .map(|row| row.get("id"))
    .collect()
}

/// Cases whose last day was worked out under another calendar, in the order of their ids.
pub async fn counted_otherwise(
    tx: &mut Tx,
    mark: &str,
    after: Option<CaseId>,
    limit: i64,
) -> Result<Vec<CaseId>> {
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    tx.query(
        "SELECT id FROM case_record WHERE counted_by IS NOT NULL AND counted_by <> $1 AND id > $2
         ORDER BY id LIMIT $3",
        params![mark, after, limit],
    )
    .await?
    .iter()
    .map(|row| row.get("id"))
    .collect()
}

/// The last day anew: it follows from journal and calendar, so the journal need not tell of it.
pub async fn recount(tx: &mut Tx, case: &Case, mark: &str) -> Result<()> {
    let due_on = case.due_on.map(|d| d.to_string());
    let recounted = |row: &Row| {
        let changes = vec![
            ("due_on", Value::from(due_on.clone())),
            ("counted_by", mark.into()),
        ];
        Ok((row.get::<i64>("event_seq")? == case.event_seq).then_some(changes))
    };
    tx.change(&CASES, &[("id", case.id.into())], recounted)
        .await?;
    Ok(())
}

/// Applications that nobody answered before `today`, in the order of their ids.
pub async fn unanswered(
    tx: &mut Tx,
    today: Date,
    after: Option<CaseId>,
    limit: i64,
) -> Result<Vec<CaseId>> {
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    tx.query(
        "SELECT id FROM case_record WHERE status = $1 AND due_on < $2 AND id > $3 ORDER BY id LIMIT $4",
        params![Status::Submitted.code(), today.to_string(), after, limit],
    )
    .await?
    .iter()
    .map(|row| row.get("id"))
    .collect()
}

/// Cases whose last day lies in `span`, and of whose last day no `event` is in the journal yet, in the order of
/// their ids. The same day may end one period after another.
pub async fn due_unnoticed(
    tx: &mut Tx,
    span: (Date, Date),
    event: &str,
    after: Option<CaseId>,
    limit: i64,
) -> Result<Vec<CaseId>> {
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    tx.query(
        "SELECT c.id FROM case_record c
         WHERE c.due_on >= $1 AND c.due_on <= $2 AND c.id > $3
           AND NOT EXISTS (SELECT 1 FROM case_event e WHERE e.case_id = c.id AND e.kind = $4
               AND e.data ->> 'due_on' = c.due_on AND COALESCE(e.data ->> 'period', 'decision') =
                   CASE c.status WHEN 'submitted' THEN 'acceptance' WHEN 'accepted' THEN 'decision'
                       ELSE 'delivery' END)
         ORDER BY c.id LIMIT $5",
        params![span.0.to_string(), span.1.to_string(), after, event, limit],
    )
    .await?
    .iter()
    .map(|row| row.get("id"))
    .collect()
}

fn line(row: &Row, cipher: &FieldCipher) -> Result<CaseLine> {
    let (id, applicant): (CaseId, String) = (row.get("id")?, row.get("applicant")?);
    let status: String = row.get("status")?;
    let due_on: Option<String> = row.get("due_on")?;
    let correction: Option<serde_json::Value> = row.get("correction")?;
    let correction: Option<Correction> = correction.map(serde_json::from_value).transpose()?;
    Ok(CaseLine {
        mend_on: correction.as_ref().and_then(|c| c.last_day),
        mend_by: correction.as_ref().and_then(Correction::said_by),
        id,
        number: row.get("number")?,
        item_code: row.get("item_code")?,
        item_name: row.get("item_name")?,
        agent: agent(row, cipher, (AGENCY, id.0))?,
        unit: row.get("unit")?,
        applicant: cipher.decrypt_in(&applicant, APPLICANT, id)?,
        status: Status::parse(&status)?,
        submitted_at: row.get("submitted_at")?,
        due_on: due_on.and_then(|text| text.parse().ok()),
        closed_at: row.get("closed_at")?,
        result: row.get("result")?,
        paused: row.get("paused")?,
        waits: row.get("waits")?,
    })
}

pub(super) fn read(row: &Row, cipher: &FieldCipher) -> Result<Case> {
    let (id, form): (CaseId, String) = (row.get("id")?, row.get("form")?);
    let (applicant, answers): (String, String) = (row.get("applicant")?, row.get("answers")?);
    let status: String = row.get("status")?;
    let correction: Option<serde_json::Value> = row.get("correction")?;
    let due_on: Option<String> = row.get("due_on")?;
    Ok(Case {
        id,
        number: row.get("number")?,
        code: row.get("code")?,
        item_code: row.get("item_code")?,
        item_name: row.get("item_name")?,
        release: row.get("release_hash")?,
        account: row.get("account")?,
        agent: agent(row, cipher, (AGENCY, id.0))?,
        unit: row.get("unit")?,
        about: about(row)?,
        parent: row.get("parent")?,
        applicant: cipher.decrypt_in(&applicant, APPLICANT, id)?,
        organisation: row.get("organisation")?,
        division: row.get("division")?,
        status: Status::parse(&status)?,
        answers: open_json(cipher, &answers, ANSWERS, id)?,
        form: open_json(cipher, &form, FORM, id)?,
        correction: correction.map(serde_json::from_value).transpose()?,
        submitted_at: row.get("submitted_at")?,
        accepted_at: row.get("accepted_at")?,
        due_on: due_on.and_then(|text| text.parse().ok()),
        closed_at: row.get("closed_at")?,
        result: row.get("result")?,
        late: row.get::<Option<i64>>("late")?.is_some(),
        paused: row.get("paused")?,
        waits: row.get("waits")?,
        draft: row.get("draft_id")?,
        event_seq: row.get("event_seq")?,
        event_hash: row.get("event_hash")?,
    })
}
