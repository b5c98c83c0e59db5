//! Beginning an application, answering its questions, filling it in step by step.

use serde_json::{Value as Json, json};
use tongban_audit::Entry;
use tongban_base::{Ctx, FieldError, Problem, Result, Uuid};
use tongban_forms::{StepReading, Values};
use tongban_operations::GuidePage;
use tongban_packs::ReleaseHash;
use tongban_procedures::{Audience, Facts, MaterialSource, ProcedureRelease};
use tongban_store::Tx;

use crate::desk::{Desk, known};
use crate::model::{Draft, DraftId, MaterialFile};
use crate::service::lost::titled;
use crate::service::shown::{self, Shown};
use crate::service::{admission, agency, guides, sole, starting};
use crate::store::{drafts, materials, open_cases};

/// A draft with what its pages show.
#[derive(Clone)]
pub struct Application {
    pub draft: Draft,
    pub release: ProcedureRelease,
    pub facts: Facts,
    pub files: Vec<MaterialFile>,
    /// Guides that have to be confirmed before anything goes on.
    pub guides: Vec<GuidePage>,
    /// The number of a case that is not finished and of which there may be one only.
    pub open_case: Option<String>,
    /// Form and answers as they are saved, when what was typed could not be.
    pub saved_form: Json,
    pub saved_answers: Json,
    /// What a newer form has no place for: title and text.
    pub fallen: Vec<(String, String)>,
    /// The release that the draft was saved under.
    pub before: Option<ProcedureRelease>,
    /// Situation answers that are not offered any more.
    pub lost_answers: Vec<FieldError>,
    /// Whoever opened it sees it in the workbench.
    pub in_workbench: bool,
}

/// A step that was sent, and what became of it.
pub struct SavedStep {
    pub application: Application,
    /// What the page must say before anything else, and whether the next page may come.
    pub reading: StepReading,
    /// The page is shown again whatever button was pressed, or what was typed would be lost.
    pub show_again: bool,
}

/// What a page says of itself when it is sent.
#[derive(Clone, Debug, Default)]
pub struct SentFrom {
    /// What it showed as saved.
    pub shown: Option<Shown>,
    /// The release that it was made from.
    pub release: Option<ReleaseHash>,
    /// Whoever sent it goes back or goes on later: what it leaves empty is not answered yet.
    pub put_aside: bool,
}

/// Whether a write finds what was looked at before it.
impl PartialEq for Application {
    fn eq(&self, other: &Self) -> bool {
        self.release.hash() == other.release.hash()
            && self.draft == other.draft
            && self.facts == other.facts
            && self.files == other.files
            && self.open_case == other.open_case
    }
}

impl Application {
    /// One that lies nowhere yet, or whose draft is filed.
    pub(crate) fn unsaved(
        ctx: &Ctx,
        draft: Draft,
        release: ProcedureRelease,
        facts: Facts,
    ) -> Self {
        Self {
            in_workbench: ctx.actor.staff.is_some(),
            draft,
            release,
            facts,
            files: Vec::new(),
            guides: Vec::new(),
            open_case: None,
            saved_form: Json::Null,
            saved_answers: Json::Null,
            fallen: Vec::new(),
            before: None,
            lost_answers: Vec::new(),
        }
    }

    /// Nothing but the situation is known of it yet.
    pub fn is_untouched(&self) -> bool {
        let form = self.draft.form.as_object();
        form.is_none_or(serde_json::Map::is_empty) && self.files.is_empty()
    }

    pub fn has_no_answers(&self) -> bool {
        let answers = self.draft.answers.as_object();
        answers.is_none_or(serde_json::Map::is_empty)
    }

    /// Whether it is known whose the account is, as far as it has to be.
    pub fn is_proven(&self) -> bool {
        admission::is_proven(&self.release, &self.facts)
    }

    /// Why this person cannot apply.
    pub fn refusals(&self) -> Vec<String> {
        admission::refusals(&self.release, &self.facts)
    }

    pub fn values(&self) -> Values {
        values_of(&self.draft.form)
    }

