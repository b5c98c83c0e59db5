//! Table `draft`.

use tongban_base::{Result, Timestamp, Uuid};
use tongban_crypto::FieldCipher;
use tongban_store::{Row, Tx, params};

use super::{open_json, seal_json};
use crate::model::{Draft, DraftId};

const ANSWERS: &str = "draft.answers";
const FORM: &str = "draft.form";
const SELECT: &str = "SELECT d.id, d.account, d.item_code, d.release_hash, d.answers, d.form, d.division, \
    d.created_at, d.updated_at, c.id AS case_id FROM draft d LEFT JOIN case_record c ON c.draft_id = d.id";

pub async fn insert(tx: &mut Tx, cipher: &FieldCipher, draft: &Draft) -> Result<()> {
    let form = seal_json(cipher, &draft.form, FORM)?;
    let answers = seal_json(cipher, &draft.answers, ANSWERS)?;
    tx.execute(
        "INSERT INTO draft (id, account, item_code, release_hash, answers, form, division, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
        params![
            draft.id,
            draft.account,
            &draft.item_code,
            &draft.release,
            answers,
            form,
            &draft.division,
            draft.created_at
        ],
    )
    .await?;
    Ok(())
}

/// Saves form and answers; a draft that was submitted already is left as it is.
pub async fn update(
    tx: &mut Tx,
    cipher: &FieldCipher,
    draft: &Draft,
    now: Timestamp,
) -> Result<bool> {
    let form = seal_json(cipher, &draft.form, FORM)?;
    let answers = seal_json(cipher, &draft.answers, ANSWERS)?;
    let touched = tx
        .execute(
            "UPDATE draft SET answers = $2, form = $3, division = $4, updated_at = $5, release_hash = $6
             WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM case_record c WHERE c.draft_id = $1)",
            params![
                draft.id,
                answers,
                form,
                &draft.division,
                now,
                &draft.release
            ],
        )
        .await?;
    Ok(touched == 1)
}

pub async fn load(tx: &mut Tx, cipher: &FieldCipher, id: DraftId) -> Result<Draft> {
    let row = tx
        .query_one(&format!("{SELECT} WHERE d.id = $1"), params![id])
        .await?;
    read(&row, cipher)
}

/// The unfinished applications of an account, the latest first.
pub async fn open_of(tx: &mut Tx, cipher: &FieldCipher, account: Uuid) -> Result<Vec<Draft>> {
    tx.query(
        &format!(
            "{SELECT} WHERE d.account = $1 AND c.id IS NULL
             ORDER BY d.updated_at DESC LIMIT 20"
        ),
        params![account],
    )
    .await?
    .iter()
    .map(|row| read(row, cipher))
    .collect()
}

fn read(row: &Row, cipher: &FieldCipher) -> Result<Draft> {
    let (answers, form): (String, String) = (row.get("answers")?, row.get("form")?);
    Ok(Draft {
        id: row.get("id")?,
        account: row.get("account")?,
        item_code: row.get("item_code")?,
        release: row.get("release_hash")?,
        answers: open_json(cipher, &answers, ANSWERS)?,
        form: open_json(cipher, &form, FORM)?,
        division: row.get("division")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        case_id: row.get("case_id")?,
    })
}
