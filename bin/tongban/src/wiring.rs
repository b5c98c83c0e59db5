//! Puts the services of all modules together.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;
use tongban_audit::{
    AuditCatalogue, AuditKey, Entry, ROWS_MARKED, ReadLog, attempt, latest_moment,
};
use tongban_base::{Clock, Ctx, Date, Problem, Timestamp};
use tongban_cases::{Brought, CaseCalls, Desk, DeskParts, UsualTimes, hand_drafts_over};
use tongban_crypto::{PasswordStrength, Purpose};
use tongban_documents::{Fonts, Typesetter};
use tongban_identity::{
    AskRoles, Client, Identity, IdentityOptions, Joined, LockSettings, LoginSettings,
    PopulationRegister, Role, Roles, SessionSettings, SmsLogin,
};
use tongban_installation::Rights;
use tongban_items::Directory;
use tongban_licences::{HolderLookup, LicenceTypes, Licences, LicencesParts, ReleaseFiles};
use tongban_mandates::Mandates;
use tongban_messages::{GatewayConfig, Messaging};
use tongban_operations::{CasesOfRecord, Records};
use tongban_packs::{Findings, Folder, Installation, Pack, ReleaseHash, known_divisions};
use tongban_procedures::{Catalog, SharedOperations};
use tongban_registers::{Keeping, RegisterDefinitions, Registers};
use tongban_seals::{Authority, Issuer};
use tongban_store::{JobHandler, SUMS, begin_marks, begin_sums, migrate};
use tongban_ui::{Additions, App, AppBuilder, MenuGuards, Module, PageKey, Routes, SiteSettings};
use tongban_upkeep::FailedJobs;

use crate::codes::{self, code_messages};
use crate::data::{Data, keys_folder};
use crate::definitions::Definitions;
use crate::ending::tell_ending;
use crate::failure::Failure;
use crate::installation::Record;
use crate::office;
use crate::released::after_release;
use crate::telling::{mandates, messaging, reviews};
use crate::{definitions, demo, modules, own, readiness};

/// Clocks of the machines that serve one database may differ by so many minutes.
pub(crate) const CLOCKS_DIFFER: i64 = 10;

/// The house, ready to serve.
pub struct House {
    pub app: App,
    pub routes: Vec<Routes>,
    pub jobs: Vec<JobHandler>,
    pub audit_key: AuditKey,
    pub reads: ReadLog,
    pub desk: Desk,
    pub identity: Identity,
    pub licences: Licences,
    pub registers: Registers,
    pub pack: Pack,
}

/// What an installation decides.
pub struct Plan {
    /// Every moment of the house comes from it.
    pub clock: Clock,
    pub site: SiteSettings,
    pub register: Arc<dyn PopulationRegister>,
    /// With the typefaces of documents.
    pub typesetter: Typesetter,
    pub gateway: Option<GatewayConfig>,
    pub password_strength: PasswordStrength,
}

/// The shared part of a pack, for what runs before there is a house; [`build`] asks for the whole.
pub fn load_pack(folder: Folder) -> Result<Pack, Failure> {
    let mut findings = Findings::default();
    Pack::load(folder, &mut findings).ok_or_else(|| {
        let faults: Vec<String> = findings.0.iter().map(ToString::to_string).collect();
        Failure::new(faults.join("\n"))
    })
}

pub async fn build(data: &Data, pack: Pack, plan: Plan) -> Result<House, Failure> {
    prepare(data, plan.clock.now()).await?;
    begin(&plan.clock, data).await?;
    let defined = definitions::in_force(
        &data.db,
        pack.folder,
        &plan.typesetter,
        plan.clock.now().date(),
    );
    let defined = defined.await?;
    assemble(data, defined, plan).await
}

/// Tables and marks of this program.
pub(crate) async fn prepare(data: &Data, now: Timestamp) -> Result<(), Failure> {
    let modules = modules::all();
    migrate(&data.db, &modules::migrations(&modules), now).await?;
    mark_rows(data, &modules, now).await
}

