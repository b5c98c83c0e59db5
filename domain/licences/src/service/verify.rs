//! The one big answer: what a code or a file proves, together with what the register says today.
//! Shows no whole name and no whole number.

use serde::Serialize;
use tongban_audit::{Entry, attempt};
use tongban_base::{Ctx, Date, Problem, Result, date_words, typed};
use tongban_cases::{Desk, PublicLetter, letter_of_file};
use tongban_documents::{Answer, Ground, Reason, Verdict};
use tongban_store::{Db, ObjectId};

use super::file::{FileReport, TimeProof, reason, verify_file};
use crate::licences::Licences;
use crate::model::{Edition, Licence, Status};
use crate::store::{editions, licences as store};
use crate::{audit, error};

/// No sealed licence comes near this.
pub const LARGEST_FILE: usize = 10 * 1024 * 1024;

/// What anybody may see of a licence whose code or file they hold.
#[derive(Clone, Debug, Serialize)]
pub struct PublicLicence {
    pub title: String,
    pub type_code: String,
    pub number: String,
    pub identifier: String,
    pub holder_name: String,
    pub holder_number: String,
    pub issuer_name: String,
    pub issued_on: Date,
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    pub status: Status,
    pub status_title: &'static str,
    /// Since when it has this status, if it has ended.
    pub since: Option<Date>,
}

#[derive(Clone, Debug, Serialize)]
pub struct VerifyReport {
    pub answer: Answer,
    pub title: &'static str,
    pub reasons: Vec<Reason>,
    /// What whoever asked can do with this answer; empty when there is nothing to add.
    pub advice: &'static str,
    /// RFC 3339.
    pub checked_at: String,
    pub licence: Option<PublicLicence>,
    /// The letter of this house that the file is.
    pub letter: Option<PublicLetter>,
    pub file: Option<FileReport>,
}

impl Licences {
    /// By the code printed on a face. Spaces, hyphens, small and full-width letters do no harm.
    pub async fn verify_code(&self, ctx: &Ctx, code: &str) -> Result<VerifyReport> {
        let code = typed::code(code);
        let plain = code.chars().filter(char::is_ascii_alphanumeric);
        let code: String = plain.take(40).collect();
        let found = self
            .db
            .read(code, |tx, code| {
                Box::pin(async move {
                    let Some(licence) = store::by_verify_code(tx, code).await? else {
                        return Ok(None);
                    };
                    let edition = editions::one(tx, licence.id, licence.version).await?;
                    Ok(Some((licence, edition)))
                })
            })
            .await?;
        Ok(match found {
            Some((licence, edition)) => of_register(ctx, &licence, &edition),
            None => {
                let reason = reason("licence.code_unknown", "没有查到这个核验码，请核对后再试");
                report(ctx, Answer::Unknown, vec![reason])
            }
        })
    }

    /// Any bytes: the seal first, then the register.
    /// Errors: more than `LARGEST_FILE`; too many are being verified.
    pub async fn verify_upload(&self, ctx: &Ctx, bytes: Vec<u8>) -> Result<VerifyReport> {
        self.verify_among(ctx, bytes, None).await
    }

    /// The same, where letters are known as well.
    pub(crate) async fn verify_among(
        &self,
        ctx: &Ctx,
        bytes: Vec<u8>,
        letters: Option<&Desk>,
    ) -> Result<VerifyReport> {
        if bytes.len() > LARGEST_FILE {
            return Err(error::too_large(LARGEST_FILE / 1024 / 1024));
        }
        let turn = self.gate.enter().await?;
        let (this, now) = (self.clone(), ctx.now);
        let work = move || {
            // Whoever goes away in the meantime does not make room for another one.
            let _turn = turn;
            verify_file(&bytes, this.authority.trust(), now)
        };
        let mut file = tokio::task::spawn_blocking(work)
            .await
            .map_err(Problem::internal)?;
        let letter = match letters {
            Some(desk) => letter_of_file(desk, &file.sealed_digest).await?,
            None => None,
        };
        if let Some(letter) = &letter {
            file.prove_time(letter.made_at);
        }
        let mut report = on_record(&self.db, ctx, file).await?;
        match letter {
            Some(letter) => report.is_letter(letter),
            None if letters.is_some() => report.is_no_letter(),
            None => {}
        }
        self.note_verification(ctx, &report).await?;
        Ok(report)
    }

    /// Who verified what, where the visitor is known: strangers must not be able to fill the log.
    async fn note_verification(&self, ctx: &Ctx, report: &VerifyReport) -> Result<()> {
        if !ctx.actor.is_signed_in() {
            return Ok(());
        }
        let number = report.licence.as_ref().map_or("", |l| l.number.as_str());
        let entry = Entry::done(audit::VERIFIED, audit::SUBJECT, number)
            .with_detail(serde_json::json!({ "answer": report.answer }));
        attempt(&self.db, ctx, &self.audit_key, entry).await
    }
}

