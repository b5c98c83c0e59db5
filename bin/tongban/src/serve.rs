//! `tongban serve`: opens the data folder, builds the house, serves until it is told to stop.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tongban_audit::{Anchor, AuditKey, Entry, STOPPED_HARD, attempt, begin_anchor, must_reach};
use tongban_base::{Clock, Ctx, Date, Timestamp};
use tongban_cases::{LookForOverdue, ask_for_timers};
use tongban_crypto::PasswordStrength;
use tongban_identity::HttpPopulationRegister;
use tongban_licences::TellOfEndings;
use tongban_packs::{Findings, Folder, Pack};
use tongban_store::{Db, Dispatcher, LaneSettings, SUMS, Start, Upkeep, has_begun};
use tongban_ui::SiteSettings;

use crate::cli::ServeArgs;
use crate::data::{Data, starts_folder};
use crate::definitions::Definitions;
use crate::doors::raise_file_limit;
use crate::failure::Failure;
use crate::installation::{Kind, admit, anchor_is_there, note_anchored, settle};
use crate::integrity::{Alarm, NightWalk, RowWatch, look_at_schema};
use crate::log::say;
use crate::outward::Outward;
use crate::readiness::clock_words;
use crate::wiring::{House, Plan, build, load_pack};
use crate::{clock, definitions, demo, modules, packs, simulate, sms};

/// From the signal to the end.
const LONGEST_END: Duration = Duration::from_millis(8_500);

/// How often the server looks for what is late.
const LOOK_EVERY: Duration = Duration::from_secs(1800);

/// A file that no row names is found at one look and removed at the next.
const CLEAR_EVERY: Duration = Duration::from_secs(6 * 3600);

/// How late a timer of a flow may go off.
const TIMERS_EVERY: Duration = Duration::from_secs(20);

/// How late a row that was changed beside the program is an entry of the audit log.
const LOOK_AT_ROWS_EVERY: Duration = Duration::from_secs(5);

/// How often the walk through all rows is asked whether it is due.
const LOOK_FOR_NIGHT: Duration = Duration::from_secs(30);

/// How late a node takes in what another has published or set.
const REFRESH_EVERY: Duration = Duration::from_secs(3);

/// The packs of an installation as one; what is wrong with one of them alone is found before they are put together.
async fn folder(db: &Db, named: &[PathBuf], today: Date) -> Result<Folder, Failure> {
    let packs = packs::of(named)?;
    let told = |findings: Findings| Failure::new(packs::words(&findings));
    let linked = packs.linked().map_err(told)?;
    if !named.is_empty() {
        // A database without tables has nothing in force; what was changed in one is told when it is read.
        let known = definitions::known(db, &linked, today).await;
        let (is_in_force, known) = known.unwrap_or_default();
        if !is_in_force {
            Definitions::each_alone(&packs, &known).map_err(told)?;
        }
    }
    Ok(linked)
}

/// What is wrong with the packs is told; where some were published before, those stay in force and the house opens.
async fn pack(db: &Db, named: &[PathBuf]) -> Result<Pack, Failure> {
    let brought = folder(db, named, Clock::machine().now().date()).await;
    let failure = match brought.and_then(load_pack) {
        Ok(pack) => return Ok(pack),
        Err(failure) => failure,
    };
    // A database without tables has nothing in force.
    let stored = db.read((), |tx, ()| Box::pin(tongban_packs::in_force(tx)));
    let Some(stored) = stored.await.ok().flatten() else {
        return Err(failure);
    };
    tracing::error!(%failure, "the pack was not published");
    tracing::error!("the pack that was published last stays in force");
    load_pack(stored)
}

