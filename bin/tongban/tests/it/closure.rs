//! A release is what its procedure reaches: a change makes new releases of that and of nothing else, and what was
//! published is neither read nor compiled before it is used.

use std::collections::BTreeSet;

use serde_json::json;
use tongban::packs::transport;
use tongban::wiring::{build, load_pack};
use tongban_items::{Directory, ItemQuery};
use tongban_packs::{Findings, Folder, Pack, ReleaseHash};
use tongban_procedures::{Known, RELEASE_KIND};
use tongban_store::{Cursor, params};
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::on_both_databases;

use crate::house::{ITEM, Site, migrations, plan};

fn changed(file: &str, from: &str, to: &str) -> Folder {
    let before = transport().text(file).unwrap().to_owned();
    let after = before.replacen(from, to, 1);
    assert_ne!(before, after, "{file} has {from}");
    transport().with(file, after)
}

/// Each item with its release.
fn released(folder: Folder) -> BTreeSet<(String, ReleaseHash)> {
    let mut findings = Findings::default();
    let pack = Pack::load(folder, &mut findings).unwrap();
    let calls = tongban_cases::CaseCalls(tongban::modules::known());
    let checked = tongban_procedures::check(&pack, &calls, &Known::new(), &mut findings);
    assert!(findings.is_empty(), "{findings:?}");
    let offers = checked.offers.unwrap().into_iter();
    offers.map(|offer| (offer.code, offer.hash)).collect()
}

