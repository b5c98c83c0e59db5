//! What is made, and what a file proves.

use serde_json::{Value as Json, json};
use tongban_base::numbers::licence_identifier_check;
use tongban_documents::Answer;
use tongban_documents::Verdict;
use tongban_licences::{FileFormat, LicenceId, LicenceUpdate, MIGRATIONS, Photo, verify_file};
use tongban_seals::trust_from;
use tongban_store::{ObjectId, params};
use tongban_testkit::actors::{self, MONDAY_MORNING};
use tongban_testkit::{covers, on_both_databases, sqlite};

use crate::house::{House, ZHANG, migrations, new_licence, person};

on_both_databases! {
    &migrations();

    async fn of_changes_at_once_none_gets_the_version_of_another(db: Db) {
        covers!("HA-117");
        let house = House::on(db).await;
        let id = house.issued_to(&actors::citizen(), ZHANG).await;
        let mut all = tokio::task::JoinSet::new();
        for n in 0..6 {
            let update = LicenceUpdate {
                release: None,
                person: person(ZHANG),
                form: json!({ "address": format!("上海市示例路{n}号（虚构）") }),
                answers: json!({}),
                case: json!({}),
                case_id: None,
                photo: None,
            };
            let (db, input) = (house.db.clone(), (house.licences.clone(), house.tick(), id, update));
            all.spawn(async move {
                db.write(input, |tx, (licences, ctx, id, update)| {
                    Box::pin(licences.update(tx, ctx, *id, update))
                })
                .await
            });
        }
        let refused: Vec<_> = all.join_all().await.into_iter().filter_map(Result::err).collect();
        // One address is the one that stands there already.
        assert!(refused.len() >= 4 && refused.iter().all(|problem| problem.code() == "licence.in_making"));
        house.run_jobs().await;
        update(&house, id, json!({ "address": "上海市示例路9号（虚构）" })).await;
        let sql = "SELECT version FROM licence_edition WHERE licence_id = $1 ORDER BY version";
        let rows = house
            .db
            .read(id, move |tx, id| {
                Box::pin(async move { tx.query(sql, params![*id]).await })
            })
            .await
            .unwrap();
        let versions: Vec<i64> = rows.iter().map(|row| row.at(0).unwrap()).collect();
        assert_eq!(versions, [1, 2, 3]);
    }

    async fn an_issued_licence_is_made_and_verifies_as_ofd_and_as_pdf(db: Db) {
        let house = House::on(db).await;
        let holder = actors::citizen();
        let id = house.issued_to(&holder, ZHANG).await;
        for format in [FileFormat::Ofd, FileFormat::Pdf] {
            let (file, name) = house.licences.download(&holder, id, format).await.unwrap();
            assert!(name.starts_with("示例驾驶员证 示例2026000001."), "{name}");
            let report = house.licences.verify_upload(&actors::anonymous(), file).await.unwrap();
            assert_eq!(report.answer, Answer::Valid, "{report:?}");
            let licence = report.licence.unwrap();
            assert_eq!((licence.holder_name.as_str(), licence.holder_number.as_str()), ("测****", "310000********0010"));
            let found = report.file.unwrap();
            assert_eq!(found.seal_name.as_deref(), Some("示例发证处示例专用章"));
            assert_eq!(found.identifier, Some(licence.identifier));
        }
        let (picture, _) = house.licences.download(&holder, id, FileFormat::Png).await.unwrap();
        assert!(picture.starts_with(b"\x89PNG"));
    }
}

#[tokio::test]
async fn one_changed_byte_is_told_and_so_is_what_is_no_licence() {
    let base = sqlite(&migrations()).await;
    let house = House::on(base.db()).await;
    let holder = actors::citizen();
    let id = house.issued_to(&holder, ZHANG).await;
    for format in [FileFormat::Ofd, FileFormat::Pdf] {
        let (file, _) = house.licences.download(&holder, id, format).await.unwrap();
        for place in [0, 3, file.len() / 3, file.len() / 2, file.len() - 40] {
            let mut forged = file.clone();
            forged[place] ^= 1;
            let report = house.licences.verify_upload(&holder, forged).await.unwrap();
            assert_eq!(
                report.answer,
                Answer::Invalid,
                "{format:?} {place} {report:?}"
            );
            assert!(!report.reasons.is_empty() && report.licence.is_none());
        }
    }
    for bytes in [
        b"".to_vec(),
        b"PK\x03\x04".to_vec(),
        b"%PDF-1.7".to_vec(),
        vec![0xff; 4096],
    ] {
        let report = house.licences.verify_upload(&holder, bytes).await.unwrap();
        assert!(matches!(report.answer, Answer::Unknown | Answer::Invalid));
        assert!(!report.reasons.is_empty());
    }
}

