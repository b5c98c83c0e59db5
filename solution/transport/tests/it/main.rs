//! The people of the demonstration: the same each time, visibly fictional, with numbers that hold, and records that
//! the registers take.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::Datelike;
use tongban_base::Date;
use tongban_base::calendar::DayKind;
use tongban_base::numbers::{ResidentId, check_mobile};
use tongban_licences::Status;
use tongban_packs::{DivisionLevel, Findings, Folder, Pack, Packs};
use tongban_registers::RegisterDefinitions;
use tongban_transport::seed::{Practitioner, Seed};

fn today() -> Date {
    "2026-11-23".parse().unwrap()
}

fn pack() -> Pack {
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("../base/pack");
    let folders = vec![Folder::read(&base).unwrap(), tongban_transport::pack()];
    let linked = Packs::of(folders).unwrap().linked().unwrap();
    Pack::load(linked, &mut Findings::default()).unwrap()
}

fn everyone() -> Vec<Practitioner> {
    let seed = Seed::read(&pack()).unwrap();
    let random = (0..seed.count()).map(|number| seed.person(number, today()).unwrap());
    seed.fixed(today()).into_iter().chain(random).collect()
}

#[test]
fn ten_thousand_people_have_numbers_that_hold_and_differ() {
    let all = everyone();
    let seed = Seed::read(&pack()).unwrap();
    assert_eq!(all.len(), 10_000 + seed.fixed(today()).len());
    let mut numbers = BTreeSet::new();
    let mut mobiles = BTreeSet::new();
    for person in &all {
        let id = ResidentId::parse(&person.id_number, today()).unwrap();
        assert!(person.id_number.starts_with("310000"), "an area of nobody");
        assert!(person.name.starts_with("测试") && person.address.ends_with("（虚构）"));
        check_mobile(&person.mobile).unwrap();
        if let Some(record) = &person.record {
            assert_eq!(record["sex"], id.sex.code());
            assert_eq!(record["birth_date"], id.birth_date.to_string());
        }
        numbers.insert(&person.id_number);
        mobiles.insert(&person.mobile);
    }
    assert_eq!((numbers.len(), mobiles.len()), (all.len(), all.len()));
}

#[test]
fn three_runs_give_the_same_people_and_each_alone_as_among_all() {
    let told = |people: &[Practitioner]| format!("{people:?}");
    let first = everyone();
    for _ in 0..2 {
        assert_eq!(told(&everyone()), told(&first));
    }
    let seed = Seed::read(&pack()).unwrap();
    let alone = seed.person(7_777, today()).unwrap();
    let fixed = seed.fixed(today()).len();
    assert_eq!(told(&[alone]), told(&first[fixed + 7_777..=fixed + 7_777]));
}

#[test]
fn records_and_holds_are_what_their_registers_take() {
    let (pack, mut findings) = (pack(), Findings::default());
    let all = RegisterDefinitions::read(
        &pack.folder,
        &tongban_packs::known_divisions(pack.divisions.values()),
        &mut findings,
    );
    assert!(findings.is_empty(), "{findings:?}");
    let known = tongban_testkit::actors::system();
    let ring = tongban_crypto::KeyRing::ephemeral().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let db = tongban_store::Db::open_sqlite(&folder.path().join("t.db")).unwrap();
    let key = tongban_audit::AuditKey::of(&ring).unwrap();
    let reads = tongban_audit::ReadLog::new(db.clone(), key);
    let files = ring.file_cipher().unwrap();
    let objects = tongban_store::Objects::open(&folder.path().join("objects"), files).unwrap();
    let keeping = tongban_registers::Keeping::new(objects, || unreachable!("no file comes"));
    let registers = tongban_registers::Registers::new(db, all, &ring, (reads, keeping)).unwrap();
    let mut holds = 0;
    // All fixed people and one in seven of the others: each goes through the whole form.
    let people = everyone().into_iter().enumerate();
    let some = people.filter(|(index, person)| person.login.is_some() || index % 7 == 0);
    for (_, person) in some {
        let place = (person.organisation.as_str(), person.division.as_str());
        for (register, record) in [("practitioner", person.record), ("hold", person.hold)] {
            let Some(record) = record else { continue };
            holds += usize::from(register == "hold");
            let read = registers.prepare(&known, register, place, &record.into());
            assert!(read.is_ok(), "{register}: {:?}", read.err());
        }
    }
    assert!((5..40).contains(&holds), "{holds}");
}