/// The same on data that this program has migrated and marked before, with definitions that are read already.
pub async fn assemble(data: &Data, defined: Definitions, mut plan: Plan) -> Result<House, Failure> {
    let modules = modules::all();
    let (now, typesetter) = (plan.clock.now(), plan.typesetter.clone());
    let pack = defined.pack;
    let operations: SharedOperations = Arc::new(CaseCalls(modules::known()));
    let checked = (pack.clone(), defined.checked);
    let catalog = Catalog::open(&data.db, checked, operations, now).await;
    let catalog = Arc::new(catalog.map_err(definitions::unusable)?);
    tongban_items::publish_guides(&data.db, defined.guides, now).await?;
    plan.site.office = office::of(&catalog);
    if let Some(gateway) = plan.gateway.as_mut().filter(|g| g.signature.is_empty()) {
        gateway.signature = format!("{}政务服务", (plan.site.office.0)().region);
    }
    let audit_key = AuditKey::of(&data.ring)?.within(plan.site.doors.rates.clone());
    let clients = (&catalog, defined.clients);
    let reads = ReadLog::new(data.db.clone(), audit_key.clone());
    let identity = identity(data, &reads, clients, &plan, now.date())?;
    let offered = catalog.in_force_on(now.date());
    let offered = offered.iter().map(|standing| &**standing.offered());
    let released_as = tongban_licences::released_as(offered);
    let types = (defined.licences, released_as, release_files(&catalog));
    let licences = licences(data, (&catalog, types, &reads), &plan, &typesetter, now).await?;
    let after_release = after_release(&data.ring, &licences, &defined.messages)?;
    let tell_ending = tell_ending(&data.ring, &identity, &defined.messages)?;
    let codes = code_messages(&data.ring, &defined.messages, codes::sms(&plan))?;
    let messaging = messaging(data, defined.messages.clone(), &plan)?;
    let mandates = mandates(data, (&identity, &catalog, &audit_key), &defined.messages)?;
    let reviews = reviews(data, &audit_key, &catalog, defined.messages)?;
    let registers = Registers::new(
        data.db.clone(),
        registers_with(&catalog, defined.registers),
        &data.ring,
        (reads.clone(), keeping(data, &catalog)),
    )?;
    let desk = Desk::new(
        DeskParts {
            db: data.db.clone(),
            objects: data.objects.clone(),
            catalog: Arc::clone(&catalog),
            identity: identity.clone(),
            brought: brought(&licences, &registers, (&identity, &messaging), &mandates),
            authority: licences.authority().clone(),
            typesetter,
            reads: reads.clone(),
            public_url: plan.site.public_url.clone(),
            demo: plan.site.demo,
        },
        &data.ring,
    )?;
    let routes: Vec<Routes> = modules.iter().map(|m| (m.routes)()).collect();
    let page_key = data
        .ring
        .mac_key(Purpose::SESSIONS)
        .map_err(Problem::internal)?;
    let failed_jobs = Arc::new(FailedJobs::new(data.db.clone(), audit_key.clone()));
    let menu_counts = own::counts(&data.db, &desk, &failed_jobs);
    let own_parts = own::parts(
        &data.db,
        (&identity, &licences, &desk),
        (&catalog, &mandates),
    );
    let checks = readiness::checks(data, &plan.clock);
    let app = AppBuilder::new(data.db.clone(), plan.clock, plan.site)
        .with(Arc::new(identity.clone()))
        .with(Arc::new(Directory::new(Arc::clone(&catalog))))
        .with(catalog)
        .with(Arc::new(licences.clone()))
        .with(Arc::new(holder_lookup(&identity)))
        .with(Arc::new(after_release))
        .with(Arc::new(tell_ending))
        .with(Arc::new(codes))
        .with(Arc::new(reads.clone()))
        .with(Arc::new(messaging))
        .with(Arc::new(mandates))
        .with(Arc::new(reviews))
        .with(Arc::new(registers.clone()))
        .with(Arc::new(defined.reviews))
        .with(Arc::new(menu_counts))
        .with(Arc::new(own_parts))
        .with(Arc::new(UsualTimes::new(desk.clone())))
        .with(Arc::new(MenuGuards(tongban_cases::menu_guards(&desk))))
        .with(Arc::new(Additions(vec![Arc::new(registers.clone())])))
        .with(Arc::clone(&failed_jobs))
        .with(Arc::new(desk.clone()))
        .with(Arc::new(cases_of_record(&desk)))
        .with(Arc::new(PageKey(page_key)))
        .with(Arc::new(audit_catalogue()))
        .with(Arc::new(rights(&modules)))
        .authenticator(Arc::new(identity.clone()))
        .checks(checks)
        .menu(modules.iter().flat_map(|m| m.menu).copied().collect())
        .routes(routes.iter().flat_map(|r| r.table().to_vec()).collect())
        .build();
    let jobs = jobs(&modules, &app);
    failed_jobs.name_after(&jobs);
    Ok(House {
        jobs,
        audit_key,
        reads,
        app,
        routes,
        desk,
        identity,
        licences,
        registers,
        pack,
    })
}