/// Where the file of a package has its check sums (two of them) and its content, which is stored as it is.
struct Entry {
    name: String,
    sums: [usize; 2],
    content: std::ops::Range<usize>,
}

fn entries(package: &[u8]) -> Vec<Entry> {
    let number = |at: usize, size: usize| {
        let bytes = package[at..at + size].iter().rev();
        bytes.fold(0, |sum, byte| sum << 8 | usize::from(*byte))
    };
    let end = package.len() - 22;
    let (mut at, mut found) = (number(end + 16, 4), Vec::new());
    while package[at..].starts_with(b"PK\x01\x02") {
        let (length, local) = (number(at + 28, 2), number(at + 42, 4));
        let start = local + 30 + number(local + 26, 2) + number(local + 28, 2);
        found.push(Entry {
            name: String::from_utf8(package[at + 46..at + 46 + length].to_vec()).unwrap(),
            sums: [at + 16, local + 14],
            content: start..start + number(at + 20, 4),
        });
        at += 46 + length + number(at + 30, 2) + number(at + 32, 2);
    }
    found
}

fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(!0, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum: u32, _| {
            (sum >> 1) ^ (0xedb8_8320 * (sum & 1))
        })
    })
}

/// One character of the entry changed and its check sum made right again: only the seal can tell.
fn forged(package: &[u8], entry: &Entry) -> Vec<u8> {
    let mut forged = package.to_vec();
    let content = &mut forged[entry.content.clone()];
    // In the root file the number of the document: without its other digits nobody would find the seal.
    let id = content.windows(6).position(|w| w == b"DocID>").unwrap_or(0);
    let digit = match id {
        0 => content.iter().rposition(u8::is_ascii_digit).unwrap(),
        id => id + content[id..].iter().position(u8::is_ascii_digit).unwrap(),
    };
    content[digit] = if content[digit] == b'9' {
        b'8'
    } else {
        content[digit] + 1
    };
    let sum = crc32(content).to_le_bytes();
    for at in entry.sums {
        forged[at..at + 4].copy_from_slice(&sum);
    }
    forged
}

#[tokio::test]
async fn a_changed_byte_in_any_protected_file_of_an_ofd_breaks_its_seal() {
    covers!("HA-163");
    let base = sqlite(&migrations()).await;
    let house = House::on(base.db()).await;
    let holder = actors::citizen();
    let id = house.issued_to(&holder, ZHANG).await;
    let (file, _) = house
        .licences
        .download(&holder, id, FileFormat::Ofd)
        .await
        .unwrap();
    let entries = entries(&file);
    let sealed = entries.iter().filter(|e| !e.name.contains("Signs/"));
    let mut told = 0;
    for entry in sealed {
        let sum = crc32(&file[entry.content.clone()]).to_le_bytes();
        assert_eq!(
            file[entry.sums[0]..entry.sums[0] + 4],
            sum,
            "{}",
            entry.name
        );
        let trust = house.licences.authority().trust();
        let report = verify_file(&forged(&file, entry), trust, MONDAY_MORNING);
        assert_eq!(
            report.verdict,
            Verdict::Invalid,
            "{}: {report:?}",
            entry.name
        );
        let of_this = |r: &&tongban_documents::Reason| {
            r.code == "file.changed" && r.message.contains(&entry.name)
        };
        assert!(
            report.reasons.iter().find(of_this).is_some(),
            "{}: {report:?}",
            entry.name
        );
        told += 1;
    }
    assert!(told >= 5, "{told} files");
}

#[tokio::test]
async fn a_licence_is_told_as_true_ended_or_forged_with_the_grounds() {
    covers!("SH-033");
    let base = sqlite(&migrations()).await;
    let house = House::on(base.db()).await;
    let holder = actors::citizen();
    let id = house.issued_to(&holder, ZHANG).await;
    let anybody = actors::anonymous();
    let judge = async |file: Vec<u8>| house.licences.verify_upload(&anybody, file).await.unwrap();
    for format in [FileFormat::Ofd, FileFormat::Pdf] {
        let (file, _) = house.licences.download(&holder, id, format).await.unwrap();
        let report = judge(file.clone()).await;
        assert_eq!((report.answer, report.title), (Answer::Valid, "有效"));
        let (licence, proven) = (report.licence.unwrap(), report.file.unwrap());
        assert_eq!(licence.number, "示例2026000001");
        assert_eq!(proven.seal_name.as_deref(), Some("示例发证处示例专用章"));

        let mut forged = file.clone();
        forged[file.len() / 4] ^= 1;
        let report = judge(forged).await;
        assert_eq!((report.answer, report.title), (Answer::Invalid, "无效"));
        assert!(!report.reasons.is_empty() && report.licence.is_none());
    }
    let officer = actors::staff_of(
        "office",
        actors::SHANGHAI,
        "approver",
        "测试审批人",
        &["licence.revoke"],
    );
    house
        .licences
        .revoke_licence(&officer, id, "示例撤字〔2026〕1号", "以欺骗手段取得")
        .await
        .unwrap();
    for format in [FileFormat::Ofd, FileFormat::Pdf] {
        let (file, _) = house.licences.download(&holder, id, format).await.unwrap();
        let report = judge(file).await;
        assert_eq!((report.answer, report.title), (Answer::Revoked, "已撤销"));
        assert!(
            report
                .reasons
                .iter()
                .any(|r| r.message.contains("2026年11月23日 撤销")),
            "{report:?}"
        );
        assert_eq!(report.licence.unwrap().number, "示例2026000001");
    }
}