impl VerifyReport {
    /// The very file that was made of a letter: what is on record of the letter counts, whether it was sealed or not.
    fn is_letter(&mut self, letter: PublicLetter) {
        let sealed = self.answer == Answer::Valid;
        let genuine = self.reasons.drain(..).filter(|r| r.code == "file.genuine");
        let genuine: Vec<Reason> = genuine.filter(|_| sealed).collect();
        let same = "这份文件与登记的文书完全一致";
        self.reasons = genuine;
        self.reasons.push(reason("letter.same_file", same));
        self.reasons.extend(letter.reasons());
        self.answer = letter.answer();
        self.title = self.answer.title();
        self.advice = match self.answer {
            Answer::Invalid => "这份文书现在不能作为依据，请当事人提供现在有效的文书。",
            Answer::Valid
            | Answer::Cancelled
            | Answer::Revoked
            | Answer::Expired
            | Answer::Unknown => "",
        };
        self.letter = Some(letter);
    }

    /// Sealed by somebody whom this house trusts, but not made here.
    fn is_no_letter(&mut self) {
        let other = self
            .reasons
            .iter_mut()
            .find(|r| r.code == "file.no_licence");
        if let Some(other) = other {
            let words = "这份文件不是证照，也不是这里登记的文书，只核验了签章";
            *other = reason("file.not_on_record", words);
        }
    }
}

/// What the register adds to the judgement of a file: which licence, which version, and does it still count?
pub async fn on_record(db: &Db, ctx: &Ctx, mut file: FileReport) -> Result<VerifyReport> {
    let found = match file.identifier.clone() {
        Some(identifier) => recorded(db, identifier).await?,
        None => None,
    };
    if let Some((licence, edition)) = &found
        && not_the_file(licence, edition, &file).is_none()
        && let Some(files) = &edition.files
    {
        file.prove_time(files.made_at);
    }
    let mut report = match (file.verdict, found) {
        (Verdict::Valid, Some((licence, edition))) => of_licence(ctx, &licence, &edition, &file),
        (Verdict::Valid, None) => without_licence(ctx, &file),
        (Verdict::Invalid | Verdict::Unknown | Verdict::Unreadable, _) => {
            report(ctx, file.verdict.into(), file.reasons.clone())
        }
    };
    report.advice = advice(report.answer, file.ground);
    report.file = Some(file);
    Ok(report)
}

async fn recorded(db: &Db, identifier: String) -> Result<Option<(Licence, Edition)>> {
    db.read(identifier, |tx, identifier| {
        Box::pin(async move {
            let Some((id, edition)) = editions::named(tx, identifier).await? else {
                return Ok(None);
            };
            let licence = store::by_id(tx, id).await?.ok_or_else(Problem::not_found)?;
            Ok(Some((licence, edition)))
        })
    })
    .await
}

/// A good seal on something that the register does not hold.
fn without_licence(ctx: &Ctx, file: &FileReport) -> VerifyReport {
    if file.identifier.is_some() {
        let words = "签章完整，但证照登记中没有这张证照的编号";
        let note = reason("licence.not_registered", words);
        return report(ctx, Answer::Unknown, vec![note]);
    }
    let note = reason("file.no_licence", "这份文件不是证照，只核验了签章");
    let mut reasons = vec![genuine(file), note];
    reasons.extend(file.reasons.iter().cloned());
    report(ctx, Answer::Valid, reasons)
}

fn of_licence(ctx: &Ctx, licence: &Licence, edition: &Edition, file: &FileReport) -> VerifyReport {
    let mut report = of_register(ctx, licence, edition);
    if let Some(fault) = not_the_file(licence, edition, file) {
        if report.answer == Answer::Valid {
            (report.answer, report.title) = (Answer::Invalid, Answer::Invalid.title());
            report.reasons.clear();
        }
        report.reasons.push(fault);
    } else {
        report.reasons.insert(0, genuine(file));
        report.reasons.extend(file.reasons.iter().cloned());
    }
    report
}

/// Sealed, but not the file that counts: an earlier version, or one that is not on record.
fn not_the_file(licence: &Licence, edition: &Edition, file: &FileReport) -> Option<Reason> {
    if edition.version != licence.version {
        let words = "这是变更以前的旧版文件，请持证人重新下载";
        return Some(reason("licence.old_version", words));
    }
    let is_ours = edition.files.as_ref().is_some_and(|files| {
        [&files.ofd, &files.pdf]
            .map(ObjectId::as_str)
            .contains(&file.sealed_digest.as_str())
    });
    let words = "签章完整，但不是发证机关登记的证照文件";
    (!is_ours).then(|| reason("licence.other_file", words))
}