pub async fn serve(args: ServeArgs) -> Result<ExitCode, Failure> {
    let (stop, stopped) = watch::channel(false);
    let data = Data::open(&args.data).await?;
    let pack = pack(&data.db, &args.pack).await?;
    // A port of the system's choice is known only once it is taken; QR codes and receipts carry it.
    let chosen = (args.listen.port() == 0).then(|| listen(args.listen));
    let chosen = chosen.transpose()?;
    let address = match &chosen {
        Some(listener) => listener.local_addr()?,
        None => {
            // Whoever cannot serve publishes nothing.
            drop(listen(args.listen)?);
            args.listen
        }
    };
    let plan = plan(&args, &pack, address, &stopped).await?;
    let gateway = plan.gateway.as_ref();
    let gateway = gateway.map(|gateway| gateway.counterpart.authority().to_owned());
    let kind = Kind::of(args.demo);
    admit(&data, kind).await?;
    clocks_agree(&data, plan.clock.now()).await?;
    if has_begun(&data.db).await? {
        clock::not_far_ahead(&data.db, plan.clock.now()).await?;
    }
    anchor_is_there(&data.folder)?;
    must_reach(&data.folder, &data.db, &AuditKey::of(&data.ring)?).await?;
    let house = build(&data, pack, plan).await?;
    let marked = modules::marked(&modules::all());
    let marked = marked.iter().map(|marked| marked.table);
    let marked = marked.chain([SUMS]).map(str::to_owned);
    settle(&data, kind, marked.collect(), house.app.now()).await?;
    if args.demo {
        let ctx = Ctx::system(house.app.now());
        demo::seed(&house, &ctx).await?;
        demo::fill(&house, &ctx, args.people).await?;
    }
    let start = Start::begin(&starts_folder(&data.folder))?;
    let guard = guard(&args, &data, &house, &start, &stopped).await?;
    let listener = match chosen {
        Some(listener) => listener,
        None => listen(args.listen)?,
    };
    let mut work = background(&house, start, args.lanes.settings()?, &stopped)?;
    work.extend(guard);
    tokio::spawn(async move {
        wait_for_signal().await;
        let _ = stop.send(true);
    });
    say(&format!("通办已启动：http://{address}"));
    if let (Some(gateway), true) = (gateway, args.demo && args.sms.gateway.is_none()) {
        say(&format!(
            "短信由模拟网关收下，可以在这里看到：http://{gateway}/messages"
        ));
    }
    let doors = house.app.doors().clone();
    let router = tongban_ui::router(house.app, house.routes);
    let ending = stopped.clone();
    let serving = async {
        tongban_ui::serve(doors, router, listener, until(stopped)).await?;
        for task in work {
            let _ = task.await;
        }
        Ok(ExitCode::SUCCESS)
    };
    tokio::select! {
        served = serving => served,
        () = too_long(ending) => {
            tracing::warn!("what still ran was not waited for any longer");
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Several nodes hold jobs by leases, and each judges them by its own clock.
async fn clocks_agree(data: &Data, now: Timestamp) -> Result<(), Failure> {
    match data.db.compare_clock(now).await? {
        0 => Ok(()),
        ahead => Err(Failure::new(format!(
            "{}，没有启动。请校准后再启动",
            clock_words(ahead)
        ))),
    }
}

/// Whatever waits, the program ends.
async fn too_long(stopped: watch::Receiver<bool>) {
    until(stopped).await;
    tokio::time::sleep(LONGEST_END).await;
}

/// Keeps the end of the audit log outside the database, and tells of rows that were changed beside the program.
async fn guard(
    args: &ServeArgs,
    data: &Data,
    house: &House,
    start: &Start,
    stopped: &watch::Receiver<bool>,
) -> Result<[JoinHandle<()>; 4], Failure> {
    let (db, key, app) = (data.db.clone(), house.audit_key.clone(), house.app.clone());
    let anchor = Anchor::open(&data.folder, key.clone(), args.audit_anchor.clone())?;
    let anchor = Arc::new(anchor);
    let ctx = Ctx::system(app.now());
    begin_anchor(&db, &ctx, &key, &anchor).await?;
    note_anchored(&data.folder, true)?;
    if !start.ended().is_empty() {
        // What was read in the second before may not be on record.
        attempt(
            &db,
            &ctx,
            &key,
            Entry::done(STOPPED_HARD, "audit_log", "main"),
        )
        .await?;
    }
    look_at_schema(&db, &key, app.now()).await?;
    let night = NightWalk::new((key.clone(), &data.folder), args.walk_at, app.now());
    let walked = keep_walking(night, &db, house, stopped);
    let now = move || app.now();
    let anchored = tongban_audit::keep_anchored(db.clone(), anchor, now, until(stopped.clone()));
    let watch = RowWatch::new(key, Some(Alarm::of(house, &data.ring)?));
    let (watch, app) = (Arc::new(watch), house.app.clone());
    let told_db = db.clone();
    let looks = ("broken rows", LOOK_AT_ROWS_EVERY);
    let told = every(db.upkeep(), looks, stopped, move || {
        let (watch, db, now) = (Arc::clone(&watch), told_db.clone(), app.now());
        async move { watch.tell(&db, now).await }
    });
    let reads = house.reads.clone().keep_written(until(stopped.clone()));
    Ok([tokio::spawn(anchored), told, tokio::spawn(reads), walked])
}

fn keep_walking(
    night: NightWalk,
    db: &Db,
    house: &House,
    stopped: &watch::Receiver<bool>,
) -> JoinHandle<()> {
    let (night, app, walked) = (Arc::new(night), house.app.clone(), db.clone());
    every(
        db.upkeep(),
        ("a walk", LOOK_FOR_NIGHT),
        stopped,
        move || {
            let (night, db, now) = (Arc::clone(&night), walked.clone(), app.now());
            async move {
                match (night.is_due(now), night.is_round_due(now)) {
                    (true, _) => night.walk(&db, now).await,
                    (false, true) => night.round(&db, now).await,
                    (false, false) => Ok(()),
                }
            }
        },
    )
}

fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    tongban_ui::listen(address)
        .map_err(|cause| Failure::new(format!("地址 {address} 用不了：{cause}")))
}

async fn plan(
    args: &ServeArgs,
    pack: &Pack,
    listening: SocketAddr,
    stopped: &watch::Receiver<bool>,
) -> Result<Plan, Failure> {
    let clock = Clock::machine();
    let outward = Outward::of(&args.outward)?;
    let named = std::env::var("TONGBAN_POPULATION_REGISTER");
    let register = match named {
        Ok(url) => outward.counterpart("人口库", &url)?,
        Err(_) if args.demo => {
            let today = clock.now().date();
            simulate::spawn_population(pack, today, until(stopped.clone())).await?
        }
        Err(_) => outward.counterpart("人口库", "http://127.0.0.1:1")?,
    };
    let register = HttpPopulationRegister::new(register, simulate::APPLICATION, simulate::KEY);
    let public_url = args.public_url.clone();
    let site = SiteSettings {
        demo: args.demo,
        public_url: public_url.unwrap_or_else(|| format!("http://{listening}")),
        doors: args.doors.settings(raise_file_limit()),
        ..SiteSettings::default()
    };
    let gateway = match sms::configured(&args.sms, &outward, &site)? {
        None if args.demo => {
            let stop = until(stopped.clone());
            Some(sms::spawn_simulated(&args.sms, listening, stop).await?)
        }
        configured => configured,
    };
    Ok(Plan {
        clock,
        site,
        register: Arc::new(register),
        typesetter: crate::wiring::typesetter()?,
        gateway,
        password_strength: PasswordStrength::Normal,
    })
}

/// Jobs, the sealing of the audit log, the looks for what is late, for timers of flows, and for what another node has
/// published or set.
pub(crate) fn background(
    house: &House,
    start: Start,
    lanes: LaneSettings,
    stopped: &watch::Receiver<bool>,
) -> Result<Vec<JoinHandle<()>>, Failure> {
    let db = house.app.db().clone();
    let app = house.app.clone();
    let dispatcher = Dispatcher::new(db.clone(), house.jobs.clone(), move || app.now());
    let dispatcher = dispatcher.started(start).with_lanes(lanes);
    let upkeep = db.upkeep().clone();
    let jobs = tokio::spawn(dispatcher.serve(until(stopped.clone())));
    let seal = keep_sealed(house, stopped);
    let (desk, app) = (house.desk.clone(), house.app.clone());
    let timers = every(&upkeep, ("timers", TIMERS_EVERY), stopped, move || {
        let (desk, now) = (desk.clone(), app.now());
        async move { ask_for_timers(&desk, &Ctx::system(now)).await }
    });
    let (late_db, app) = (db.clone(), house.app.clone());
    let late = every(&upkeep, ("overdue cases", LOOK_EVERY), stopped, move || {
        let (db, now) = (late_db.clone(), app.now());
        async move { look_for_overdue(&db, now).await }
    });
    let [swept, unnamed] = keep_swept(house, stopped);
    let compared = keep_compared(house, stopped);
    let (desk, app) = (house.desk.clone(), house.app.clone());
    let published = every(
        &upkeep,
        ("publications", REFRESH_EVERY),
        stopped,
        move || {
            let (desk, db, today) = (desk.clone(), db.clone(), app.now().date());
            async move { desk.catalog.refresh(&db, today).await }
        },
    );
    Ok(vec![
        jobs, seal, timers, late, swept, unnamed, compared, published,
    ])
}

pub(crate) async fn look_for_overdue(db: &Db, now: Timestamp) -> tongban_base::Result<()> {
    db.write(now, |tx, now| {
        Box::pin(async move {
            tx.enqueue_once(&TellOfEndings {}, *now).await?;
            tx.enqueue_once(&LookForOverdue {}, *now).await
        })
    })
    .await
}

/// What killed processes left of files that they were writing, of this node or another, and files that no row names.
fn keep_swept(house: &House, stopped: &watch::Receiver<bool>) -> [JoinHandle<()>; 2] {
    let (objects, upkeep) = (house.desk.objects.clone(), house.app.db().upkeep());
    let swept = every(
        upkeep,
        ("leftovers of files", LOOK_EVERY),
        stopped,
        move || {
            let objects = objects.clone();
            async move { objects.sweep().await.map(drop) }
        },
    );
    let (objects, db) = (house.desk.objects.clone(), house.app.db().clone());
    let unnamed = every(
        upkeep,
        ("files without a row", CLEAR_EVERY),
        stopped,
        move || {
            let (objects, db) = (objects.clone(), db.clone());
            let marked = modules::marked(&modules::all());
            async move { objects.remove_unnamed(&db, &marked).await.map(drop) }
        },
    );
    [swept, unnamed]
}

fn keep_compared(house: &House, stopped: &watch::Receiver<bool>) -> JoinHandle<()> {
    let (db, app) = (house.app.db().clone(), house.app.clone());
    let compare = ("the clock of the database", REFRESH_EVERY);
    every(house.app.db().upkeep(), compare, stopped, move || {
        let (db, now) = (db.clone(), app.now());
        async move { db.compare_clock(now).await.map(drop) }
    })
}

fn keep_sealed(house: &House, stopped: &watch::Receiver<bool>) -> JoinHandle<()> {
    let (db, key) = (house.app.db().clone(), house.audit_key.clone());
    let stopped = stopped.clone();
    tokio::spawn(async move {
        let seal = || tongban_audit::keep_sealed(db.clone(), key.clone(), until(stopped.clone()));
        db.upkeep().keep("audit.seal", seal).await;
    })
}

/// Asks at once and then after each pause; what fails is asked again.
fn every<A, F>(
    upkeep: &Upkeep,
    (what, pause): (&'static str, Duration),
    stopped: &watch::Receiver<bool>,
    ask: A,
) -> JoinHandle<()>
where
    A: Fn() -> F + Send + Sync + 'static,
    F: Future<Output = tongban_base::Result<()>> + Send,
{
    let upkeep = upkeep.clone();
    let stopped = stopped.clone();
    tokio::spawn(async move {
        let looks = || async {
            let mut stopped = stopped.clone();
            while !*stopped.borrow() {
                if let Err(problem) = ask().await {
                    tracing::error!(%problem, "asking for {what} failed");
                }
                tokio::select! {
                    _ = stopped.changed() => {}
                    () = tokio::time::sleep(pause) => {}
                }
            }
        };
        upkeep.keep(what, looks).await;
    })
}

async fn until(mut stopped: watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stop| *stop).await;
}

async fn wait_for_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
