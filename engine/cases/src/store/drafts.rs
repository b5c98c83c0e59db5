//! Table `draft`.

use tongban_base::{Result, Timestamp, Uuid};
use tongban_crypto::FieldCipher;
use tongban_operations::About;
use tongban_store::{Marked, Row, Tx, Value, params};

use super::{about, agent, open_json, seal_json};
use crate::model::{Draft, DraftId};

const ANSWERS: &str = "draft.answers";
const FORM: &str = "draft.form";
const AGENCY: &str = "draft.agency";

/// Whose it is and of what. What is typed into it opens only in its row, and is saved in one statement beside the mark.
pub(crate) static DRAFTS: Marked = Marked::new(
    "draft",
    &[
        "id",
        "account",
        "item_code",
        "created_at",
        "unit",
        "about",
        "agent",
        "agency",
    ],
    &[
        "release_hash",
        "answers",
        "form",
        "division",
        "updated_at",
        "twin",
        "guides",
    ],
)
.with_later(&["unit", "about", "agent", "agency"]);

fn select() -> String {
    format!(
        "SELECT {}, d.release_hash, d.answers, d.form, d.division, d.updated_at, d.guides, d.version, c.id AS case_id
         FROM draft d LEFT JOIN case_record c ON c.draft_id = d.id",
        DRAFTS.select("d")
    )
}

/// Of one account only one draft may be open, and one of each who acts for it: about the same record, where there may be
/// several cases any number.
pub fn insert(tx: &mut Tx, cipher: &FieldCipher, draft: &Draft, several: bool) -> Result<()> {
    let about = draft.about.as_ref().map(About::text);
    let twin = match (several, &draft.agent) {
        (true, _) => draft.id.to_string(),
        (false, None) => about.clone().unwrap_or_default(),
        (false, Some(agent)) => format!("agent {}", agent.account),
    };
    let agency = draft
        .agent
        .as_ref()
        .map(|agent| seal_json(cipher, &serde_json::to_value(agent)?, AGENCY, draft.id));
    let form = seal_json(cipher, &draft.form, FORM, draft.id)?;
    let answers = seal_json(cipher, &draft.answers, ANSWERS, draft.id)?;
    tx.insert_marked(
        &DRAFTS,
        params![
            draft.id,
            draft.account,
            &draft.item_code,
            draft.created_at,
            &draft.unit,
            about,
            draft.agent.as_ref().map(|agent| agent.account),
            agency.transpose()?,
            &draft.release,
            answers,
            form,
            &draft.division,
            draft.updated_at,
            twin,
            serde_json::to_string(&draft.guides)?
        ],
    )
}

/// Saves form and answers.
pub async fn update(tx: &mut Tx, cipher: &FieldCipher, draft: &Draft) -> Result<()> {
    let form = seal_json(cipher, &draft.form, FORM, draft.id)?;
    let answers = seal_json(cipher, &draft.answers, ANSWERS, draft.id)?;
    tx.execute(
        "UPDATE draft SET answers = $2, form = $3, division = $4, updated_at = $5, release_hash = $6, guides = $7,
         version = version + 1 WHERE id = $1",
        params![
            draft.id,
            answers,
            form,
            &draft.division,
            draft.updated_at,
            &draft.release,
            serde_json::to_string(&draft.guides)?
        ],
    )
    .await?;
    Ok(())
}

/// The open application like this one; where there may be several, one that nothing was written into yet: a second click
/// begins no other.
pub async fn open_like(tx: &mut Tx, draft: &Draft, several: bool) -> Result<Option<DraftId>> {
    let untouched = match several {
        true => "AND version = 0",
        false => "",
    };
    let sql = format!(
        "SELECT id FROM draft WHERE account = $1 AND item_code = $2 AND ended_at IS NULL
         AND COALESCE(about, '') = $3 AND COALESCE(agent, '') = $4 {untouched} ORDER BY updated_at DESC"
    );
    let about = draft.about.as_ref().map(About::text).unwrap_or_default();
    let agent = draft.agent.as_ref().map(|agent| agent.account.to_string());
    let given = params![
        draft.account,
        &draft.item_code,
        about,
        agent.unwrap_or_default()
    ];
    let row = tx.query_opt(&sql, given).await?;
    row.map(|row| row.get("id")).transpose()
}