#[test]
fn a_change_makes_new_releases_of_what_reaches_it_and_of_nothing_else() {
    let before = released(transport());
    let all: Vec<&str> = before.iter().map(|(code, _)| code.as_str()).collect();
    // What officers start among themselves has no letter.
    let items = transport();
    let writes = |code: &&&str| items.text(&format!("items/{code}.toml")).is_ok();
    let lettered: Vec<&str> = all.iter().filter(writes).copied().collect();
    let cancel = [
        "bus-crew-cancel",
        "dangerous-goods-cancel",
        "ride-hailing-cancel",
        "road-driver-cancel",
        "taxi-driver-cancel",
    ]
    .as_slice();
    let taxi = [
        "taxi-driver-cancel",
        "taxi-driver-education",
        "taxi-driver-grant",
        "taxi-driver-reissue",
        "taxi-driver-renew",
    ]
    .as_slice();
    let changes: [(Folder, &[&str]); 9] = [
        (
            changed(
                "documents/cancel-decision.typ",
                "#import",
                "// 一处说明\n#import",
            ),
            cancel,
        ),
        (
            changed(
                "documents/cancel-decision.toml",
                "title = \"",
                "title = \"示例",
            ),
            cancel,
        ),
        // What every letter includes, and what every face includes.
        (
            changed("documents/official.typ", "#import", "// 一处说明\n#import"),
            lettered.as_slice(),
        ),
        (
            changed(
                "licences/taxi-driver.typ",
                "#import",
                "// 一处说明\n#import",
            ),
            taxi,
        ),
        (
            changed("forms/road-driver-reissue.json", "{", "{ "),
            &[ITEM],
        ),
        // Every case may be late; nobody's case proves a name.
        (
            changed("messages/overdue.toml", "event", "# 一处说明\nevent"),
            all.as_slice(),
        ),
        (
            changed("messages/proof-free.toml", "event", "# 一处说明\nevent"),
            &[],
        ),
        // Restricts whoever applies for anything.
        (
            changed("lookups/holds.toml", "code", "# 一处说明\ncode"),
            all.as_slice(),
        ),
        (
            changed("organisations.toml", "name = \"", "name = \"示例"),
            &[],
        ),
    ];
    let mut faults = Vec::new();
    for (ix, (folder, users)) in changes.into_iter().enumerate() {
        let after = released(folder);
        let new: Vec<&str> = after
            .difference(&before)
            .map(|(code, _)| code.as_str())
            .collect();
        if new != users {
            faults.push(format!("change {ix}: {new:?}, not {users:?}"));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    let text = transport().text("settings.toml").unwrap().to_owned();
    let item = transport()
        .text("items/road-driver-renew.toml")
        .unwrap()
        .to_owned();
    assert!(item.contains("renew_open_days"));
    let setting = |code: &str| {
        let at = text.find(&format!("code = \"{code}\"")).unwrap();
        let (front, back) = text.split_at(at);
        let named = transport().with(
            "settings.toml",
            format!(
                "{front}{}",
                back.replacen("title = \"", "title = \"示例", 1)
            ),
        );
        let after = released(named);
        let new = after.difference(&before).map(|(code, _)| code.clone());
        new.collect::<BTreeSet<String>>()
    };
    assert!(setting("renew_open_days").contains("road-driver-renew"));
    assert!(!setting("renew_open_days").contains(ITEM));
}

on_both_databases! {
    &migrations();

    async fn a_start_with_what_is_in_force_compiles_nothing_and_a_changed_letter_publishes_its_users(db: Db) {
        let mut site = Site::on(db).await;
        let all = released(transport()).len() as i64;
        let again = build(&site.data, load_pack(transport()).unwrap(), plan()).await.unwrap();
        assert_eq!(again.desk.catalog.compiled(), 0);
        assert_eq!(site.count("SELECT COUNT(*) FROM publication").await, all);
        site.republish(transport()).await;
        assert_eq!(site.house.desk.catalog.compiled(), 0);
        site.browser().get(&format!("/items/{ITEM}")).await.ok();
        assert_eq!(site.house.desk.catalog.compiled(), 1);

        let files = site.count("SELECT COUNT(*) FROM pack_file").await;
        site.republish(changed("documents/cancel-decision.typ", "#import", "// 一处说明\n#import")).await;
        assert_eq!(site.count("SELECT COUNT(*) FROM publication").await, all + 5);
        assert_eq!(site.count("SELECT COUNT(*) FROM pack_file").await, files + 1);
        assert_eq!(site.house.desk.catalog.compiled(), 5, "those that are new were checked");
        assert_eq!(site.count("SELECT COUNT(*) FROM offer").await, all);
    }

    async fn a_release_that_an_older_program_wrote_out_is_still_used(db: Db) {
        let site = Site::on(db).await;
        let catalog = &site.house.desk.catalog;
        let of = catalog.offered(ITEM, site.house.app.now().date()).unwrap();
        let now = catalog.released(site.db(), &of.hash).await.unwrap();
        let files: serde_json::Map<_, _> = now.folder().list("", "")
            .map(|name| (name.to_owned(), now.folder().text(name).unwrap().into()))
            .collect();
        let body = json!({ "procedure": format!("items/{ITEM}.toml"), "files": files });
        let old = ReleaseHash::of(&body);
        let input = (old.clone(), body);
        site.db()
            .write(input, |tx, (hash, body)| {
                Box::pin(async move {
                    let releases = tongban_packs::MARKED.iter().find(|marked| marked.table == "release").unwrap();
                    tx.insert_marked(releases, params![hash, RELEASE_KIND, ITEM, "2024-01-01", MONDAY_MORNING, body])
                })
            })
            .await
            .unwrap();
        let read = catalog.released(site.db(), &old).await.unwrap();
        assert_eq!((read.hash(), read.procedure().code.as_str()), (&old, ITEM));
        assert_eq!(read.form().to_json(), now.form().to_json());
        assert!(catalog.released(site.db(), &ReleaseHash("nothing".into())).await.is_err());
    }

    async fn the_directory_is_read_forward_and_back_in_pages(db: Db) {
        let site = Site::on(db).await;
        let directory = Directory::new(site.house.desk.catalog.clone());
        let today = site.house.app.now().date();
        for words in ["", "补发"] {
            let query = ItemQuery { words: words.into(), ..ItemQuery::default() };
            let codes = |found: &[std::sync::Arc<tongban_items::Entry>]| -> Vec<String> {
                found.iter().map(|entry| entry.offered.code.clone()).collect()
            };
            let all = codes(&directory.find(&query, today));
            assert!(all.len() > 2);
            let (mut read, mut pages, mut cursor): (Vec<String>, Vec<Vec<String>>, Option<Cursor>) = Default::default();
            loop {
                let (page, count) = directory.page(&query, today, (cursor.as_ref(), 2));
                assert_eq!(count, all.len());
                read.extend(codes(&page.rows));
                pages.push(codes(&page.rows));
                match page.next {
                    Some(next) => cursor = Some(next),
                    None => {
                        let back = page.previous.unwrap();
                        let (before, _) = directory.page(&query, today, (Some(&back), 2));
                        assert_eq!(codes(&before.rows), pages[pages.len() - 2]);
                        break;
                    }
                }
            }
            assert_eq!(read, all);
        }
        let strange = Cursor::after(vec![json!("x")]);
        let (first, _) = directory.page(&ItemQuery::default(), today, (Some(&strange), 2));
        assert_eq!(first.rows.len(), 2);
    }
}