#[tokio::test]
async fn a_file_is_verified_without_the_database_against_the_exported_root() {
    let base = sqlite(&migrations()).await;
    let house = House::on(base.db()).await;
    let holder = actors::citizen();
    let id = house.issued_to(&holder, ZHANG).await;
    let (file, _) = house
        .licences
        .download(&holder, id, FileFormat::Ofd)
        .await
        .unwrap();
    let data = house.folder.path();
    assert_eq!(trust_from(data).unwrap_err().code(), "licence.trust");
    house
        .licences
        .authority()
        .export_root(&data.join("keys"))
        .unwrap();
    let now = MONDAY_MORNING.plus_minutes(10);
    let report = verify_file(&file, &trust_from(data).unwrap(), now);
    assert_eq!(
        (report.verdict, report.exit_code()),
        (Verdict::Valid, 0),
        "{report:?}"
    );
    let mut forged = file.clone();
    forged[file.len() / 2] ^= 1;
    assert_eq!(
        verify_file(&forged, &trust_from(data).unwrap(), now).exit_code(),
        1
    );
    assert_eq!(
        verify_file(b"hello", &trust_from(data).unwrap(), now).exit_code(),
        2
    );
    let stranger = sqlite(MIGRATIONS).await;
    let other = House::on(stranger.db()).await;
    let untrusted = verify_file(&file, other.licences.authority().trust(), now);
    assert_eq!(
        (untrusted.verdict, untrusted.identifier),
        (Verdict::Unknown, None),
        "of the same name, but not this authority"
    );
}

#[tokio::test]
async fn a_job_that_fails_half_way_leaves_nothing_that_looks_ready() {
    let base = sqlite(&migrations()).await;
    let house = House::on(base.db()).await;
    let holder = actors::citizen();
    let mut new = new_licence(ZHANG);
    new.account = holder.actor.account;
    let id = house.ask_for(&actors::system(), new).await.unwrap();
    let incoming = house.folder.path().join("objects/incoming");
    std::fs::remove_dir(&incoming).unwrap();
    assert!(
        house
            .licences
            .produce(&actors::system(), id, 1)
            .await
            .is_err()
    );
    let hidden = house.licences.open(&holder, id).await.unwrap_err();
    assert_eq!(
        hidden.kind(),
        tongban_base::Kind::NotFound,
        "it does not count yet"
    );
    std::fs::create_dir(&incoming).unwrap();
    let made = house
        .licences
        .produce(&actors::system(), id, 1)
        .await
        .unwrap();
    let again = house
        .licences
        .produce(&actors::system(), id, 1)
        .await
        .unwrap();
    assert!(made.is_some() && made == again);
}

async fn update(house: &House, id: LicenceId, form: Json) {
    let update = LicenceUpdate {
        release: None,
        person: person(ZHANG),
        form,
        answers: json!({}),
        case: json!({}),
        case_id: Some("case-1".into()),
        photo: None,
    };
    let input = (house.licences.clone(), house.tick(), id, update);
    let write = house.db.write(input, |tx, (licences, ctx, id, update)| {
        Box::pin(licences.update(tx, ctx, *id, update))
    });
    write.await.unwrap();
    house.run_jobs().await;
}

async fn undo_update(house: &House, id: LicenceId) {
    let input = (house.licences.clone(), house.tick(), id);
    let write = house.db.write(input, |tx, (licences, ctx, id)| {
        Box::pin(licences.undo_update(tx, ctx, (*id, "case-1"), "测试退回"))
    });
    write.await.unwrap();
}