#[test]
fn licences_begin_before_they_end_and_are_as_mixed_as_the_file_says() {
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let mut ended = 0;
    for licence in everyone()
        .iter()
        .filter_map(|person| person.licence.as_ref())
    {
        assert!(licence.valid_from <= today(), "{licence:?}");
        assert!(licence.valid_to.unwrap() > licence.valid_from);
        let first = licence.face["first_issued_on"].as_str().unwrap();
        assert!(first <= licence.valid_from.to_string().as_str());
        match &licence.ended {
            Some(end) => assert!(end.on >= licence.valid_from && end.on <= today()),
            None => assert_eq!(licence.status, Status::Valid),
        }
        ended += usize::from(licence.ended.is_some());
        *kinds.entry(licence.kind.clone()).or_default() += 1;
    }
    let share = |kind: &str| kinds[kind] / 100;
    assert!((70..74).contains(&share("practitioner")), "{kinds:?}");
    assert!((9..12).contains(&share("taxi-driver")), "{kinds:?}");
    assert!(
        (16..20).contains(&share("ride-hailing-driver")),
        "{kinds:?}"
    );
    assert!((450..750).contains(&ended), "{ended}");
}

#[test]
fn working_days_are_known_for_three_years_and_each_exception_is_one() {
    let calendar = pack().calendar;
    let day = |text: &str| -> Date { text.parse().unwrap() };
    let years: Vec<i32> = (2010..2040).filter(|y| calendar.is_published(*y)).collect();
    assert_eq!(years, [2024, 2025, 2026]);
    // The eve of the Spring Festival of 2024 was no holiday.
    assert!(calendar.is_workday(day("2024-02-09")));
    let days = day("2024-01-01").iter_days().take(366 + 365 + 365);
    let (mut holidays, mut moved) = (0, 0);
    for day in days {
        let is_weekend = day.weekday().number_from_monday() > 5;
        match calendar.kind(day) {
            DayKind::AdjustedWorkday(_) => {
                assert!(is_weekend, "{day} is worked anyway");
                moved += 1;
            }
            DayKind::Holiday(_) if !is_weekend => holidays += 1,
            _ => {}
        }
    }
    // Days worked instead were given as free days of the week.
    assert!(holidays > moved, "{holidays} {moved}");
    assert_eq!(moved, 8 + 5 + 6);
}

#[test]
fn each_of_the_sixteen_districts_of_shanghai_has_its_code() {
    let divisions = pack().divisions;
    let districts: Vec<(&str, &str)> = divisions
        .values()
        .filter(|d| d.level == DivisionLevel::County)
        .map(|d| (d.code.as_str(), d.name.as_str()))
        .collect();
    let known = [
        ("310101", "黄浦区"),
        ("310104", "徐汇区"),
        ("310105", "长宁区"),
        ("310106", "静安区"),
        ("310107", "普陀区"),
        ("310109", "虹口区"),
        ("310110", "杨浦区"),
        ("310112", "闵行区"),
        ("310113", "宝山区"),
        ("310114", "嘉定区"),
        ("310115", "浦东新区"),
        ("310116", "金山区"),
        ("310117", "松江区"),
        ("310118", "青浦区"),
        ("310120", "奉贤区"),
        ("310151", "崇明区"),
    ];
    let known: Vec<(String, &str)> = known
        .map(|(code, name)| (format!("{code}000000"), name))
        .into();
    let known: Vec<(&str, &str)> = known
        .iter()
        .map(|(code, name)| (code.as_str(), *name))
        .collect();
    assert_eq!(districts, known);
    for division in divisions.values() {
        let parent = division.parent.as_ref().map(|code| divisions[code].level);
        match division.level {
            DivisionLevel::Province => assert_eq!(parent, None),
            DivisionLevel::County => assert_eq!(parent.unwrap(), DivisionLevel::Province),
            _ => assert_eq!(parent.unwrap(), DivisionLevel::County, "{}", division.code),
        }
    }
}
