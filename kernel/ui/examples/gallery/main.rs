//! Writes every shell and component, filled as real pages are, into a folder: to be looked at and checked.
//! Usage: `cargo run -p tongban-ui --example gallery -- FOLDER`. Knows no business; all names are fictional.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs};

use askama::Template;
use tongban_base::{Date, FieldError, Problem};
use tongban_ui::view::*;
use tongban_ui::{Flash, Mode, Page, Preferences, Site, Theme, Visitor};

mod samples;

use samples::*;

type Outcome = Result<(), Box<dyn Error>>;

#[derive(Template)]
#[template(path = "g_home.html")]
struct Home {
    page: Page,
    tiles: Vec<(&'static str, &'static str, &'static str, &'static str)>,
    times: Vec<(&'static str, u8, u8, u8)>,
}

#[derive(Template)]
#[template(path = "g_guide.html")]
struct Guide {
    page: Page,
    crumbs: Vec<Link>,
    files: Vec<FileItem>,
}

#[derive(Template)]
#[template(path = "g_wizard.html")]
struct Wizard {
    page: Page,
    steps: Vec<Step>,
    errors: Vec<FieldError>,
    reasons: Vec<Choice>,
    delivery: Vec<Choice>,
    files: Vec<FileItem>,
}

#[derive(Template)]
#[template(path = "g_case.html")]
struct CaseRecord {
    page: Page,
    crumbs: Vec<Link>,
    badge: Badge,
    clock: Clock,
    events: Vec<Event>,
    long_address: &'static str,
    qr: &'static str,
    notice_tone: Tone,
}

#[derive(Template)]
#[template(path = "g_verify.html")]
struct Verify {
    page: Page,
    verdict: Verdict,
    others: Vec<Verdict>,
}

#[derive(Template)]
#[template(path = "g_list.html")]
struct List {
    page: Page,
    tabs: Vec<Tab>,
    item_choices: Vec<Choice>,
    state_choices: Vec<Choice>,
    rows: Vec<Row>,
    pager: Pager,
}

#[derive(Template)]
#[template(path = "g_task.html")]
struct Task {
    page: Page,
    crumbs: Vec<Link>,
    badge: Badge,
    files: Vec<FileItem>,
    decisions: Vec<Decision>,
    phrases: Vec<&'static str>,
    clock: Clock,
    events: Vec<Event>,
    long_address: &'static str,
}

#[derive(Template)]
#[template(path = "g_dashboard.html")]
struct Dashboard {
    page: Page,
    figures: Vec<Figure>,
}

#[derive(Template)]
#[template(path = "g_screen.html")]
struct Screen {
    page: Page,
    calls: Vec<(&'static str, &'static str)>,
    figures: Vec<Figure>,
}

#[derive(Template)]
#[template(path = "g_login.html")]
struct Login {
    page: Page,
}

#[derive(Template)]
#[template(path = "g_letter.html")]
struct Letter {
    page: Page,
}

fn main() -> Outcome {
    let folder = PathBuf::from(
        env::args()
            .nth(1)
            .unwrap_or_else(|| "target/gallery".into()),
    );
    fs::create_dir_all(&folder)?;
    for (suffix, preferences) in variants() {
        write_portal(&folder, suffix, preferences)?;
        write_workbench(&folder, suffix, preferences)?;
        write_plain(&folder, suffix, preferences)?;
    }
    let page = samples::page("示例市政务服务中心", "", Preferences::default());
    save(
        &folder,
        "screen",
        "",
        &Screen {
            page,
            calls: calls(),
            figures: figures(),
        },
    )?;
    println!("{}", folder.display());
    Ok(())
}

fn variants() -> [(&'static str, Preferences); 3] {
    let elder = Preferences {
        mode: Mode::Elder,
        theme: Theme::Auto,
    };
    let dark = Preferences {
        mode: Mode::Standard,
        theme: Theme::Dark,
    };
    [
        ("", Preferences::default()),
        ("-elder", elder),
        ("-dark", dark),
    ]
}

fn write_portal(folder: &Path, suffix: &str, wishes: Preferences) -> Outcome {
    let page = |title: &str| samples::page(title, "", wishes);
    save(
        folder,
        "home",
        suffix,
        &Home {
            page: page("首页"),
            tiles: tiles(),
            times: times(),
        },
    )?;
    let guide = Guide {
        page: page(ITEM),
        crumbs: crumbs("事项"),
        files: materials(),
    };
    save(folder, "guide", suffix, &guide)?;
    let wizard = Wizard {
        page: page(ITEM),
        steps: steps(),
        errors: errors(),
        reasons: reasons(),
        delivery: delivery(),
        files: files(),
    };
    save(folder, "wizard", suffix, &wizard)?;
    let mut case_page = page(ITEM);
    case_page.flash = Some(Flash::done("申请已提交，办件编号 2026112200017"));
    let record = CaseRecord {
        page: case_page,
        crumbs: crumbs("我的办件"),
        badge: Badge::new("补正中", Tone::Warn).with_icon("clock-pause"),
        clock: clock(),
        events: events(),
        long_address: LONG_ADDRESS,
        qr: QR,
        notice_tone: Tone::Warn,
    };
    save(folder, "case", suffix, &record)?;
    let verify = Verify {
        page: page("证照核验"),
        verdict: valid(),
        others: other_verdicts(),
    };
    save(folder, "verify", suffix, &verify)
}

fn write_workbench(folder: &Path, suffix: &str, wishes: Preferences) -> Outcome {
    let page = |title: &str, active: &str| {
        let mut page = samples::page(title, active, wishes);
        page.visitor = Some(officer());
        page.menu = Arc::new(menu());
        page.unread = 12;
        page
    };
    let list = |rows: Vec<Row>| List {
        page: page("待办任务", "tasks"),
        tabs: tabs(),
        item_choices: vec![Choice::new("a", ITEM, false)],
        state_choices: vec![Choice::new("accepted", "已受理", true)],
        pager: Pager {
            shown: rows.len(),
            total: Some(1234),
            previous: None,
            next: Some("#".into()),
        },
        rows,
    };
    save(folder, "list", suffix, &list(rows()))?;
    save(folder, "list-empty", suffix, &list(Vec::new()))?;
    let task = Task {
        page: page(ITEM, "tasks"),
        crumbs: crumbs("待办任务"),
        badge: Badge::new("已受理", Tone::Info),
        files: files(),
        decisions: decisions(),
        phrases: vec!["材料齐全，符合法定形式", "照片不清晰，请重新上传", "拟同意"],
        clock: late_clock(),
        events: events(),
        long_address: LONG_ADDRESS,
    };
    save(folder, "task", suffix, &task)?;
    save(
        folder,
        "dashboard",
        suffix,
        &Dashboard {
            page: page("今日概况", "home"),
            figures: figures(),
        },
    )
}

fn write_plain(folder: &Path, suffix: &str, wishes: Preferences) -> Outcome {
    let mut page = samples::page("登录", "", wishes);
    page.visitor = None;
    save(folder, "login", suffix, &Login { page: page.clone() })?;
    save(
        folder,
        "letter",
        suffix,
        &Letter {
            page: page.clone().titled("受理通知书"),
        },
    )?;
    let problem = Problem::internal("connection refused");
    let response =
        tongban_ui::problem::to_page(&problem, &page, "0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b");
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let body = runtime.block_on(http_body_util::BodyExt::collect(response.into_body()))?;
    fs::write(
        folder.join(format!("problem{suffix}.html")),
        body.to_bytes(),
    )?;
    Ok(())
}

fn save(folder: &Path, name: &str, suffix: &str, view: &impl Template) -> Outcome {
    fs::write(folder.join(format!("{name}{suffix}.html")), view.render()?)?;
    Ok(())
}
