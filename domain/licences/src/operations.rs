//! What flows can have done to the licence of whoever applied, and what rules can ask of it.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use tongban_base::{Ctx, Date, Problem, Result, Timestamp, date_words};
use tongban_cases::{Brought, ModuleInfo};
use tongban_operations::{
    Asked, CallSite, Effect, Operation, OperationInfo, Source, SourceInfo, Subject,
};
use tongban_packs::Folder;
use tongban_store::{Fut, Tx};

use crate::licences::Licences;
use crate::model::{LicenceId, Photo, Status};
use crate::part::{self, LicencePart};
use crate::service::cancel::Ending;
use crate::service::current::Standing;
use crate::service::issue::NewLicence;
use crate::service::update::LicenceUpdate;

/// What this crate brings to cases.
pub const INFO: ModuleInfo = ModuleInfo {
    operations: OPERATIONS,
    sources: &[LICENCE],
    parts: &[part::INFO],
    links: &[],
};

const OPERATIONS: &[OperationInfo] = &[ISSUE, UPDATE, CANCEL];
const ISSUE: OperationInfo = info("licence.issue", "签发证照");
const UPDATE: OperationInfo = info("licence.update", "变更证照");
const CANCEL: OperationInfo = info("licence.cancel", "注销证照");

/// Whoever holds a licence relies on it.
const fn info(name: &'static str, title: &'static str) -> OperationInfo {
    OperationInfo {
        name,
        title,
        effect: Effect::Blocking,
        arguments: &[],
        carries_out: true,
        check,
    }
}

const LICENCE: SourceInfo = SourceInfo {
    name: "licence",
    title: "申请人名下这一类证照的现状",
};

fn check(site: &CallSite) -> Vec<String> {
    let (code, operation) = (site.procedure, site.operation);
    let Some(part) = LicencePart::of(site.parts) else {
        return vec![format!(
            "事项 {code} 没有写证照（[licence]），不能执行 {operation}"
        )];
    };
    // What is wrong inside a type is told where it is checked.
    let file = format!("licences/{}.toml", part.kind);
    if site.folder.bytes(&file).is_none() {
        return vec![format!(
            "事项 {code} 的证照类型 {} 不在包里（{file}），不能执行 {operation}",
            part.kind
        )];
    }
    let lacks_term = operation == Verb::Issue.info().name && part.validity().is_none();
    let words =
        || format!("事项 {code} 的证照没有有效期的写法（validity 是 none），不能执行 {operation}");
    lacks_term.then(words).into_iter().collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    Issue,
    Update,
    Cancel,
}

impl Verb {
    fn info(self) -> &'static OperationInfo {
        match self {
            Self::Issue => &ISSUE,
            Self::Update => &UPDATE,
            Self::Cancel => &CANCEL,
        }
    }
}

/// With the services, as the wiring hands it to cases.
pub fn brought(licences: &Licences) -> Brought {
    let verbs = [Verb::Issue, Verb::Update, Verb::Cancel];
    let operation = |verb| -> Arc<dyn Operation> {
        Arc::new(OnLicence {
            verb,
            licences: licences.clone(),
        })
    };
    Brought {
        operations: verbs.into_iter().map(operation).collect(),
        sources: vec![Arc::new(CurrentLicence(licences.clone()))],
        papers: vec![Arc::new(licences.clone())],
        ..Brought::default()
    }
}

struct OnLicence {
    verb: Verb,
    licences: Licences,
}

impl Operation for OnLicence {
    fn info(&self) -> &'static OperationInfo {
        self.verb.info()
    }

    fn obstacles<'a>(
        &'a self,
        tx: &'a mut Tx,
        subject: &'a Subject,
        _arguments: &'a Json,
        now: Timestamp,
    ) -> Fut<'a, Vec<String>> {
        Box::pin(self.stands_against(tx, subject, now.date()))
    }

    fn run<'a>(
        &'a self,
        tx: &'a mut Tx,
        ctx: &'a Ctx,
        subject: &'a Subject,
        _arguments: &'a Json,
    ) -> Fut<'a, Json> {
        Box::pin(async move {
            let licence = match self.verb {
                Verb::Issue => self.issue(tx, ctx, subject).await?,
                Verb::Update => self.update(tx, ctx, subject).await?,
                Verb::Cancel => self.cancel(tx, ctx, subject).await?,
            };
            Ok(json!({ "licence": licence }))
        })
    }

    fn undo<'a>(
        &'a self,
        tx: &'a mut Tx,
        ctx: &'a Ctx,
        subject: &'a Subject,
        result: &'a Json,
    ) -> Fut<'a, ()> {
        Box::pin(async move {
            let id: LicenceId = serde_json::from_value(result["licence"].clone())?;
            let (licences, reason) = (&self.licences, subject.opinion.as_str());
            match self.verb {
                Verb::Issue => licences.undo_issue(tx, ctx, id, reason).await,
                Verb::Update => {
                    let case = subject.id.to_string();
                    licences.undo_update(tx, ctx, (id, &case), reason).await
                }
                Verb::Cancel => licences.undo_cancel(tx, ctx, id, reason).await,
            }
        })
    }
}

impl OnLicence {
    async fn issue(&self, tx: &mut Tx, ctx: &Ctx, subject: &Subject) -> Result<LicenceId> {
        let part = part_of(subject)?;
        let validity = part.validity().ok_or_else(|| no_licence(subject))?;
        let new = NewLicence {
            kind: part.kind,
            release: Some(subject.release.clone()),
            previous: None,
            validity,
            account: Some(subject.account),
            person: subject.person.clone(),
            form: subject.form.clone(),
            answers: subject.answers.clone(),
            case: case_words(subject),
            case_id: Some(subject.id.to_string()),
            division: subject.division.clone(),
            photo: photo(subject),
        };
        self.licences.issue(tx, ctx, &new).await
    }