    /// The files that are filed: those of materials that the answers call for.
    pub(crate) fn filed_files(&self) -> Vec<MaterialFile> {
        let wanted = self.release.materials(&self.facts);
        let asked = |file: &&MaterialFile| {
            let mut wanted = wanted.iter().filter(|m| m.source != MaterialSource::Form);
            wanted.any(|m| m.code == file.material)
        };
        self.files.iter().filter(asked).cloned().collect()
    }
}

pub(crate) fn values_of(form: &Json) -> Values {
    form.as_object().cloned().unwrap_or_default().into()
}

/// The draft with everything known; someone else's is not found.
pub async fn open_application(desk: &Desk, ctx: &Ctx, id: DraftId) -> Result<Application> {
    desk.db
        .read((desk.clone(), ctx.clone(), id), |tx, (desk, ctx, id)| {
            Box::pin(open_in(tx, desk, ctx, *id))
        })
        .await
}

/// The same in a transaction that is already open.
pub(crate) async fn open_in(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    id: DraftId,
) -> Result<Application> {
    let draft = drafts::load(tx, &desk.cipher, id).await?;
    agency::authorize_draft(tx, desk, ctx, &draft).await?;
    let today = ctx.now.date();
    // A draft follows the release in force until it is submitted; a case goes on when its item has ended.
    let release = match draft.case_id {
        None => desk.catalog.current(tx, &draft.item_code, today).await?,
        Some(_) => desk.catalog.release(tx, &draft.release).await?,
    };
    if draft.case_id.is_none() {
        starting::still_his(tx, desk, ctx, &draft, &release).await?;
    }
    let open = match release.procedure().audience {
        Audience::Public => open_cases::open_of(tx, draft.account, id).await?,
        Audience::Unit | Audience::Staff | Audience::System => Vec::new(),
    };
    let mut application = Application {
        files: materials::of_draft(tx, id).await?,
        guides: guides::to_confirm(tx, desk, &release, ctx.now).await?,
        open_case: sole::in_the_way(tx, release.procedure(), &draft, &open).await?,
        facts: desk
            .facts(tx, &draft, (&release, Some(ctx)), &open, today)
            .await?,
        saved_form: json!({}),
        saved_answers: json!({}),
        fallen: Vec::new(),
        before: None,
        lost_answers: Vec::new(),
        in_workbench: ctx.actor.staff.is_some(),
        draft,
        release,
    };
    if application.draft.case_id.is_none() {
        let before = desk.catalog.release(tx, &application.draft.release).await;
        application.before = before.ok();
        application.fit();
    }
    application.is_saved();
    Ok(application)
}

impl Application {
    /// A draft goes on with the questions and the form of the release in force; what has no place there falls away.
    fn fit(&mut self) {
        let before = self.before.as_ref();
        let (fits, fallen) = self.release.form().fitting(&self.values());
        self.fallen = fallen
            .iter()
            .map(|(name, value)| titled(before, name, value))
            .collect();
        self.draft.form = fits.into_json();
        let answers = self.draft.answers.as_object();
        let given: Vec<(String, String)> = answers
            .into_iter()
            .flatten()
            .filter_map(|(id, value)| Some((id.clone(), value.as_str()?.to_owned())))
            .collect();
        self.find_lost_answers(&given);
        self.answer(&given);
    }

    fn is_saved(&mut self) {
        self.saved_form = self.draft.form.clone();
        self.saved_answers = self.draft.answers.clone();
    }

    pub(crate) fn answer_words(&self, id: &str) -> String {
        let question = self
            .release
            .procedure()
            .question
            .iter()
            .find(|q| q.id == id);
        let value = self.draft.answers.get(id).and_then(Json::as_str);
        question
            .and_then(|q| q.options.iter().find(|o| Some(o.value.as_str()) == value))
            .map(|option| option.label.clone())
            .unwrap_or_default()
    }
}

/// The same for whoever changes it: what was submitted is changed no more.
pub(crate) async fn editing(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    id: DraftId,
) -> Result<Application> {
    let application = open_in(tx, desk, ctx, id).await?;
    match application.draft.case_id {
        None => Ok(application),
        Some(_) => Err(already_submitted()),
    }
}

/// Saves the answers to the situation questions; answers to questions that no longer stand are dropped.
pub async fn save_answers(
    desk: &Desk,
    ctx: &Ctx,
    draft: DraftId,
    given: &[(String, String)],
) -> Result<Application> {
    Ok(save_questions(desk, ctx, draft, given, None).await?.0)
}