/// Rows of tables that never were marked are trusted once; the log keeps how many.
async fn mark_rows(data: &Data, modules: &[Module], now: Timestamp) -> Result<(), Failure> {
    let record = Record::read(&data.folder)?;
    let witness = |table: &str| record.as_ref().is_some_and(|r| r.marked.contains(table));
    let marked = modules::marked(modules);
    let begun = begin_marks(&data.db, &marked, witness, now).await?;
    begin_sums(&data.db, &marked, witness(SUMS)).await?;
    let ctx = Ctx::system(now);
    for table in begun.iter().filter(|table| table.rows > 0) {
        let entry = Entry::done(ROWS_MARKED, "table", table.table)
            .with_detail(json!({ "rows": table.rows }));
        attempt(&data.db, &ctx, &AuditKey::of(&data.ring)?, entry).await?;
    }
    Ok(())
}

/// With the typefaces of this machine.
pub fn typesetter() -> Result<Typesetter, Failure> {
    Ok(Typesetter::new(typefaces()?))
}

/// `TONGBAN_FONTS` names a folder of the operator's own. Where rare characters of names cannot be printed, whoever
/// starts the program is told.
fn typefaces() -> Result<Fonts, Failure> {
    let folder = std::env::var_os("TONGBAN_FONTS").map(PathBuf::from);
    if let Some(folder) = folder.as_deref().filter(|folder| !folder.is_dir()) {
        let words = format!("TONGBAN_FONTS 指的 {} 不是文件夹", folder.display());
        return Err(Failure::new(words));
    }
    let fonts = Fonts::find(folder.as_deref()).map_err(Problem::from)?;
    if !fonts.has_rare_characters() {
        tracing::warn!(
            "rare characters of names (GB 18030-2022, level 3) cannot be printed: install the package fonts-hanazono, \
             or name a folder of typefaces by TONGBAN_FONTS"
        );
    }
    Ok(fonts)
}

/// Begins no earlier than what is on record; where the two are far apart, nobody but the operator knows which is right.
async fn begin(clock: &Clock, data: &Data) -> Result<(), Failure> {
    let recorded = latest_moment(&data.db).await?;
    if let Some(recorded) = recorded {
        clock_ahead(clock, recorded)?;
        clock.not_before(recorded);
    }
    Ok(())
}

fn clock_ahead(clock: &Clock, recorded: Timestamp) -> Result<(), Failure> {
    let now = clock.now();
    if recorded <= now.plus_minutes(CLOCKS_DIFFER) {
        return Ok(());
    }
    Err(Failure::new(format!(
        "本机时钟是 {}，而数据里已有 {} 的记录，没有启动。请核对本机时钟：如果时钟慢了，校准后再启动；\
         如果时钟现在是对的，是以前走快过，请运行 tongban clock accept，然后再启动",
        now.local().format("%Y-%m-%d %H:%M"),
        recorded.local().format("%Y-%m-%d %H:%M"),
    )))
}