fn genuine(file: &FileReport) -> Reason {
    let signer = file.seal_name.as_deref().or(file.signer.as_deref());
    let signer = signer.unwrap_or("发证机关");
    let words = match (file.signed, file.time_proof) {
        (Some(at), TimeProof::Register) => {
            format!("签章完整，内容没有改动：于 {} 由“{signer}”签章", at.words())
        }
        (Some(at), TimeProof::Claimed) => format!(
            "签章完整，内容没有改动：由“{signer}”签章，签章人写明的时间是 {}",
            at.words()
        ),
        (None, _) => format!("签章完整，内容没有改动：由“{signer}”签章"),
    };
    reason("file.genuine", words)
}

/// What the register says of a licence today.
pub(super) fn of_register(ctx: &Ctx, licence: &Licence, edition: &Edition) -> VerifyReport {
    let today = ctx.now.date();
    let status = licence.status_on(today);
    let answer = match status {
        Status::Valid => Answer::Valid,
        Status::Expired => Answer::Expired,
        Status::Cancelled => Answer::Cancelled,
        Status::Revoked => Answer::Revoked,
        Status::Replaced | Status::Void => Answer::Invalid,
    };
    let mut report = report(ctx, answer, standing(licence, status, today));
    report.licence = Some(PublicLicence {
        title: licence.title.clone(),
        type_code: licence.type_code.clone(),
        number: licence.number.clone(),
        identifier: edition.identifier.clone(),
        holder_name: licence.holder_name_masked.clone(),
        holder_number: licence.holder_number_masked.clone(),
        issuer_name: licence.issuer_name.clone(),
        issued_on: licence.issued_on,
        valid_from: licence.valid_from,
        valid_to: licence.valid_to,
        status,
        status_title: status.title(),
        since: match status {
            Status::Expired => licence.valid_to,
            _ => licence.ended.as_ref().map(|e| e.on),
        },
    });
    report
}

fn standing(licence: &Licence, status: Status, today: Date) -> Vec<Reason> {
    let issuer = &licence.issuer_name;
    let on = licence
        .ended
        .as_ref()
        .map(|e| date_words(e.on))
        .unwrap_or_default();
    let words = match status {
        Status::Valid => {
            let issued = date_words(licence.issued_on);
            let last = match licence.valid_to {
                Some(last) => format!("有效期至 {}", date_words(last)),
                None => "长期有效".to_owned(),
            };
            format!("{issuer}于 {issued} 颁发，{last}")
        }
        Status::Expired => {
            let last = licence.valid_to.unwrap_or(today);
            format!("有效期已于 {} 届满", date_words(last))
        }
        Status::Cancelled => format!("{issuer}于 {on} 注销"),
        Status::Revoked => format!("{issuer}于 {on} 撤销"),
        Status::Replaced => format!("{issuer}于 {on} 换发了新证，这张证照不再有效"),
        Status::Void => "这张证照在制发中被收回，没有生效".to_owned(),
    };
    vec![reason(&format!("licence.{}", status.code()), words)]
}

fn report(ctx: &Ctx, answer: Answer, reasons: Vec<Reason>) -> VerifyReport {
    VerifyReport {
        answer,
        title: answer.title(),
        reasons,
        advice: "",
        checked_at: ctx.now.rfc3339(),
        licence: None,
        letter: None,
        file: None,
    }
}

/// What a person at a counter can do with the answer.
fn advice(answer: Answer, ground: Ground) -> &'static str {
    match (answer, ground) {
        (Answer::Valid, _) => "",
        (Answer::Cancelled | Answer::Revoked | Answer::Expired, _) => {
            "这张证照现在不能作为办事依据，请持证人出示有效的证照。"
        }
        (Answer::Invalid | Answer::Unknown, ground) => match ground {
            Ground::Changed | Ground::Broken | Ground::Exposed => {
                "请不要采用这份文件。请持证人提供签章后的原文件，或者用核验码核验。"
            }
            Ground::SealRemoved => {
                "请不要采用这份文件。请持证人提供带有原签章的文件，或者用核验码核验。"
            }
            Ground::AuthorityUnknown => {
                "签章人的身份需要另行确认：请到签发机构公布的核验网站核验，或者向签发机构核实。"
            }
            Ground::TimeUnproven => "请向签发机构核实签发日期，或者请持证人提供新签发的文件。",
            Ground::Unprotected => {
                "请以签发机构的原文件为准：到签发机构公布的核验网站核验，或者向签发机构核实。"
            }
            Ground::Unsupported => {
                "这不表示文件有问题。请到签发机构公布的核验网站核验，或者向签发机构核实。"
            }
            Ground::Unsealed => {
                "请持证人提供带电子签章的 OFD 或者 PDF 原文件；扫描件、截图和另存的文件不能核验。"
            }
            Ground::TooLarge => "请用核验码核验，或者向签发机构核实。",
            Ground::Unreadable => "请确认选择的是 OFD 或者 PDF 原文件，并且下载完整，再重新上传。",
            // The seal is good, the register says otherwise.
            Ground::Genuine => "请持证人从“我的证照”重新下载，或者用核验码核验。",
        },
    }
}