#[tokio::test]
async fn an_update_taken_back_says_what_the_face_said_before_and_a_harmless_one_changes_nothing() {
    let base = sqlite(&migrations()).await;
    let house = House::on(base.db()).await;
    let holder = actors::citizen();
    let id = house.issued_to(&holder, ZHANG).await;
    let address = |n: u8| json!({ "address": format!("上海市示例路{n}号（虚构）") });
    let says = async |n: u8| {
        let open = house.licences.open(&holder, id).await.unwrap();
        assert_eq!(open.face["address"], address(n)["address"]);
        open.licence.version
    };
    update(&house, id, address(2)).await;
    update(&house, id, address(2)).await;
    undo_update(&house, id).await;
    assert_eq!(says(2).await, 2);
    update(&house, id, address(3)).await;
    assert_eq!(says(3).await, 3);
    undo_update(&house, id).await;
    undo_update(&house, id).await;
    assert_eq!(says(2).await, 4);
}

#[tokio::test]
async fn a_changed_face_is_a_new_version_and_the_old_file_is_told_as_old() {
    covers!("HA-117", "HA-126");
    let base = sqlite(&migrations()).await;
    let house = House::on(base.db()).await;
    let holder = actors::citizen();
    let id = house.issued_to(&holder, ZHANG).await;
    let (old, _) = house
        .licences
        .download(&holder, id, FileFormat::Pdf)
        .await
        .unwrap();
    let before = house.licences.open(&holder, id).await.unwrap().edition;
    let address = |n: u8| json!({ "address": format!("上海市示例路{n}号（虚构）") });
    update(&house, id, json!({})).await;
    update(&house, id, address(2)).await;
    let after = house.licences.open(&holder, id).await.unwrap().edition;
    assert_eq!(
        (before.version, after.version),
        (1, 2),
        "the first update changed nothing"
    );
    let body = |identifier: &str| {
        identifier
            .rsplit('.')
            .skip(2)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(body(&before.identifier), body(&after.identifier));
    let parts: Vec<&str> = after.identifier.rsplit('.').take(5).collect();
    let [check, version, serial, issuer, kind] = parts[..] else {
        panic!()
    };
    assert_eq!(
        (version, serial, issuer),
        ("002", "2026000001", "11310000TEST000001")
    );
    let expected = licence_identifier_check(&[kind, issuer, serial, version]).unwrap();
    assert_eq!(check, expected.to_string());
    let report = house.licences.verify_upload(&holder, old).await.unwrap();
    assert_eq!(report.answer, Answer::Invalid);
    assert_eq!(report.reasons[0].code, "licence.old_version");
    let (new, _) = house
        .licences
        .download(&holder, id, FileFormat::Pdf)
        .await
        .unwrap();
    let report = house.licences.verify_upload(&holder, new).await.unwrap();
    assert_eq!(report.answer, Answer::Valid, "{report:?}");
    let changed = &house.licences.history(&holder, id).await.unwrap()[0]
        .changes
        .0;
    assert_eq!((changed.len(), changed[0].title.as_str()), (1, "住址"));
    let objects = house.objects();
    let kept: ObjectId = before.files.unwrap().pdf;
    assert!(objects.get(&kept).await.is_ok(), "old files stay");
}

#[tokio::test]
async fn a_second_start_opens_the_same_authority() {
    let base = sqlite(&migrations()).await;
    let house = House::on(base.db()).await;
    let again = house.authority_again().await;
    assert_eq!(again.root_pem(), house.licences.authority().root_pem());
    let (first, second) = (
        house.licences.authority().seal_of("office"),
        again.seal_of("office"),
    );
    assert_eq!(first.unwrap().seal.to_der(), second.unwrap().seal.to_der());
}

#[tokio::test]
async fn the_holders_picture_is_on_the_face_and_stays_on_the_next_one() {
    let base = sqlite(&migrations()).await;
    let house = House::on(base.db()).await;
    let holder = actors::citizen();
    let objects = house.objects();
    let picture = tongban_documents::qr_png("照片").unwrap();
    let stored = objects
        .put(&house.db, picture, "image/png", MONDAY_MORNING)
        .await
        .unwrap();
    assert_eq!(Photo::new(stored.id.clone(), "application/pdf"), None);
    let mut new = new_licence(ZHANG);
    new.account = holder.actor.account;
    new.photo = Photo::new(stored.id, "image/png");
    let first = house.issue(&actors::system(), new.clone()).await.unwrap();
    new.photo = None;
    let second = house.issue(&actors::system(), new).await.unwrap();
    for id in [first, second] {
        let open = house.licences.open(&holder, id).await.unwrap();
        assert_eq!(open.face["photo"], "/photo.png");
        assert!(open.edition.files.is_some() && open.edition.photo.is_some());
    }
}
