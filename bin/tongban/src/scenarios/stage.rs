//! Houses for scenarios: the pack is read and compiled once, a database is migrated and filled once for each day on
//! which scenarios begin, and every scenario gets a copy of it.

use std::any::Any;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, OnceCell, watch};
use tongban_base::{Clock, Ctx, Date, Timestamp};
use tongban_crypto::PasswordStrength;
use tongban_documents::Typesetter;
use tongban_identity::simulator::{Citizen, PopulationSimulator};
use tongban_identity::{DEMO_PASSWORD, HttpPopulationRegister};
use tongban_messages::{Channel, Messaging, of_subject};
use tongban_packs::{Findings, Folder, Pack};
use tongban_procedures::Known;
use tongban_scenarios::{
    Door, House, OpenTask, Opening, SentSms, Sms, Stage, Stranger, Tasks, Tick,
};
use tongban_store::Dispatcher;
use tongban_ui::SiteSettings;

use crate::cli::DataArgs;
use crate::data::{Data, database_file};
use crate::definitions::Definitions;
use crate::failure::Failure;
use crate::outward::Outward;
use crate::wiring::{self, Plan, assemble, build};
use crate::{demo, folders, simulate};

/// In memory where there is such a folder: what is played need not outlive a power cut.
const IN_MEMORY: &str = "/dev/shm";

/// A pack with everything that its houses share.
pub struct PackStage {
    defined: Definitions,
    days: Arc<Days>,
}

/// The folders to be copied, of the pack as it came: a pack from which something was taken is played on the same.
struct Days {
    pack: Pack,
    typesetter: Typesetter,
    templates: Mutex<HashMap<Date, Arc<OnceCell<TempDir>>>>,
    /// The releases of the pack as it came: their papers hold.
    known: Known,
}

impl PackStage {
    /// Errors: what is wrong with the pack.
    pub fn of(folder: Folder) -> Result<Self, Findings> {
        let defined = Definitions::read(folder, None)?;
        let typesetter = wiring::typesetter().map_err(|failure| {
            let mut findings = Findings::default();
            findings.add("pack.toml", None, failure.to_string());
            findings
        })?;
        let releases = defined.checked.releases.iter();
        let known = releases.map(|release| (release.hash().clone(), Some(release.clone())));
        let days = Days {
            pack: defined.pack.clone(),
            typesetter,
            templates: Mutex::default(),
            known: known.collect(),
        };
        Ok(Self {
            defined,
            days: Arc::new(days),
        })
    }

    async fn open_house(&self, opening: &Opening) -> Result<House, Failure> {
        let template = self.days.template(opening.at.date()).await?;
        let folder = temporary()?;
        folders::copy(&template, folder.path(), "")?;
        let data = open(folder.path()).await?;
        let clock = Clock::given(opening.at);
        let (stop, stopped) = watch::channel(false);
        let plan = self
            .days
            .plan(clock.clone(), &opening.strangers, stopped)
            .await?;
        let mut house = assemble(&data, self.defined.clone(), plan).await?;
        let routes = std::mem::take(&mut house.routes);
        let app = house.app.clone();
        let now = move || app.now();
        Ok(House {
            router: tongban_ui::router(house.app.clone(), routes),
            jobs: Dispatcher::new(data.db.clone(), house.jobs.clone(), now),
            tick: tick(&house),
            sent: sent(&house)?,
            tasks: tasks(&house),
            people: self.people(&house, opening.at.date())?,
            password: DEMO_PASSWORD.to_owned(),
            keep: kept(folder, stop),
            clock,
        })
    }

    fn people(
        &self,
        house: &wiring::House,
        today: Date,
    ) -> Result<BTreeMap<String, Door>, Failure> {
        let accounts = demo::accounts(&self.defined.pack, &house.identity.roles(), today)?;
        let door = |staff| if staff { Door::Staff } else { Door::Citizen };
        let people = accounts.into_iter().map(|a| (a.login, door(a.staff)));
        Ok(people.collect())
    }
}

/// What was told by SMS about a case.
fn sent(house: &wiring::House) -> Result<SentSms, Failure> {
    let (db, messaging) = (house.app.db().clone(), house.app.service::<Messaging>()?);
    Ok(Box::new(move |case| {
        let (db, messaging) = (db.clone(), Arc::clone(&messaging));
        Box::pin(async move {
            let told = db.read(case, move |tx, case| Box::pin(of_subject(tx, "case", case)));
            let told = told.await?.into_iter();
            let sms = told.filter(|message| message.channel == Channel::Sms);
            let opened = sms.map(|message| {
                Ok(Sms {
                    text: messaging.words(&message)?,
                    title: message.title,
                    to: message.mobile_masked,
                })
            });
            opened.collect()
        })
    }))
}

/// What is open in a case.
fn tasks(house: &wiring::House) -> Tasks {
    let desk = house.desk.clone();
    Box::new(move |case| {
        let desk = desk.clone();
        Box::pin(async move {
            let open = tongban_cases::tasks_of(&desk, case.parse()?).await?;
            let task = |task: tongban_flows::Task| OpenTask {
                id: task.id.to_string(),
                name: task.name,
                decisions: task
                    .decisions
                    .into_iter()
                    .map(|decision| (decision.name, decision.label))
                    .collect(),
            };
            Ok(open.into_iter().map(task).collect())
        })
    })
}

