//! Fills houses with thousands of procedures, their guides and a long history, all visibly fictional.

use std::path::Path;

use tongban_base::{Date, Timestamp};
use tongban_benches::{Catalogue, Report};
use tongban_cases::CaseCalls;
use tongban_items::{LocalGuide, Place, publish_guide};
use tongban_packs::{Findings, Folder, Offer, Pack, ReleaseHash, publish};
use tongban_procedures::{Known, RELEASE_KIND};
use tongban_store::Db;

use crate::cli::DataArgs;
use crate::data::Data;
use crate::failure::Failure;
use crate::{installation, modules, wiring};

const PROCEDURES: usize = 3_000;
const GUIDES: usize = 200_000;
const RELEASES: usize = 100_000;
/// The item that all others are made of.
const ORIGIN: &str = "road-driver-reissue";
const LETTER: &str = "documents/cancel-decision.typ";
/// Rows of one transaction.
const PORTION: usize = 5_000;

const THINGS: [&str; 10] = [
    "示例餐饮",
    "示例书店",
    "示例旅馆",
    "示例船员",
    "示例校车",
    "示例渔船",
    "示例苗木",
    "示例水井",
    "示例印章",
    "示例灯光",
];
const ACTS: [&str; 6] = ["登记", "备案", "核准", "变更", "注销", "年检"];

/// `databases`: the addresses of PostgreSQL, or none for a file.
pub async fn catalogue(
    folder: &Path,
    databases: Vec<(&'static str, Option<String>)>,
) -> Result<Report, Failure> {
    let pack = generated()?;
    let items = codes();
    let (unchanged, changed) = (folder.join("pack"), folder.join("changed"));
    write(&pack, &unchanged)?;
    let letter = pack
        .text(LETTER)
        .map_err(|fault| Failure::new(fault.to_string()))?;
    let letter = format!("{letter}\n// 改了一处\n");
    write(&pack.clone().with(LETTER, letter), &changed)?;
    let divisions = divisions(&pack);
    let mut houses = Vec::new();
    for (name, database) in databases {
        let house = Catalogue {
            name,
            folder: folder.join(name),
            pack: unchanged.clone(),
            database,
            changed: changed.clone(),
            items: items.clone(),
            divisions: divisions.clone(),
            words: [
                "登记",
                "示例书店",
                "slsd",
                "shili船员",
                "水井怎么备案呢",
                "nianjian",
            ]
            .map(str::to_owned)
            .to_vec(),
        };
        fill(&house, &pack).await?;
        houses.push(house);
    }
    let program = std::env::current_exe()?;
    Ok(tongban_benches::catalogue(&program, houses).await?)
}

fn codes() -> Vec<String> {
    (0..PROCEDURES).map(|n| format!("shili-{n:04}")).collect()
}

/// The first divisions of the pack, enough for all guides.
fn divisions(pack: &Folder) -> Vec<String> {
    let mut findings = Findings::default();
    let pack = Pack::load(pack.clone(), &mut findings);
    let codes = pack.into_iter().flat_map(|pack| pack.divisions.into_keys());
    codes.take(GUIDES.div_ceil(PROCEDURES)).collect()
}

fn generated() -> Result<Folder, Failure> {
    let mut pack = crate::packs::transport();
    let told = |fault: tongban_packs::Diagnostic| Failure::new(fault.to_string());
    let origin = pack
        .text(&format!("items/{ORIGIN}.toml"))
        .map_err(told)?
        .to_owned();
    let form = pack
        .text(&format!("forms/{ORIGIN}.json"))
        .map_err(told)?
        .to_owned();
    let name = pack
        .toml::<toml::Table>(&format!("items/{ORIGIN}.toml"))
        .map_err(told)?;
    let name = name
        .get("name")
        .and_then(toml::Value::as_str)
        .unwrap_or_default()
        .to_owned();
    for (n, code) in codes().into_iter().enumerate() {
        let (thing, act) = (
            THINGS[n % THINGS.len()],
            ACTS[n / THINGS.len() % ACTS.len()],
        );
        let text = origin
            .replace(&format!("\"{ORIGIN}\""), &format!("\"{code}\""))
            .replace(
                &format!("name = \"{name}\""),
                &format!("name = \"{thing}{act}第{n}项\""),
            )
            .replace("form = \"", "# 示例\nform = \"");
        pack = pack
            .with(&format!("items/{code}.toml"), text)
            .with(&format!("forms/{code}.json"), form.clone());
    }
    Ok(pack)
}

fn write(pack: &Folder, to: &Path) -> Result<(), Failure> {
    for name in pack.list("", "") {
        let path = to.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, pack.bytes(name).unwrap_or_default())?;
    }
    Ok(())
}