fn jobs(modules: &[Module], app: &App) -> Vec<JobHandler> {
    modules.iter().flat_map(|m| (m.jobs)(app)).collect()
}

pub(crate) fn roles(installation: &Installation) -> Roles {
    Roles::new(installation.roles().map(|role| Role {
        code: role.code.clone(),
        title: role.title.clone(),
        permissions: role.permissions.clone(),
        given_by: role.given_by.clone(),
    }))
}

/// The same, made anew only when something was changed.
fn ask_roles(catalog: &Arc<Catalog>) -> AskRoles {
    let catalog = Arc::clone(catalog);
    let made: Mutex<Option<(Arc<Installation>, Arc<Roles>)>> = Mutex::default();
    Arc::new(move || {
        let installation = catalog.installation();
        let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
        match &*made {
            Some((of, roles)) if Arc::ptr_eq(of, &installation) => Arc::clone(roles),
            _ => {
                let roles = Arc::new(roles(&installation));
                *made = Some((installation, Arc::clone(&roles)));
                roles
            }
        }
    })
}

fn identity(
    data: &Data,
    reads: &ReadLog,
    (catalog, clients): (&Arc<Catalog>, Vec<(bool, Client)>),
    plan: &Plan,
    today: Date,
) -> Result<Identity, Failure> {
    let mut options = IdentityOptions::new(Roles::default(), Arc::clone(&plan.register));
    options.roles = ask_roles(catalog);
    let settings = Arc::clone(catalog);
    options.settings = Arc::new(move || login_settings(&settings));
    options.password_strength = plan.password_strength;
    options.rates = plan.site.doors.rates.clone();
    options.reads = Some(reads.clone());
    options.after_join = Some(Arc::new(|tx, joined: Joined| {
        Box::pin(hand_drafts_over(tx, (joined.from, joined.to)))
    }));
    let offered = clients
        .into_iter()
        .filter(|(example, _)| plan.site.demo || !example);
    options.clients = offered.map(|(_, client)| client).collect();
    if plan.site.demo {
        options.demo_accounts = demo::accounts(catalog.pack(), &(options.roles)(), today)?;
    }
    Ok(Identity::new(
        data.db.clone(),
        &data.ring,
        reads.key().clone(),
        options,
    )?)
}

fn login_settings(catalog: &Catalog) -> LoginSettings {
    let LoginSettings { sessions, lock, .. } = LoginSettings::default();
    LoginSettings {
        sessions: SessionSettings {
            idle_minutes: catalog.setting_number("session_idle_minutes", sessions.idle_minutes),
            ..sessions
        },
        lock: LockSettings {
            failures: catalog.setting_number("login_max_failures", lock.failures),
            minutes: catalog.setting_number("login_lock_minutes", lock.minutes),
        },
        sms: match catalog.setting_flag("login_by_sms", true) {
            true => SmsLogin::On,
            false => SmsLogin::Off,
        },
    }
}

type Types = (LicenceTypes, BTreeMap<String, ReleaseHash>, ReleaseFiles);

async fn licences(
    data: &Data,
    (catalog, (types, released_as, releases), reads): (&Arc<Catalog>, Types, &ReadLog),
    plan: &Plan,
    typesetter: &Typesetter,
    now: Timestamp,
) -> Result<Licences, Failure> {
    let installation = catalog.installation();
    let issuers: Vec<Issuer> = (installation.organisations())
        .map(|office| Issuer::from(&**office))
        .collect();
    let known = Arc::clone(catalog);
    let authority = Authority::open(&data.db, &data.ring, typesetter, &issuers, now).await?;
    authority.export_root(&keys_folder(&data.folder))?;
    let parts = LicencesParts {
        db: data.db.clone(),
        objects: data.objects.clone(),
        types,
        released_as,
        releases,
        authority,
        typesetter: typesetter.clone(),
        issuers: Arc::new(move |code| {
            known
                .organisation(code)
                .map(|office| Issuer::from(&*office))
        }),
        public_url: plan.site.public_url.clone(),
        presentation_seconds: (catalog.pack()).setting_number("licence_present_seconds"),
        reads: reads.clone(),
    };
    Ok(Licences::new(parts, &data.ring)?)
}

