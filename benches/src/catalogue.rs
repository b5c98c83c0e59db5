//! What thousands of procedures cost: how soon the server is there, what it rests at, how soon lists and guides open.
//! Measured on the program itself; whoever calls has filled its data.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Instant;

use tokio_postgres::NoTls;
use tongban_base::{Problem, Result};
use tongban_store::Db;

use crate::client::{Connection, get};
use crate::program::Program;
use crate::{Bare, Figure, Report};

/// The address that is asked the so-manieth time.
type Asked<'h> = Box<dyn Fn(usize) -> String + Send + Sync + 'h>;

const START: f64 = 3.0;
const REST: f64 = 400.0;
const LIST: f64 = 30.0;
const GUIDE: f64 = 20.0;
/// So many requests of each kind, one after another.
const REQUESTS: usize = 500;
/// As many rows as a page of the list has.
const BARE: &str = "SELECT code, face FROM offer WHERE kind = 'procedure' AND until IS NULL ORDER BY code LIMIT 50";

/// A filled house and what is asked of it.
pub struct Catalogue {
    pub name: &'static str,
    pub folder: PathBuf,
    pub pack: PathBuf,
    /// The address of PostgreSQL; its own file where there is none.
    pub database: Option<String>,
    /// The pack with one letter changed.
    pub changed: PathBuf,
    /// Codes of items, and divisions in which each has a guide.
    pub items: Vec<String>,
    pub divisions: Vec<String>,
    pub words: Vec<String>,
}

/// `program` is `tongban` itself.
pub async fn catalogue(program: &Path, houses: Vec<Catalogue>) -> Result<Report> {
    let mut report = Report::new("catalogue");
    for house in houses {
        measure(&mut report, program, &house).await?;
    }
    Ok(report)
}

impl Catalogue {
    fn options<'o>(&'o self, pack: &'o Path) -> Result<Vec<&'o str>> {
        let pack = pack
            .to_str()
            .ok_or_else(|| Problem::internal("a path that is no text"))?;
        // Seeding thousands of people is no matter of a catalogue.
        let mut options = vec![
            "--budget",
            "all=unlimited",
            "--people",
            "10",
            "--pack",
            pack,
        ];
        if let Some(url) = &self.database {
            options.extend(["--database", url]);
        }
        Ok(options)
    }
}

async fn measure(report: &mut Report, program: &Path, house: &Catalogue) -> Result<()> {
    let name = house.name;
    let options = house.options(&house.pack)?;
    let (child, _, first) = Program::start(program, &house.folder, &options).await?;
    child.end().await?;
    report.add(Figure::new(
        format!("{name}: start that publishes all"),
        first,
        "s",
    ));
    let (child, server, again) = Program::start(program, &house.folder, &options).await?;
    report.add(Figure::new(format!("{name}: start"), again, "s").at_most(START));
    report.add(
        Figure::new(
            format!("{name}: memory at rest"),
            child.told("VmRSS:")?,
            "MB",
        )
        .at_most(REST),
    );
    let asked = answers(report, server, house).await;
    let rest = child.told("VmRSS:")?;
    child.end().await?;
    asked?;
    report.add(Figure::new(format!("{name}: memory after it"), rest, "MB"));
    let options = house.options(&house.changed)?;
    let before = published(house).await?;
    let (child, _, changed) = Program::start(program, &house.folder, &options).await?;
    child.end().await?;
    let new = published(house).await? - before;
    report.add(Figure::new(
        format!("{name}: start with one letter changed"),
        changed,
        "s",
    ));
    report.add(Figure::new(
        format!("{name}: releases that the letter changed"),
        new,
        "",
    ));
    Ok(())
}