/// A demonstration house with a history: in each round every procedure was offered otherwise from another day on.
async fn fill(house: &Catalogue, pack: &Folder) -> Result<(), Failure> {
    let now = Timestamp::now();
    let data = Data::open(&DataArgs {
        data: house.folder.clone(),
        database: house.database.clone(),
    })
    .await?;
    wiring::prepare(&data, now).await?;
    let offers = offers(pack)?;
    for round in 0..RELEASES.div_ceil(PROCEDURES) {
        let old = offers.iter().map(|offer| older(offer, round));
        data.db
            .write((old.collect::<Vec<Offer>>(), now), |tx, (old, now)| {
                Box::pin(publish(tx, RELEASE_KIND, old, *now))
            })
            .await?;
    }
    guides(&data.db, house, now).await?;
    let marked = modules::marked(&modules::all());
    let marked = marked.iter().map(|marked| marked.table.to_owned());
    let kind = installation::Kind::Demonstration;
    installation::settle(&data, kind, marked.collect(), now).await?;
    data.db.clone().close().await?;
    Ok(())
}

/// As a start would publish them: what the origin reaches, with the files of each.
fn offers(pack: &Folder) -> Result<Vec<Offer>, Failure> {
    let mut findings = Findings::default();
    let calls = CaseCalls(modules::known());
    let transport = Pack::load(crate::packs::transport(), &mut findings);
    let checked = transport
        .map(|pack| tongban_procedures::check(&pack, &calls, &Known::new(), &mut findings));
    let offered = checked
        .and_then(|checked| checked.offers)
        .into_iter()
        .flatten();
    let origin = offered.into_iter().find(|offer| offer.code == ORIGIN);
    let origin = origin.ok_or_else(|| Failure::new(crate::packs::words(&findings)))?;
    Ok(codes()
        .into_iter()
        .map(|code| offer(&origin, pack, code))
        .collect())
}

fn offer(origin: &Offer, pack: &Folder, code: String) -> Offer {
    let (file, form) = (format!("items/{code}.toml"), format!("forms/{code}.json"));
    let shared = origin.files.clone();
    let shared = shared
        .without(&origin.file)
        .without(&format!("forms/{ORIGIN}.json"));
    let own = [&file, &form].into_iter();
    let files = own.fold(shared, |files, name| {
        files.with(name, pack.bytes(name).unwrap_or_default())
    });
    Offer {
        code,
        hash: ReleaseHash::of_files(&file, &files),
        file,
        files,
        ..origin.clone()
    }
}

fn older(offer: &Offer, round: usize) -> Offer {
    let text = offer.files.text(&offer.file).unwrap_or_default();
    let files = offer
        .files
        .clone()
        .with(&offer.file, format!("{text}\n# 第 {round} 轮\n"));
    let days = chrono::Days::new(round as u64);
    Offer {
        begins: Date::from_ymd_opt(2020, 1, 1)
            .and_then(|d| d.checked_add_days(days))
            .unwrap_or(offer.begins),
        hash: ReleaseHash::of_files(&offer.file, &files),
        files,
        ..offer.clone()
    }
}

async fn guides(db: &Db, house: &Catalogue, now: Timestamp) -> Result<(), Failure> {
    let mut all = Vec::with_capacity(GUIDES);
    for procedure in &house.items {
        for division in &house.divisions {
            let texts = serde_json::json!({ "summary": format!("在 {division} 办理的示例事项") });
            all.push(LocalGuide {
                place: Place {
                    procedure: procedure.clone(),
                    division: division.clone(),
                },
                version: 1,
                organisation: "sh-transport".to_owned(),
                effective_from: Date::from_ymd_opt(2024, 1, 1).unwrap_or_default(),
                texts: texts.as_object().cloned().unwrap_or_default(),
            });
        }
    }
    all.truncate(GUIDES);
    for portion in all.chunks(PORTION) {
        db.write((portion.to_vec(), now), |tx, (guides, now)| {
            Box::pin(async move {
                for guide in guides {
                    publish_guide(tx, guide, *now).await?;
                }
                Ok(())
            })
        })
        .await?;
    }
    Ok(())
}