/// Its files have changed.
pub async fn touch(tx: &mut Tx, id: DraftId, now: Timestamp) -> Result<()> {
    let sql = "UPDATE draft SET version = version + 1, updated_at = $2 WHERE id = $1";
    tx.execute(sql, params![id, now]).await?;
    Ok(())
}

/// What an account has filed is a new fact to its other open applications: what somebody has just checked of them is
/// checked again.
pub async fn touch_others(tx: &mut Tx, filed: &Draft) -> Result<()> {
    let sql = "UPDATE draft SET version = version + 1
               WHERE account = $1 AND id <> $2 AND ended_at IS NULL";
    tx.execute(sql, params![filed.account, filed.id]).await?;
    Ok(())
}

/// A case comes of it, unless it is not any more what somebody has checked, or a case has come of it before: then the
/// write fails with `store.changed`.
pub fn end_as_seen(tx: &mut Tx, draft: &Draft, now: Timestamp) {
    tx.guard(
        "UPDATE draft SET ended_at = $2 WHERE id = $1 AND version = $3 AND ended_at IS NULL",
        params![draft.id, now, draft.version],
    );
}

/// A case has come of it.
pub async fn end(tx: &mut Tx, id: DraftId, now: Timestamp) -> Result<()> {
    tx.execute(
        "UPDATE draft SET ended_at = $2 WHERE id = $1",
        params![id, now],
    )
    .await?;
    Ok(())
}

/// What an account has begun goes on with another one.
pub async fn hand_over(tx: &mut Tx, (from, to): (Uuid, Uuid)) -> Result<()> {
    let sql = "SELECT id FROM draft WHERE account = $1 AND ended_at IS NULL";
    for row in tx.query(sql, params![from]).await? {
        let by = [("id", row.get::<Uuid>("id")?.into())];
        let changes = |_: &Row| Ok(Some(vec![("account", Value::from(to))]));
        tx.change(&DRAFTS, &by, changes).await?;
    }
    Ok(())
}

/// With the files that were handed in for it.
pub async fn delete(tx: &mut Tx, id: DraftId) -> Result<()> {
    tx.execute_all(&[
        (
            "DELETE FROM material_file WHERE draft_id = $1",
            params![id].to_vec(),
        ),
        ("DELETE FROM draft WHERE id = $1", params![id].to_vec()),
    ])
    .await
}

/// Errors: it was given to somebody beside the program.
pub async fn load(tx: &mut Tx, cipher: &FieldCipher, id: DraftId) -> Result<Draft> {
    let sql = format!("{} WHERE d.id = $1", select());
    let row = tx.query_one(&sql, params![id]).await?;
    tx.genuine(&DRAFTS, &row)?;
    read(&row, cipher)
}

/// The unfinished applications of an account, the latest first.
pub async fn open_of(tx: &mut Tx, cipher: &FieldCipher, account: Uuid) -> Result<Vec<Draft>> {
    latest(tx, cipher, "d.account", account).await
}

/// Those that somebody fills in for others.
pub async fn acted_by(tx: &mut Tx, cipher: &FieldCipher, agent: Uuid) -> Result<Vec<Draft>> {
    latest(tx, cipher, "d.agent", agent).await
}

async fn latest(
    tx: &mut Tx,
    cipher: &FieldCipher,
    column: &'static str,
    account: Uuid,
) -> Result<Vec<Draft>> {
    let sql = format!(
        "{} WHERE {column} = $1 AND d.ended_at IS NULL ORDER BY d.updated_at DESC LIMIT 20",
        select()
    );
    let rows = tx.query(&sql, params![account]).await?;
    let rows = tx.only_genuine(&DRAFTS, rows)?;
    rows.iter().map(|row| read(row, cipher)).collect()
}

fn read(row: &Row, cipher: &FieldCipher) -> Result<Draft> {
    let (answers, form): (String, String) = (row.get("answers")?, row.get("form")?);
    let id: DraftId = row.get("id")?;
    Ok(Draft {
        id,
        account: row.get("account")?,
        agent: agent(row, cipher, (AGENCY, id.0))?,
        unit: row.get("unit")?,
        about: about(row)?,
        item_code: row.get("item_code")?,
        release: row.get("release_hash")?,
        answers: open_json(cipher, &answers, ANSWERS, id)?,
        form: open_json(cipher, &form, FORM, id)?,
        guides: serde_json::from_str(&row.get::<String>("guides")?)?,
        division: row.get("division")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        version: row.get("version")?,
        case_id: row.get("case_id")?,
    })
}
