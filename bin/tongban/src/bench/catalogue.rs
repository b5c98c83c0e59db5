//! Fills houses with thousands of procedures, their guides and a long history, all visibly fictional.

use std::path::Path;

use tongban_base::{Date, Timestamp};
use tongban_benches::{Catalogue, Report};
use tongban_cases::CaseCalls;
use tongban_items::{LocalGuide, Place, publish_guides};
use tongban_packs::{Findings, Folder, Offer, Pack, ReleaseHash, publish};
use tongban_procedures::{Known, RELEASE_KIND};
use tongban_store::Db;

use crate::cli::DataArgs;
use crate::data::Data;
use crate::failure::Failure;
use crate::{installation, modules, wiring};

/// How much of everything there is.
struct Size {
    procedures: usize,
    guides: usize,
    releases: usize,
}

const FULL: Size = Size {
    procedures: 3_000,
    guides: 200_000,
    releases: 100_000,
};

/// The items that all others are made of, in turn.
const ORIGINS: [&str; 5] = [
    "road-driver-grant",
    "road-driver-renew",
    "road-driver-change",
    "road-driver-reissue",
    "road-driver-cancel",
];
/// Only the last of them makes it.
const LETTER: &str = "documents/cancel-decision.typ";

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

/// `databases`: the addresses of PostgreSQL, or none for a file. `part`: of everything only one in so many.
pub async fn catalogue(
    folder: &Path,
    databases: Vec<(&'static str, Option<String>)>,
    part: usize,
) -> Result<Report, Failure> {
    let size = FULL.divided(part);
    let pack = generated(&size)?;
    let items = codes(&size);
    let (unchanged, changed) = (folder.join("pack"), folder.join("changed"));
    write(&pack, &unchanged)?;
    let letter = pack
        .text(LETTER)
        .map_err(|fault| Failure::new(fault.to_string()))?;
    let letter = format!("{letter}\n// 改了一处\n");
    write(&pack.clone().with(LETTER, letter), &changed)?;
    let divisions = divisions(&pack, &size);
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
        fill(&house, &pack, &size).await?;
        houses.push(house);
    }
    let program = std::env::current_exe()?;
    Ok(tongban_benches::catalogue(&program, houses).await?)
}

impl Size {
    fn divided(&self, part: usize) -> Self {
        let of = |whole: usize| whole.div_ceil(part.max(1));
        Self {
            procedures: of(self.procedures),
            guides: of(self.guides),
            releases: of(self.releases),
        }
    }
}

fn codes(size: &Size) -> Vec<String> {
    let codes = (0..size.procedures).map(|n| format!("shili-{n:04}"));
    codes.collect()
}

/// The first divisions of the pack, enough for all guides.
fn divisions(pack: &Folder, size: &Size) -> Vec<String> {
    let mut findings = Findings::default();
    let pack = Pack::load(pack.clone(), &mut findings);
    let codes = pack.into_iter().flat_map(|pack| pack.divisions.into_keys());
    codes.take(size.guides.div_ceil(size.procedures)).collect()
}

/// An item of the pack with its form.
struct Origin {
    name: String,
    form: String,
    item_text: String,
    form_text: String,
}

impl Origin {
    fn read(pack: &Folder, code: &str) -> Result<Self, Failure> {
        let told = |fault: tongban_packs::Diagnostic| Failure::new(fault.to_string());
        let file = format!("items/{code}.toml");
        let item: toml::Table = pack.toml(&file).map_err(told)?;
        let text = |key: &str| item.get(key).and_then(toml::Value::as_str);
        let of = |key: &str| text(key).unwrap_or_default().to_owned();
        let form = of("form");
        Ok(Self {
            name: of("name"),
            item_text: pack.text(&file).map_err(told)?.to_owned(),
            form_text: pack.text(&form_file(&form)).map_err(told)?.to_owned(),
            form,
        })
    }