/// Their forms offer the divisions of the installation.
fn registers_with(catalog: &Catalog, of_pack: RegisterDefinitions) -> RegisterDefinitions {
    let (pack, divisions) = (catalog.pack(), catalog.installation().known_divisions());
    match divisions == known_divisions(pack.divisions.values()) {
        true => of_pack,
        // What is wrong with them was told when they were checked.
        false => RegisterDefinitions::read(&pack.folder, &divisions, &mut Findings::default()),
    }
}

/// Files of records are judged as those of cases are.
fn keeping(data: &Data, catalog: &Arc<Catalog>) -> Keeping {
    let catalog = Arc::clone(catalog);
    Keeping::new(data.objects.clone(), move || {
        tongban_cases::upload_bounds(&catalog)
    })
}

/// A licence has the face of its case's release.
fn release_files(catalog: &Arc<Catalog>) -> ReleaseFiles {
    let catalog = Arc::clone(catalog);
    ReleaseFiles(Box::new(move |tx, hash| {
        let catalog = Arc::clone(&catalog);
        Box::pin(async move { Ok(catalog.release(tx, &hash).await?.folder().clone()) })
    }))
}

/// Licences issued before somebody registered are found when they do.
pub(crate) fn holder_lookup(identity: &Identity) -> HolderLookup {
    let identity = identity.clone();
    HolderLookup(Box::new(move |account| {
        let identity = identity.clone();
        Box::pin(async move { Ok(identity.person_of(account).await?.id_number) })
    }))
}

/// What modules bring to cases, with their services.
fn brought(
    licences: &Licences,
    registers: &Registers,
    (identity, messaging): (&Identity, &Messaging),
    mandates: &Mandates,
) -> Brought {
    let kept: Arc<dyn Records> = Arc::new(registers.clone());
    let accounts = tongban_accounts::operations(identity, &kept, messaging.templates());
    let records = Brought {
        operations: [accounts, tongban_registers::operations(registers)].concat(),
        submissions: vec![Arc::new(registers.clone())],
        records: Some(kept),
        guides: Some(Arc::new(registers.clone())),
        mandates: Some(Arc::new(mandates.clone())),
        ..Brought::default()
    };
    tongban_licences::brought(licences)
        .and(tongban_reviews::brought())
        .and(records)
}

/// For the pages of records.
fn cases_of_record(desk: &Desk) -> Arc<dyn CasesOfRecord> {
    Arc::new(desk.clone())
}

/// What roles may give.
fn rights(modules: &[Module]) -> Rights {
    let all = modules.iter().flat_map(|module| module.permissions);
    Rights(all.copied().collect())
}

fn audit_catalogue() -> AuditCatalogue {
    AuditCatalogue::new(&[
        tongban_audit::EVENTS,
        tongban_identity::EVENTS,
        tongban_cases::EVENTS,
        tongban_licences::EVENTS,
        tongban_messages::EVENTS,
        tongban_mandates::EVENTS,
        tongban_reviews::EVENTS,
        tongban_registers::EVENTS,
        tongban_upkeep::EVENTS,
        tongban_items::EVENTS,
        tongban_installation::EVENTS,
    ])
    .with_subjects(&[
        tongban_audit::SUBJECTS,
        tongban_identity::SUBJECTS,
        tongban_mandates::SUBJECTS,
        tongban_registers::SUBJECTS,
        tongban_upkeep::SUBJECTS,
        tongban_items::SUBJECTS,
        tongban_installation::SUBJECTS,
    ])
}