/// The same for a page, with what another page answered otherwise in the meantime; then nothing is saved.
pub async fn save_questions(
    desk: &Desk,
    ctx: &Ctx,
    draft: DraftId,
    given: &[(String, String)],
    shown: Option<Shown>,
) -> Result<(Application, Vec<FieldError>)> {
    let sent = (draft, given.to_vec(), shown);
    desk.write(ctx, sent, |tx, desk, ctx, (draft, given, shown)| {
        Box::pin(async move {
            let mut application = editing(tx, desk, ctx, *draft).await?;
            let saved = application.clone();
            application.answer(given);
            let crossed = match shown {
                None => Vec::new(),
                Some(shown) => {
                    let now = shown::of_answers(desk, &saved, &saved.draft.answers);
                    let sent = shown::of_answers(desk, &application, &application.draft.answers);
                    shown::crossed(&now, shown, &sent, |place| {
                        let id = place.trim_start_matches("/answers/");
                        let questions = &saved.release.procedure().question;
                        let title = questions.iter().find(|q| q.id == id);
                        let title = title.map_or(id, |q| q.text.as_str());
                        (title.to_owned(), saved.answer_words(id))
                    })
                }
            };
            if crossed.is_empty() {
                save(tx, desk, ctx, &mut application).await?;
            }
            Ok((application, crossed))
        })
    })
    .await
}

impl Application {
    pub(crate) fn answer(&mut self, given: &[(String, String)]) {
        let mut answers = serde_json::Map::new();
        loop {
            self.facts.answers = Json::Object(answers.clone());
            let before = answers.len();
            for question in self.release.questions(&self.facts) {
                let chosen = given.iter().rev().find(|(name, _)| *name == question.id);
                if let Some((_, value)) = chosen
                    && question.options.iter().any(|o| o.value == *value)
                {
                    answers.insert(question.id.clone(), Json::from(value.as_str()));
                }
            }
            if answers.len() == before {
                break;
            }
        }
        self.draft.answers = Json::Object(answers);
        self.facts.answers = self.draft.answers.clone();
    }
}

/// Reads one step of the form on top of what is saved. Everything legible is kept, faults or not.
pub async fn save_step(
    desk: &Desk,
    ctx: &Ctx,
    draft: DraftId,
    step: &str,
    input: &[(String, String)],
) -> Result<(Application, StepReading)> {
    let saved = save_page(desk, ctx, draft, step, input, SentFrom::default()).await?;
    Ok((saved.application, saved.reading))
}

/// The same for a page, which may be older than what is saved, or than the form.
pub async fn save_page(
    desk: &Desk,
    ctx: &Ctx,
    draft: DraftId,
    step: &str,
    input: &[(String, String)],
    from: SentFrom,
) -> Result<SavedStep> {
    let sent = (draft, step.to_owned(), input.to_vec(), from);
    desk.write(ctx, sent, |tx, desk, ctx, (draft, step, input, from)| {
        Box::pin(async move {
            let mut application = editing(tx, desk, ctx, *draft).await?;
            let (input, mut notices) = application.of_older(tx, desk, input, from).await;
            let sent = input.as_slice().into();
            application.find_chosen(tx, desk, ctx, sent).await?;
            let known = known(&application.facts);
            let (form, values) = (application.release.form(), application.values());
            let mut reading = match form.step(step) {
                Some(_) => form.read_step(step, &values, input.as_slice(), &known),
                None => form.read_draft(input.as_slice()).map(|sent| StepReading {
                    values: values.over(&sent),
                    errors: Vec::new(),
                    appeared: Vec::new(),
                }),
            }
            .map_err(Problem::fields)?;
            if from.put_aside {
                reading.values = form.with_lost(&values, &reading.values, &known);
            }
            let now = shown::of_step(desk, &application, step);
            application.draft.form = reading.values.to_json();
            let crossed = application.crossed(desk, step, &now, from);
            let show_again = !notices.is_empty() || !crossed.is_empty();
            if crossed.is_empty() {
                save(tx, desk, ctx, &mut application).await?;
            } else {
                reading.errors = crossed;
            }
            notices.append(&mut reading.errors);
            reading.errors = notices;
            Ok(SavedStep {
                application,
                reading,
                show_again,
            })
        })
    })
    .await
}