impl Days {
    /// The folder for a day, made by whoever asks first.
    async fn template(&self, day: Date) -> Result<PathBuf, Failure> {
        let cell = Arc::clone(self.templates.lock().await.entry(day).or_default());
        let template = cell.get_or_try_init(|| self.fill(day)).await?;
        Ok(template.path().to_owned())
    }

    async fn fill(&self, day: Date) -> Result<TempDir, Failure> {
        let (made, template) = (temporary()?, temporary()?);
        let data = open(made.path()).await?;
        let (_stop, stopped) = watch::channel(false);
        let clock = Clock::given(Timestamp::start_of(day));
        let plan = self.plan(clock, &[], stopped).await?;
        let house = build(&data, self.pack.clone(), plan).await?;
        let ctx = Ctx::system(house.app.now());
        demo::seed(&house, &ctx).await?;
        let app = house.app.clone();
        let jobs = Dispatcher::new(data.db.clone(), house.jobs.clone(), move || app.now());
        jobs.drain().await?;
        house.reads.flush().await?;
        let database = database_file(template.path());
        data.db.backup_sqlite(&database).await?;
        for part in ["keys", "objects"] {
            folders::copy(&made.path().join(part), &template.path().join(part), "")?;
        }
        Ok(template)
    }

    async fn plan(
        &self,
        clock: Clock,
        strangers: &[Stranger],
        stopped: watch::Receiver<bool>,
    ) -> Result<Plan, Failure> {
        let today = clock.now().date();
        let mut people = demo::population(&self.pack, today)?;
        people.extend(strangers.iter().map(|stranger| Citizen {
            name: stranger.name.clone(),
            id_number: stranger.id_number.clone(),
            suspended: false,
        }));
        let site = SiteSettings {
            demo: true,
            ..SiteSettings::default()
        };
        Ok(Plan {
            clock,
            site,
            register: Arc::new(population(people, stopped).await?),
            typesetter: self.typesetter.clone(),
            gateway: None,
            password_strength: PasswordStrength::ForTestsOnly,
        })
    }
}

#[async_trait::async_trait]
impl Stage for PackStage {
    fn pack(&self) -> &Pack {
        &self.defined.pack
    }

    async fn without(&self, folder: Folder) -> Result<Arc<dyn Stage>, Findings> {
        Ok(Arc::new(Self {
            defined: Definitions::read_beside(folder, None, &self.days.known)?,
            days: Arc::clone(&self.days),
        }))
    }

    async fn try_papers(&self) -> Findings {
        let (defined, days) = (self.defined.clone(), Arc::clone(&self.days));
        let tried = tokio::task::spawn_blocking(move || {
            let known = days.known.keys().cloned().collect();
            defined.try_changed_papers(&days.typesetter, &known)
        });
        tried.await.unwrap_or_default()
    }

    async fn house(&self, opening: &Opening) -> Result<House, String> {
        let house = self.open_house(opening).await;
        house.map_err(|failure| failure.to_string())
    }
}

fn temporary() -> Result<TempDir, Failure> {
    let memory = Path::new(IN_MEMORY);
    let folder = tempfile::Builder::new()
        .prefix("tongban-scenario-")
        .tempdir_in(memory);
    Ok(folder.or_else(|_| tempfile::tempdir())?)
}

async fn open(folder: &Path) -> Result<Data, Failure> {
    let args = DataArgs {
        data: folder.to_owned(),
        database: None,
    };
    Data::open(&args).await
}

/// A register of its own on a port of its own.
async fn population(
    people: Vec<Citizen>,
    mut stopped: watch::Receiver<bool>,
) -> Result<HttpPopulationRegister, Failure> {
    let simulator = PopulationSimulator::new(simulate::APPLICATION, simulate::KEY, people);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move {
        let until = async move {
            let _ = stopped.wait_for(|stop| *stop).await;
        };
        if let Err(problem) = simulator.serve(listener, until).await {
            tracing::error!(%problem, "the simulated population register stopped");
        }
    });
    let counterpart = Outward::default().counterpart("模拟人口库", &url)?;
    Ok(HttpPopulationRegister::new(
        counterpart,
        simulate::APPLICATION,
        simulate::KEY,
    ))
}

fn kept(folder: TempDir, stop: watch::Sender<bool>) -> Box<dyn Any + Send + Sync> {
    Box::new((folder, stop))
}

/// What a server asks for from time to time.
fn tick(house: &wiring::House) -> Tick {
    let (desk, reads, app) = (house.desk.clone(), house.reads.clone(), house.app.clone());
    Box::new(move || {
        let (desk, reads, now) = (desk.clone(), reads.clone(), app.now());
        Box::pin(async move {
            reads.flush().await?;
            desk.catalog.refresh(&desk.db, now.date()).await?;
            tongban_cases::ask_for_timers(&desk, &Ctx::system(now)).await?;
            crate::serve::look_for_overdue(&desk.db, now).await
        })
    })
}