    async fn update(&self, tx: &mut Tx, ctx: &Ctx, subject: &Subject) -> Result<LicenceId> {
        let id = self.current(tx, ctx, subject).await?;
        let update = LicenceUpdate {
            release: Some(subject.release.clone()),
            person: subject.person.clone(),
            form: subject.form.clone(),
            answers: subject.answers.clone(),
            case: case_words(subject),
            case_id: Some(subject.id.to_string()),
            photo: photo(subject),
        };
        self.licences.update(tx, ctx, id, &update).await?;
        Ok(id)
    }

    async fn cancel(&self, tx: &mut Tx, ctx: &Ctx, subject: &Subject) -> Result<LicenceId> {
        let id = self.current(tx, ctx, subject).await?;
        let ending = Ending {
            basis: subject.number.clone(),
            reason: subject.title.clone(),
            case_id: Some(subject.id.to_string()),
        };
        self.licences.cancel(tx, ctx, id, &ending).await?;
        Ok(id)
    }

    async fn current(&self, tx: &mut Tx, ctx: &Ctx, subject: &Subject) -> Result<LicenceId> {
        let gone = || Problem::conflict("licence.none", "没有查到申请人名下的这种证照，不能办理");
        let number = subject.id_number().ok_or_else(gone)?;
        let (digest, kind) = (self.licences.holder_digest(number), part_of(subject)?.kind);
        let today = ctx.now.date();
        let facts = self.licences.current_in(tx, &digest, &kind, today).await?;
        let id = facts.get("id").and_then(Json::as_str).ok_or_else(gone)?;
        id.parse()
    }

    /// What happened to the licence from which the case goes on.
    async fn stands_against(
        &self,
        tx: &mut Tx,
        subject: &Subject,
        today: Date,
    ) -> Result<Vec<String>> {
        let (Some(part), Some(number)) = (LicencePart::of(&subject.parts), subject.id_number())
        else {
            return Ok(Vec::new());
        };
        let licences = &self.licences;
        let (digest, kind) = (licences.holder_digest(number), part.kind.as_str());
        let standing = licences.standing_in(tx, &digest, kind, today).await?;
        let changed = standing.as_ref().and_then(|s| changed_since(s, subject));
        let mut words: Vec<String> = changed.into_iter().collect();
        // What a reissue or a renewal cannot be made from is told before the decision, not after it.
        if let Some(validity) = part.validity()
            && let Some(problem) = licences
                .basis_in(tx, &digest, kind, validity, today)
                .await?
        {
            words.push(problem.message().to_owned());
        }
        Ok(words)
    }
}

fn part_of(subject: &Subject) -> Result<LicencePart> {
    LicencePart::of(&subject.parts).ok_or_else(|| no_licence(subject))
}

fn no_licence(subject: &Subject) -> Problem {
    Problem::internal(format!(
        "procedure {} changes no licence",
        subject.procedure
    ))
}

fn case_words(subject: &Subject) -> Json {
    json!({ "number": subject.number, "item_name": subject.title, "item": subject.procedure })
}

/// The latest picture among the files that count.
fn photo(subject: &Subject) -> Option<Photo> {
    let file = subject.file_for(tongban_operations::MaterialUse::Photo)?;
    Photo::new(file.object.clone(), &file.media_type)
}

fn changed_since(standing: &Standing, subject: &Subject) -> Option<String> {
    let Standing { title, number, .. } = standing;
    let filed_at = subject.filed_at?;
    let filed_on = filed_at.date();
    let is_new = standing.issued_on >= filed_on && standing.made_at > filed_at;
    let ended = standing
        .since
        .filter(|_| matches!(standing.status, Status::Cancelled | Status::Revoked));
    match ended {
        Some(day) if day >= filed_on => Some(format!(
            "{title}（{number}）自{}起{}",
            date_words(day),
            standing.status.title()
        )),
        None if is_new => Some(format!(
            "提交以后，申请人于{}另外取得了{title}（{number}），原来的证照已经不是申请时的那一张",
            date_words(standing.issued_on)
        )),
        _ => None,
    }
}

/// The licence that counts for whoever applies, of the type of the procedure.
struct CurrentLicence(Licences);

impl Source for CurrentLicence {
    fn info(&self) -> SourceInfo {
        LICENCE
    }

    fn title(&self, parts: &Json, folder: &Folder) -> Option<String> {
        crate::part::title(parts, folder)
    }

    fn words(&self, answer: &Json, parts: &Json, folder: &Folder) -> Vec<(String, String)> {
        let Some(title) = crate::part::title(parts, folder) else {
            return Vec::new();
        };
        let text = |key: &str| answer[key].as_str().unwrap_or_default().to_owned();
        if answer.is_null() {
            return vec![(title, "证照库里没有".to_owned())];
        }
        let status = Status::parse(&text("status"));
        let until = match text("valid_to").as_str() {
            "" => "长期".to_owned(),
            day => day.to_owned(),
        };
        vec![
            (title, text("number")),
            (
                "状态".to_owned(),
                status.map_or("", Status::title).to_owned(),
            ),
            (
                "有效期".to_owned(),
                format!("{} 至 {until}", text("valid_from")),
            ),
        ]
    }

    fn ask<'a>(&'a self, tx: &'a mut Tx, asked: Asked<'a>) -> Fut<'a, Json> {
        Box::pin(async move {
            let number = asked.person.get("id_number").and_then(Json::as_str);
            let (Some(part), Some(number)) = (LicencePart::of(asked.parts), number) else {
                return Ok(Json::Null);
            };
            let digest = self.0.holder_digest(number);
            self.0
                .current_in(tx, &digest, &part.kind, asked.today)
                .await
        })
    }
}