impl Application {
    /// What a page of an older form sent, without what this form does not have; that is told.
    async fn of_older(
        &self,
        tx: &mut Tx,
        desk: &Desk,
        input: &[(String, String)],
        from: &SentFrom,
    ) -> (Vec<(String, String)>, Vec<FieldError>) {
        let older = from
            .release
            .as_ref()
            .filter(|hash| *hash != self.release.hash());
        let Some(older) = older else {
            return (input.to_vec(), Vec::new());
        };
        let form = self.release.form();
        let before = desk.catalog.release(tx, older).await.ok();
        let has_place =
            |(name, _): &&(String, String)| name.starts_with('_') || form.field(name).is_some();
        let (fits, fallen): (Vec<_>, Vec<_>) = input.iter().partition(has_place);
        let told = |words: String| FieldError::new("", "form.updated", words);
        let mut notices: Vec<FieldError> = fallen
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(name, text)| {
                let (title, text) = titled(before.as_ref(), name, &Json::from(text.as_str()));
                told(format!("表单已更新：“{title}”已不再需要填写，您填写的“{text}”没有保存，请核对这一页后再点“下一步”"))
            })
            .collect();
        let same = before.is_some_and(|before| {
            before.form().schema() == form.schema() && before.form().steps() == form.steps()
        });
        if !same && notices.is_empty() {
            notices.push(told(
                "表单已更新，您填写的内容已经保存，请核对这一页后再点“下一步”".into(),
            ));
        }
        (fits.into_iter().cloned().collect(), notices)
    }

    /// What another page saved of this step in the meantime.
    fn crossed(&self, desk: &Desk, step: &str, now: &Shown, from: &SentFrom) -> Vec<FieldError> {
        let Some(shown) = &from.shown else {
            return Vec::new();
        };
        let typed = Application {
            saved_form: self.draft.form.clone(),
            ..self.clone()
        };
        let sent = shown::of_step(desk, &typed, step);
        let saved = values_of(&self.saved_form);
        shown::crossed(now, shown, &sent, |place| {
            let name = place.trim_start_matches('/');
            let field = self.release.form().field(name);
            let text = field.map(|field| field.words(saved.get(name)));
            let title = field.map_or(name, |field| field.title.as_str());
            (title.to_owned(), text.unwrap_or_default())
        })
    }
}

/// Replaces the form of a draft by what a program sent; legible values are kept, rules are told later.
pub async fn save_form(desk: &Desk, ctx: &Ctx, draft: DraftId, form: &Json) -> Result<Application> {
    desk.write(
        ctx,
        (draft, form.clone()),
        |tx, desk, ctx, (draft, form)| {
            Box::pin(async move {
                let mut application = editing(tx, desk, ctx, *draft).await?;
                let values = application.release.form().read_draft(form);
                application.draft.form = values.map_err(Problem::fields)?.into_json();
                application.find_chosen(tx, desk, ctx, form.into()).await?;
                save(tx, desk, ctx, &mut application).await?;
                Ok(application)
            })
        },
    )
    .await
}

pub(crate) async fn save(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    application: &mut Application,
) -> Result<()> {
    application.draft.release = application.release_to_keep();
    application.draft.updated_at = ctx.now;
    application.is_saved();
    drafts::update(tx, &desk.cipher, &application.draft).await
}

pub(crate) fn already_submitted() -> Problem {
    Problem::conflict("case.submitted_already", "这份申请已经提交，不能再改")
}

pub(crate) fn account_of(ctx: &Ctx) -> Result<Uuid> {
    ctx.actor.account.ok_or_else(Problem::unauthenticated)
}

pub(crate) async fn record(
    tx: &mut Tx,
    ctx: &Ctx,
    desk: &Desk,
    draft: DraftId,
    event: tongban_audit::AuditEvent,
) -> Result<()> {
    let entry = Entry::done(event, "draft", draft.to_string());
    tongban_audit::record(tx, ctx, &desk.audit_key, entry).await
}
