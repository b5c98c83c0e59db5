//! `tongban bench NAME`: builds fresh houses in temporary folders, has them measured, prints what was found.

mod catalogue;
mod jobs;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use tokio::sync::watch;
use tongban_base::{Clock, Problem, Rates, Uuid};
use tongban_benches::{Bare, Database, Report};
use tongban_crypto::{KeyRing, PasswordStrength};
use tongban_identity::HttpPopulationRegister;
use tongban_messages::GatewayConfig;
use tongban_store::{Db, LaneSettings, Marks, Start};
use tongban_ui::{DoorSettings, SiteSettings};

use crate::cli::DataArgs;
use crate::data::{Data, starts_folder};
use crate::doors::raise_file_limit;
use crate::failure::Failure;
use crate::outward::Outward;
use crate::wiring::{House, Plan, build, load_pack};
use crate::{serve, simulate};

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Bench {
    /// Pages a second beside a bare server, and 3,000 people at once.
    Pages,
    /// Durable submissions a second on both databases.
    Cases,
    /// Whole approvals a second beside other engines.
    Flows,
    /// Sealed licences and verifications a second.
    Documents,
    /// Papers drained a second while pages are served, and what a counterpart that hangs costs.
    Jobs,
    /// Memory at rest and under load, size of the program.
    Memory,
    /// Thousands of procedures, their guides and a long history, on both databases.
    Catalogue,
    /// What expensive files and slow connections of strangers cost.
    Doors,
    /// Submissions and readings with the marks of rows and without them.
    Marks,
}

#[derive(Args, Clone)]
pub struct BenchArgs {
    pub name: Bench,
    #[arg(long)]
    pub json: bool,
    /// A PostgreSQL server on which a database may be made; it is dropped afterwards.
    #[arg(long, env = "TONGBAN_TEST_POSTGRES")]
    pub database: Option<String>,
    /// Of the catalogue only one in so many: to try the measuring itself.
    #[arg(long, hide = true, default_value_t = 1)]
    pub part: usize,
}

pub async fn bench(args: BenchArgs) -> Result<ExitCode, Failure> {
    raise_file_limit();
    let folder = Temporary::new()?;
    let outcome = run(&args, &folder.0).await;
    let report = outcome?;
    if args.json {
        println!("{}", report.json());
    } else {
        print!("{}", report.text());
    }
    Ok(ExitCode::SUCCESS)
}

async fn run(args: &BenchArgs, folder: &Path) -> Result<Report, Failure> {
    let report = match args.name {
        Bench::Pages => pages(folder).await?,
        Bench::Cases => cases(folder, args.database.as_deref()).await?,
        Bench::Flows => {
            let ring = KeyRing::ephemeral().map_err(Problem::internal)?;
            let db = Db::open_sqlite(&folder.join("flows.db"))?.with_marks(Marks::of(&ring)?);
            tongban_benches::flows(db).await?
        }
        Bench::Documents => tongban_benches::documents(crate::packs::transport()).await?,
        Bench::Catalogue => catalogue(folder, args.database.as_deref(), args.part).await?,
        Bench::Jobs => jobs::jobs(folder).await?,
        Bench::Doors => {
            let program = std::env::current_exe()?;
            tongban_benches::doors(&program, &folder.join("served")).await?
        }
        Bench::Marks => {
            let mut marked = house(&folder.join("marked"), None).await?;
            let unmarked = folder.join("unmarked");
            let args = DataArgs {
                data: unmarked,
                database: None,
            };
            let data = Data::without_marks(&args).await?;
            let mut unmarked = house_of(&data, None).await?;
            tongban_benches::marks(measured(&mut marked), measured(&mut unmarked)).await?
        }
        Bench::Memory => {
            let program = std::env::current_exe()?;
            tongban_benches::memory(&program, &folder.join("served")).await?
        }
    };
    Ok(report)
}

/// With its jobs and the sealing of the audit log at work, as when it serves.
async fn pages(folder: &Path) -> Result<Report, Failure> {
    let mut house = house(folder, None).await?;
    let (stop, stopped) = watch::channel(false);
    let start = Start::begin(&starts_folder(folder))?;
    let work = serve::background(&house, start, LaneSettings::default(), &stopped)?;
    let report = tongban_benches::pages(measured(&mut house)).await;
    let _ = stop.send(true);
    for task in work {
        let _ = task.await;
    }
    Ok(report?)
}

