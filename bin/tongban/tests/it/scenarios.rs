//! Scenarios in the houses that the program builds for them.

use tongban::scenarios::Troupe;
use tongban_scenarios::{Outcome, Played, Why};

/// The pack with this scenario, and nothing else to play.
fn troupe(text: &str) -> Troupe {
    let pack = tongban::packs::transport().with("scenarios/test.toml", text);
    Troupe::of(pack, Some("test")).unwrap()
}

async fn played(text: &str) -> Played {
    let mut played = troupe(text).play(1).await;
    assert_eq!(played.len(), 1);
    played.remove(0)
}

const FILED: &str = r#"
title = "补证"
[[do]]
as = "ceshi1"
start = "road-driver-reissue"
answers = { reason = "damaged" }
fill = { mobile = "19900000066", driving_class = "A1", delivery = "electronic", commitment = true }
files = { damaged_licence = "pdf" }
submit = true
"#;

#[tokio::test]
async fn a_failing_step_tells_what_was_expected_and_what_was_there_instead() {
    let wrong = "[[see]]\nas = \"acceptor\"\nqueue = \"预审\"\nrows = 2\n";
    let fallen = played(&format!("{FILED}{wrong}")).await.fallen.unwrap();
    assert_eq!((fallen.step, fallen.line), (2, 10));
    let Why::Unseen { expected, page } = fallen.why else {
        panic!("{fallen}");
    };
    assert_eq!(expected, "“预审”待办 2 件");
    assert!(page.starts_with("待办：预审"), "{page}");
}

#[tokio::test]
async fn what_is_refused_fails_a_step_that_does_not_expect_it_and_only_that() {
    let again = FILED.replace("title = \"补证\"\n", "");
    let twice = |refused: &str| {
        let sees = "[[see]]\npage = \"/\"\nlacks = \"没有这句话\"\n";
        format!("{FILED}{again}{refused}\n{sees}")
    };
    let fallen = played(&twice("")).await.fallen.unwrap();
    assert_eq!(fallen.step, 2);
    let Why::Unseen { expected, .. } = &fallen.why else {
        panic!("{fallen}");
    };
    assert_eq!(expected, "这一步办得成");
    let right = twice("refused = \"您有一件同类业务正在办理\"");
    assert_eq!(played(&right).await.fallen, None);
    let wrong = twice("refused = \"今天不办公\"");
    assert!(played(&wrong).await.fallen.is_some());
}

#[tokio::test]
async fn a_link_is_followed_by_its_words() {
    let led = "[[do]]\nas = \"ceshi1\"\nget = \"/\"\n[[do]]\nfollow = \"我的办件\"\n";
    let sees = "[[see]]\npage = \"\"\nholds = [\"{number}\"]\n";
    assert_eq!(played(&format!("{FILED}{led}{sees}")).await.fallen, None);
    let nowhere = led.replace("我的办件", "没有这个链接");
    let fallen = played(&format!("{FILED}{nowhere}{sees}")).await.fallen;
    let told = fallen.unwrap().to_string();
    assert!(told.contains("有链接“没有这个链接”"), "{told}");
}

#[tokio::test]
async fn somebody_who_may_not_attempts_a_task_and_is_refused() {
    let attempt = "[[do]]\nas = \"approver\"\ntask = \"预审\"\ndecide = \"受理\"\n";
    let refused = format!("{FILED}{attempt}refused = \"没有进行这项操作的权限\"\n");
    assert_eq!(played(&refused).await.fallen, None);
    let sees = "[[see]]\npage = \"/\"\nlacks = \"没有这句话\"\n";
    let fallen = played(&format!("{FILED}{attempt}{sees}")).await.fallen;
    let told = fallen.unwrap().to_string();
    assert!(told.contains("待办里有“预审”"), "{told}");
    // Whoever may is not refused: then the step has not seen what it expects.
    let wrong = refused.replace("approver", "acceptor");
    assert!(played(&wrong).await.fallen.is_some());
}

#[tokio::test]
async fn time_passes_as_the_scenario_says_and_a_server_looks_on_the_way() {
    let silent =
        "[[see]]\nas = \"ceshi1\"\nwait = \"6 workdays\"\ncase = { status = \"accepted\" }\n";
    assert_eq!(played(&format!("{FILED}{silent}")).await.fallen, None);
    let soon = silent.replace("6 workdays", "3 workdays");
    assert!(played(&format!("{FILED}{soon}")).await.fallen.is_some());
}

#[tokio::test]
async fn somebody_whom_the_pack_does_not_know_registers_and_proves_the_name() {
    let text = r#"
title = "新来的人"
[[person]]
login = "newcomer"
name = "测试九九九"
id_number = "310000199001019998"
mobile = "19900000123"
[[see]]
as = "newcomer"
page = "/me/real-name"
holds = ["已实名"]
"#;
    let fallen = played(text).await.fallen;
    assert_eq!(fallen, None);
}

#[tokio::test]
async fn a_claim_counts_only_when_the_scenario_sees_what_was_taken_out() {
    let sees = "[[see]]\ncase = { due_on = \"2026-11-30\" }\n";
    let covers = r#"covers = { "SH-079" = ["item:road-driver-reissue.limits.acceptance", "message:granted", "flow:permit.nothing", "flow:permit"] }"#;
    let text = format!("{FILED}{sees}").replacen("title", &format!("{covers}\ntitle"), 1);
    let bitten = troupe(&text).bite(2).await;
    let [limit, message, absent, whole] = bitten.as_slice() else {
        panic!("{bitten:?}");
    };
    assert!(
        matches!(&limit.outcome, Outcome::Bites { fallen, .. } if fallen.step == 2),
        "{limit:?}"
    );
    assert!(
        matches!(&message.outcome, Outcome::Idle { how } if how.contains("messages/granted.toml")),
        "{message:?}"
    );
    assert!(
        matches!(&absent.outcome, Outcome::Absent(words) if words.contains("nothing")),
        "{absent:?}"
    );
    assert!(!whole.counts() && limit.counts());
}

/// The TOML of the guide, in its order.
fn blocks() -> Vec<String> {
    let guide = include_str!("../../../../docs/guides/write-a-scenario.md");
    let fenced = guide.split("```toml\n").skip(1);
    let blocks = fenced.map(|rest| rest.split("```").next().unwrap_or_default());
    let unindented = |block: &str| {
        let lines = block
            .lines()
            .map(|line| line.trim_start().to_owned() + "\n");
        lines.collect::<String>()
    };
    blocks.map(unindented).collect()
}

#[tokio::test]
async fn whoever_does_what_the_guide_says_has_a_scenario_that_bites() {
    let [story, refused, covers] = blocks().try_into().unwrap();
    assert_eq!(played(&story).await.fallen, None);
    let wrong = story.replace("2026-11-24", "2026-11-25");
    let told = played(&wrong).await.fallen.unwrap().to_string();
    assert!(
        told.contains("第 3 步") && told.contains("2026-11-24"),
        "{told}"
    );
    let whole = format!("{covers}{story}{refused}");
    assert_eq!(played(&whole).await.fallen, None);
    let bitten = troupe(&whole).bite(1).await;
    assert!(bitten.len() == 1 && bitten[0].counts(), "{bitten:?}");
}
