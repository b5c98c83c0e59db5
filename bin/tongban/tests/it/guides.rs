//! Guides are records in versions, one for each body in a division, over the guide in the procedure's own file.

use tongban::definitions::Definitions;
use tongban::packs::transport;
use tongban_packs::Folder;
use tongban_testkit::on_both_databases;

use crate::house::{ITEM, Site, migrations};

const DIVISION: &str = "310101000000";

fn with_guide(division: &str, from: &str, more: &str) -> Folder {
    let text = format!(
        "procedure = \"{ITEM}\"\ndivision = \"{division}\"\norganisation = \"sh-transport\"\neffective_from = \"{from}\"\n{more}\n"
    );
    transport().with("guides/one.toml", text)
}

#[test]
fn a_guide_of_an_unknown_place_or_item_and_a_key_that_nobody_reads_are_told() {
    let told = |folder: Folder| {
        let faults = Definitions::read(folder, None).err().unwrap();
        faults
            .0
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n")
    };
    let unknown = told(with_guide(
        "999999000000",
        "2026-01-01",
        "colour = \"red\"\nvisits = \"三\"",
    ));
    for words in [
        "没有区划 999999000000",
        "没有这一项：colour",
        "办事指南的写法有误",
        "guides/one.toml",
    ] {
        assert!(unknown.contains(words), "{words}: {unknown}");
    }
    let one = with_guide(DIVISION, "2026-01-01", "");
    let twice = one
        .text("guides/one.toml")
        .unwrap()
        .replace(ITEM, "no-such-item");
    let twice = one
        .with("guides/two.toml", twice.clone())
        .with("guides/three.toml", twice);
    let told = told(twice);
    assert!(
        told.contains("没有事项 no-such-item") && told.contains("已经有一份办事指南"),
        "{told}"
    );
}

on_both_databases! {
    &migrations();

    async fn the_guide_of_a_division_says_what_is_otherwise_there_from_its_day_on(db: Db) {
        let mut site = Site::on(db).await;
        let published = site.count("SELECT COUNT(*) FROM publication").await;
        let (here, there) = (format!("/items/{ITEM}"), format!("/items/{ITEM}?division={DIVISION}"));
        let first = "补领一本新证";
        assert!(!site.browser().get(&here).await.ok().html().has("select[name=division]"));
        site.republish(with_guide(DIVISION, "2026-01-01", "summary = \"请到示例路 1 号办理\"")).await;
        let page = site.browser().get(&there).await.ok().html();
        assert!(page.text("main").contains("请到示例路 1 号办理") && page.has(&format!("option[value='{DIVISION}'][selected]")));
        assert!(!page.text("main h1 + p").contains(first));
        let page = site.browser().get(&here).await.ok().html();
        assert!(page.text("main").contains(first) && page.has(&format!("option[value='{DIVISION}']")));
        assert_eq!(site.count("SELECT COUNT(*) FROM guide").await, 1);

        // The same once more is no version, another text is one, and what is announced waits for its day.
        site.republish(with_guide(DIVISION, "2026-01-01", "summary = \"请到示例路 1 号办理\"")).await;
        assert_eq!(site.count("SELECT COUNT(*) FROM guide").await, 1);
        site.republish(with_guide(DIVISION, "2026-02-01", "summary = \"请到示例路 2 号办理\"")).await;
        site.republish(with_guide(DIVISION, "2099-01-01", "summary = \"请到示例路 3 号办理\"")).await;
        assert_eq!(site.count("SELECT MAX(version) FROM guide").await, 3);
        let page = site.browser().get(&there).await.ok().html();
        assert!(page.text("main").contains("请到示例路 2 号办理"));
        assert_eq!(site.count("SELECT COUNT(*) FROM publication").await, published, "no procedure was published again");
    }
}