async fn cases(folder: &Path, server: Option<&str>) -> Result<Report, Failure> {
    let embedded = Database {
        name: "SQLite",
        durability: "synchronous=FULL".to_owned(),
        house: Ok((
            measured(&mut house(&folder.join("sqlite"), None).await?),
            Bare::Sqlite(folder.join("bare.db")),
        )),
        must_reach: true,
    };
    let Some(server) = server else {
        let without = Database {
            name: "PostgreSQL",
            durability: String::new(),
            house: Err("no server was given by --database".to_owned()),
            must_reach: false,
        };
        return Ok(tongban_benches::cases(vec![embedded, without]).await?);
    };
    let name = format!("bench_{}", Uuid::now_v7().simple());
    let administrator = Db::open_postgres(server).await?;
    let create = format!("CREATE DATABASE {name}");
    administrator.execute_outside(&create).await?;
    let outcome = async {
        let url = database_url(server, &name);
        let served = Database {
            name: "PostgreSQL",
            durability: tongban_benches::durability(&administrator).await?,
            house: Ok((
                measured(&mut house(&folder.join("postgres"), Some(url.clone())).await?),
                Bare::Postgres(url),
            )),
            must_reach: false,
        };
        Ok::<_, Failure>(tongban_benches::cases(vec![embedded, served]).await?)
    }
    .await;
    let drop = format!("DROP DATABASE {name} WITH (FORCE)");
    administrator.execute_outside(&drop).await?;
    outcome
}

async fn catalogue(folder: &Path, server: Option<&str>, part: usize) -> Result<Report, Failure> {
    let mut databases = vec![("SQLite", None)];
    let Some(server) = server else {
        return catalogue::catalogue(folder, databases, part).await;
    };
    let name = format!("bench_{}", Uuid::now_v7().simple());
    let administrator = Db::open_postgres(server).await?;
    let create = format!("CREATE DATABASE {name}");
    administrator.execute_outside(&create).await?;
    databases.push(("PostgreSQL", Some(database_url(server, &name))));
    let outcome = catalogue::catalogue(folder, databases, part).await;
    let drop = format!("DROP DATABASE {name} WITH (FORCE)");
    administrator.execute_outside(&drop).await?;
    outcome
}

/// The same server, another database.
fn database_url(server: &str, name: &str) -> String {
    let (address, options) = match server.split_once('?') {
        Some((address, options)) => (address, format!("?{options}")),
        None => (server, String::new()),
    };
    let base = address.rsplit_once('/').map_or(address, |(base, _)| base);
    format!("{base}/{name}{options}")
}

async fn house(folder: &Path, database: Option<String>) -> Result<House, Failure> {
    house_with(folder, database, None).await
}

async fn house_with(
    folder: &Path,
    database: Option<String>,
    gateway: Option<GatewayConfig>,
) -> Result<House, Failure> {
    let args = DataArgs {
        data: folder.to_owned(),
        database,
    };
    house_of(&Data::open(&args).await?, gateway).await
}

async fn house_of(data: &Data, gateway: Option<GatewayConfig>) -> Result<House, Failure> {
    // Nobody proves a name while it is measured.
    let nowhere = Outward::default().counterpart("人口库", "http://127.0.0.1:1")?;
    let register = HttpPopulationRegister::new(nowhere, simulate::APPLICATION, simulate::KEY);
    let plan = Plan {
        clock: Clock::machine(),
        site: SiteSettings {
            doors: wide_open(),
            ..SiteSettings::default()
        },
        register: Arc::new(register),
        typesetter: crate::wiring::typesetter()?,
        gateway,
        password_strength: PasswordStrength::Normal,
    };
    build(data, load_pack(crate::packs::transport())?, plan).await
}

/// All who ask while it is measured come from this machine.
fn wide_open() -> DoorSettings {
    DoorSettings {
        connections: 16_384,
        connections_per_address: 16_384,
        rates: Rates::unlimited(),
        ..DoorSettings::default()
    }
}

fn measured(house: &mut House) -> tongban_benches::House {
    let routes = std::mem::take(&mut house.routes);
    tongban_benches::House {
        db: house.app.db().clone(),
        desk: house.desk.clone(),
        identity: house.identity.clone(),
        licences: house.licences.clone(),
        doors: house.app.doors().clone(),
        router: tongban_ui::router(house.app.clone(), routes),
    }
}

/// A folder on the disk of the working folder rather than in memory: durable must mean a disk.
struct Temporary(PathBuf);

impl Temporary {
    fn new() -> Result<Self, Failure> {
        let folder = PathBuf::from(format!("tongban-bench-{}", Uuid::now_v7().simple()));
        std::fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Err(cause) = std::fs::remove_dir_all(&self.0) {
            eprintln!("{} is left: {cause}", self.0.display());
        }
    }
}