    /// Another item like it, with a form of its own.
    fn like(&self, (own, n): (&str, usize), code: &str) -> (String, String) {
        let (thing, act) = (
            THINGS[n % THINGS.len()],
            ACTS[n / THINGS.len() % ACTS.len()],
        );
        let name = format!("{thing}{act}第{n}项");
        let change = |text: &str, key: &str, from: &str, to: &str| {
            text.replacen(
                &format!("\n{key} = \"{from}\""),
                &format!("\n{key} = \"{to}\""),
                1,
            )
        };
        let item = change(&self.item_text, "code", own, code);
        let item = change(&item, "name", &self.name, &name);
        let item = change(&item, "form", &self.form, code);
        let title = format!("\"title\": \"{name} ");
        (item, self.form_text.replacen("\"title\": \"", &title, 1))
    }
}

fn item_file(code: &str) -> String {
    format!("items/{code}.toml")
}

fn form_file(code: &str) -> String {
    format!("forms/{code}.json")
}

fn generated(size: &Size) -> Result<Folder, Failure> {
    let mut pack = crate::packs::transport();
    let origins: Result<Vec<Origin>, Failure> = ORIGINS
        .iter()
        .map(|code| Origin::read(&pack, code))
        .collect();
    let origins = origins?;
    let made_of = ORIGINS.iter().zip(&origins).cycle();
    for ((n, code), (own, origin)) in codes(size).into_iter().enumerate().zip(made_of) {
        let (item, form) = origin.like((own, n), &code);
        pack = pack
            .with(&item_file(&code), item)
            .with(&form_file(&code), form);
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
async fn fill(house: &Catalogue, pack: &Folder, size: &Size) -> Result<(), Failure> {
    let now = Timestamp::now();
    let data = Data::open(&DataArgs {
        data: house.folder.clone(),
        database: house.database.clone(),
    })
    .await?;
    wiring::prepare(&data, now).await?;
    let offers = offers(pack, &house.items)?;
    for round in 0..size.releases.div_ceil(size.procedures) {
        let old = offers.iter().map(|offer| older(offer, round));
        publish(&data.db, RELEASE_KIND, (old.collect(), None), now).await?;
    }
    guides(&data.db, (house, size), now).await?;
    let marked = modules::marked(&modules::all());
    let marked = marked.iter().map(|marked| marked.table.to_owned());
    let kind = installation::Kind::Demonstration;
    installation::settle(&data, kind, marked.collect(), now).await?;
    data.db.clone().close().await?;
    Ok(())
}

/// As a start would publish them: what the origins reach, with the files of each.
fn offers(pack: &Folder, codes: &[String]) -> Result<Vec<Offer>, Failure> {
    let mut findings = Findings::default();
    let calls = CaseCalls(modules::known());
    let transport = Pack::load(crate::packs::transport(), &mut findings);
    let checked = transport
        .map(|pack| tongban_procedures::check(&pack, &calls, &Known::new(), &mut findings));
    let offered = checked.and_then(|checked| checked.offers);
    let offered = offered.ok_or_else(|| Failure::new(crate::packs::words(&findings)))?;
    let origins = ORIGINS.iter().map(|code| {
        let origin = offered.iter().find(|offer| offer.code == *code);
        origin.ok_or_else(|| Failure::new(format!("no item {code}")))
    });
    let origins: Vec<&Offer> = origins.collect::<Result<_, Failure>>()?;
    let made_of = codes.iter().zip(origins.iter().cycle());
    Ok(made_of
        .map(|(code, origin)| offer(origin, pack, code))
        .collect())
}

fn offer(origin: &Offer, pack: &Folder, code: &str) -> Offer {
    let (file, form) = (item_file(code), form_file(code));
    let is_shared = |name: &&str| **name != origin.file && !name.starts_with("forms/");
    let shared = origin
        .files
        .only(origin.files.list("", "").filter(is_shared));
    let own = [&file, &form].into_iter();
    let files = own.fold(shared, |files, name| {
        files.with(name, pack.bytes(name).unwrap_or_default())
    });
    Offer {
        code: code.to_owned(),
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

async fn guides(
    db: &Db,
    (house, size): (&Catalogue, &Size),
    now: Timestamp,
) -> Result<(), Failure> {
    let mut all = Vec::with_capacity(size.guides);
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
    all.truncate(size.guides);
    Ok(publish_guides(db, all, now).await?)
}