async fn answers(report: &mut Report, server: SocketAddr, house: &Catalogue) -> Result<()> {
    let bare = bare(house).await?;
    let item = |turn: usize| &house.items[turn * 7 % house.items.len()];
    let kinds: [(&str, f64, Asked<'_>); 4] = [
        (
            "list",
            LIST,
            Box::new(|turn| match turn % 2 {
                0 => "/items".to_owned(),
                _ => "/api/v1/items".to_owned(),
            }),
        ),
        (
            "search",
            LIST,
            Box::new(|turn| {
                let words = &house.words[turn % house.words.len()];
                format!("/search?q={}", crate::pages::encoded(words))
            }),
        ),
        (
            "guide",
            GUIDE,
            Box::new(|turn| format!("/items/{}", item(turn))),
        ),
        (
            "guide of a division",
            GUIDE,
            Box::new(|turn| {
                let division = &house.divisions[turn % house.divisions.len()];
                format!("/items/{}?division={division}", item(turn))
            }),
        ),
    ];
    let mut connection = Connection::open(server).await?;
    for (what, most, path) in kinds {
        let mut times = Vec::with_capacity(REQUESTS);
        for turn in 0..REQUESTS {
            let request = get(&path(turn), None);
            let begun = Instant::now();
            let answer = connection.ask(&request).await?;
            times.push(begun.elapsed().as_secs_f64() * 1e3);
            if answer.status != 200 {
                let words = format!("status {} of {}", answer.status, path(turn));
                return Err(Problem::internal(words));
            }
        }
        let (half, p99) = (part(&mut times, 0.5), part(&mut times, 0.99));
        let of = format!("{}: {what}", house.name);
        report.add(Figure::new(format!("{of}, half within"), half, "ms"));
        let figure = Figure::new(format!("{of}, p99"), p99, "ms");
        report.add(
            figure
                .beside("bare SQL of a page, p99", Some(bare))
                .at_most(most),
        );
    }
    Ok(())
}

fn part(times: &mut [f64], share: f64) -> f64 {
    times.sort_by(f64::total_cmp);
    let at = (times.len() as f64 * share) as usize;
    times
        .get(at.min(times.len().saturating_sub(1)))
        .copied()
        .unwrap_or_default()
}

/// How many releases there are.
async fn published(house: &Catalogue) -> Result<f64> {
    let db = match &house.database {
        Some(url) => Db::open_postgres(url).await?,
        None => Db::open_sqlite(&house.folder.join("tongban.db"))?,
    };
    let counted = db.read((), |tx, ()| {
        Box::pin(async move {
            let sql = "SELECT COUNT(*) AS number FROM release";
            tx.query_one(sql, &[]).await?.get::<f64>("number")
        })
    });
    let counted = counted.await?;
    db.close().await?;
    Ok(counted)
}

/// A page of the list through the same driver and nothing else: milliseconds, the slowest hundredth.
async fn bare(house: &Catalogue) -> Result<f64> {
    let of = match &house.database {
        Some(url) => Bare::Postgres(url.clone()),
        None => Bare::Sqlite(house.folder.join("tongban.db")),
    };
    let mut times = match of {
        Bare::Sqlite(path) => tokio::task::spawn_blocking(move || sqlite(&path))
            .await
            .map_err(Problem::internal)?
            .map_err(Problem::internal)?,
        Bare::Postgres(url) => postgres(&url).await.map_err(Problem::internal)?,
    };
    Ok(part(&mut times, 0.99))
}

fn sqlite(path: &Path) -> rusqlite::Result<Vec<f64>> {
    let connection = rusqlite::Connection::open(path)?;
    let mut select = connection.prepare(BARE)?;
    let times = (0..REQUESTS).map(|_| {
        let begun = Instant::now();
        let rows = select.query_map([], |row| row.get::<_, String>(1))?;
        rows.collect::<rusqlite::Result<Vec<_>>>()?;
        Ok(begun.elapsed().as_secs_f64() * 1e3)
    });
    times.collect()
}

async fn postgres(url: &str) -> std::result::Result<Vec<f64>, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    let select = client.prepare(BARE).await?;
    let mut times = Vec::with_capacity(REQUESTS);
    for _ in 0..REQUESTS {
        let begun = Instant::now();
        client.query(&select, &[]).await?;
        times.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    Ok(times)
}
