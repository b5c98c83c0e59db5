//! Verifying a letter itself, for anybody who holds it: by the code in its QR picture, or by its file. Tells what is on
//! record, so that paper and record can be compared; shows no whole name.

use serde_json::Value as Json;
use tongban_base::{Result, mask_name, typed};
use tongban_store::{ObjectId, Tx};

use crate::desk::Desk;
use crate::model::{CaseDocument, LetterStatus};
use crate::service::public::PublicLetter;
use crate::store::{cases, documents};

/// The letter of a code; none when there is no such letter. Spaces, hyphens and small letters do no harm.
pub async fn verify_letter(desk: &Desk, code: &str) -> Result<Option<PublicLetter>> {
    let code = typed::code(code);
    let plain = code.chars().filter(char::is_ascii_alphanumeric);
    let code: String = plain.take(40).collect();
    desk.db
        .read((desk.clone(), code), |tx, (desk, code)| {
            Box::pin(async move {
                match documents::by_code(tx, &desk.cipher, code).await? {
                    Some(letter) => public(tx, desk, &letter).await.map(Some),
                    None => Ok(None),
                }
            })
        })
        .await
}

/// The letter whose PDF or OFD has this digest.
pub async fn letter_of_file(desk: &Desk, digest: &str) -> Result<Option<PublicLetter>> {
    let file = ObjectId::parse(digest)?;
    desk.db
        .read((desk.clone(), file), |tx, (desk, file)| {
            Box::pin(async move {
                match documents::by_file(tx, &desk.cipher, file).await? {
                    Some(letter) => public(tx, desk, &letter).await.map(Some),
                    None => Ok(None),
                }
            })
        })
        .await
}

async fn public(tx: &mut Tx, desk: &Desk, letter: &CaseDocument) -> Result<PublicLetter> {
    let case = cases::load(tx, &desk.cipher, letter.case_id).await?;
    let letters = documents::of_case(tx, &desk.cipher, case.id).await?;
    let follows = |other: &&CaseDocument| {
        let later = (other.made_at, other.id.0) > (letter.made_at, letter.id.0);
        later && other.template == letter.template && other.status != LetterStatus::Void
    };
    let office = desk.catalog.organisation(&case.organisation);
    let text = |group: &str, name: &str| {
        let value = letter.data.get(group).and_then(|group| group.get(name));
        value.and_then(Json::as_str).unwrap_or_default().to_owned()
    };
    // What the letter itself says, not what is known today.
    let said = |told: String, otherwise: &str| match told.is_empty() {
        true => otherwise.to_owned(),
        false => told,
    };
    let name = said(text("applicant", "name"), &case.applicant);
    Ok(PublicLetter {
        title: letter.title.clone(),
        number: letter.number.clone(),
        office: said(
            text("organisation", "name"),
            office.as_ref().map_or("", |office| office.name.as_str()),
        ),
        item: said(text("case", "item_name"), &case.item_name),
        case_number: case.number,
        holder_name: mask_name(&name),
        holder_number: text("applicant", "id_number_masked"),
        made_on: letter.made_at.date(),
        made_at: letter.made_at,
        is_made: letter.pdf.is_some(),
        is_void: letter.status == LetterStatus::Void,
        later: letters
            .iter()
            .rfind(follows)
            .map(|later| later.number.clone()),
        pdf: letter.pdf.as_ref().map(|file| file.as_str().to_owned()),
        ofd: letter.ofd.as_ref().map(|file| file.as_str().to_owned()),
    })
}
