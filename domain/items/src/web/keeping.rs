//! The public items as an administrator keeps them: what each asks for, how it is examined, whether it is paused, its labels.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect};
use serde::Deserialize;
use serde_json::json;
use tongban_audit::ReadLog;
use tongban_base::{Ctx, Result, typed};
use tongban_identity::Identity;
use tongban_packs::{SettingChange, Theme, setting_history};
use tongban_procedures::{Catalog, Facts, Offered, PAUSED, Standing};
use tongban_ui::view::{Badge, Choice, Link, Tone};
use tongban_ui::{Answer, App, Flash, FormFaults, Page, Visit, mendable};

use super::pages::titles;
use crate::keeping::{
    Change, Doing, Keeping, LABELLED, changes_of, keep, kept, kept_item, labels_in, labels_of,
};

const PATH: &str = "/workbench/items";
/// Whoever wants another one narrows the list.
const ROWS: usize = 100;

#[derive(Template)]
#[template(path = "items_kept.html")]
struct KeptPage {
    page: Page,
    words: String,
    sub: String,
    rows: Vec<KeptRow>,
}

struct KeptRow {
    code: String,
    name: String,
    office: String,
    state: Badge,
    why: String,
}

#[derive(Template)]
#[template(path = "items_kept_item.html")]
struct KeptItemPage {
    page: Page,
    crumbs: Vec<Link>,
    code: String,
    name: String,
    state: Badge,
    is_paused: bool,
    materials: Vec<String>,
    steps: Vec<String>,
    labels: Vec<Choice>,
    words: String,
    reason: String,
    label_reason: String,
    of_labels: FormFaults,
    of_pause: FormFaults,
    tone: Tone,
    history: Vec<HistoryRow>,
}

struct HistoryRow {
    at: String,
    by: String,
    did: String,
    reason: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sought {
    q: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    words: String,
    reason: String,
}

/// Labels that were ticked, several of one name.
type Ticked = Vec<(String, String)>;

pub async fn show_items(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Query(sought): Query<Sought>,
) -> Answer {
    let catalog = app.service::<Catalog>()?;
    let words = typed::line(&sought.q);
    let mut all = kept(&catalog, &ctx);
    all.retain(|standing| fits(standing.offered(), &words));
    // Those that wait to be taken up again stand first.
    all.sort_by_key(|standing| !matches!(standing, Standing::Paused(..)));
    let paused = all.iter().filter(|one| matches!(one, Standing::Paused(..)));
    let mut sub = format!("共 {} 项，其中暂停受理 {} 项", all.len(), paused.count());
    if all.len() > ROWS {
        sub.push_str(&format!("；只列出前 {ROWS} 项，请用名称或者代码查找"));
    }
    let view = KeptPage {
        page: page.titled("事项管理"),
        sub,
        rows: all
            .iter()
            .take(ROWS)
            .map(|standing| row(&catalog, standing))
            .collect(),
        words,
    };
    Ok(Html(view.render()?).into_response())
}

fn fits(offered: &Offered, words: &str) -> bool {
    words.is_empty() || offered.face.name.contains(words) || offered.code.contains(words)
}

fn row(catalog: &Catalog, standing: &Standing) -> KeptRow {
    let offered = standing.offered();
    let office = catalog.organisation(&offered.face.organisation);
    KeptRow {
        code: offered.code.clone(),
        name: offered.face.name.clone(),
        office: office.map_or_else(String::new, |office| office.name.clone()),
        state: state(standing),
        why: why(standing),
    }
}

fn state(standing: &Standing) -> Badge {
    match standing {
        Standing::Open(_) => Badge::new("受理中", Tone::Ok),
        Standing::Paused(..) => Badge::new("暂停受理", Tone::Warn),
        Standing::Ended(..) => Badge::new("不再受理", Tone::Quiet),
    }
}

fn why(standing: &Standing) -> String {
    match standing {
        Standing::Paused(_, why) => why.clone(),
        Standing::Open(_) | Standing::Ended(..) => String::new(),
    }
}

pub async fn show_item(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(code): Path<String>,
) -> Answer {
    let begun = (&*code, Sent::default(), None);
    render(&app, &ctx, page, begun, Default::default()).await
}

pub async fn pause_item(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(code): Path<String>,
    Form(sent): Form<Sent>,
) -> Answer {
    let doing = Doing::Pause(sent.words.clone());
    change(&app, &ctx, page, (code, sent, doing)).await
}

pub async fn resume_item(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(code): Path<String>,
    Form(sent): Form<Sent>,
) -> Answer {
    change(&app, &ctx, page, (code, sent, Doing::Resume)).await
}

pub async fn label_item(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(code): Path<String>,
    Form(ticked): Form<Ticked>,
) -> Answer {
    let mut sent = Sent::default();
    let mut labels = Vec::new();
    for (name, value) in ticked {
        match name.as_str() {
            "labels" => labels.push(value),
            "reason" => sent.reason = value,
            _ => {}
        }
    }
    change(&app, &ctx, page, (code, sent, Doing::Label(labels))).await
}

async fn change(
    app: &App,
    ctx: &Ctx,
    page: Page,
    (code, sent, doing): (String, Sent, Doing),
) -> Answer {
    let (catalog, identity) = (app.service::<Catalog>()?, app.service::<Identity>()?);
    let reads = app.service::<ReadLog>()?;
    let (done, ticked) = match &doing {
        Doing::Pause(_) => ("已暂停受理，马上生效", None),
        Doing::Resume => ("已恢复受理，马上生效", None),
        Doing::Label(labels) => ("已修改标识，马上生效", Some(labels.clone())),
    };
    let wish = Keeping {
        code: code.clone(),
        doing,
        reason: sent.reason.clone(),
    };
    let keyed = (&*identity, reads.key());
    match keep((app.db(), &catalog), keyed, ctx, wish).await {
        Ok(()) => {
            let mut response = Redirect::to(&format!("{PATH}/{code}")).into_response();
            Flash::done(done).tell(&mut response, app);
            Ok(response)
        }
        Err(problem) => {
            let told = mendable(problem)?;
            render(app, ctx, page, (&code, sent, ticked), told).await
        }
    }
}

/// What was sent stands in the form that it was sent by.
async fn render(
    app: &App,
    ctx: &Ctx,
    page: Page,
    (code, sent, ticked): (&str, Sent, Option<Vec<String>>),
    (status, faults): (StatusCode, FormFaults),
) -> Answer {
    let catalog = app.service::<Catalog>()?;
    let standing = kept_item(&catalog, ctx, code)?;
    let offered = standing.offered();
    let (materials, steps) = asks(app, ctx, offered).await?;
    let labels = match ticked.clone() {
        Some(ticked) => ticked,
        None => labels_of(&catalog, offered),
    };
    let name = offered.face.name.clone();
    let none = (FormFaults::default(), String::new());
    let told = (faults, sent.reason);
    let ((of_labels, label_reason), (of_pause, reason)) = match ticked {
        Some(_) => (told, none),
        None => (none, told),
    };
    let of_pack = catalog.pack().labels.iter();
    let view = KeptItemPage {
        page: page.titled(&name),
        crumbs: vec![Link::new("事项管理", PATH), Link::new(name.clone(), "")],
        code: code.to_owned(),
        name,
        state: state(&standing),
        is_paused: matches!(standing, Standing::Paused(..)),
        materials,
        steps,
        labels: of_pack
            .map(|one| Choice::new(&one.code, &one.title, labels.contains(&one.code)))
            .collect(),
        words: sent.words,
        reason,
        label_reason,
        of_labels,
        of_pause,
        tone: Tone::Late,
        history: history(app, &catalog, code).await?,
    };
    Ok((status, Html(view.render()?)).into_response())
}

/// The materials that everybody hands in, and the steps of the examination.
async fn asks(app: &App, ctx: &Ctx, offered: &Offered) -> Result<(Vec<String>, Vec<String>)> {
    let catalog = app.service::<Catalog>()?;
    let release = catalog.released(app.db(), &offered.hash).await?;
    let facts = Facts::answers_only(json!({}), catalog.settings(), ctx.now.date());
    let materials = release.materials(&facts).into_iter();
    let installation = catalog.installation();
    let steps = release.flow().nodes().filter_map(|(ix, node)| {
        let task = release.flow().user_task(ix)?;
        Some(match installation.role(&task.role) {
            Some(role) => format!("{}（{}）", node.name, role.title),
            None => node.name.clone(),
        })
    });
    let materials = materials.map(|material| material.name.clone()).collect();
    Ok((materials, steps.collect()))
}

async fn history(app: &App, catalog: &Catalog, code: &str) -> Result<Vec<HistoryRow>> {
    let settings = app.db().read((), |tx, ()| {
        Box::pin(async move {
            let paused = setting_history(tx, PAUSED).await?;
            Ok((paused, setting_history(tx, LABELLED).await?))
        })
    });
    let (paused, labelled) = settings.await?;
    let rows = |all: &[SettingChange], words: &dyn Fn(Option<&str>) -> String| {
        let row = |change: Change| {
            let row = HistoryRow {
                at: change.at.words(),
                by: change.by,
                did: words(change.said.as_deref()),
                reason: change.reason,
            };
            (change.at, row)
        };
        changes_of(all, code)
            .into_iter()
            .map(row)
            .collect::<Vec<_>>()
    };
    let mut all = rows(&paused, &|said| match said {
        Some(words) => format!("暂停受理：{words}"),
        None => "恢复受理".to_owned(),
    });
    all.extend(rows(&labelled, &|said| labelled_words(catalog, said)));
    all.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    Ok(all.into_iter().map(|(_, row)| row).collect())
}

fn labelled_words(catalog: &Catalog, said: Option<&str>) -> String {
    let Some(said) = said else {
        return "标识改回业务包的".to_owned();
    };
    let labels = titles(catalog, &labels_in(said));
    let labels: Vec<&str> = labels
        .iter()
        .map(|label: &&Theme| label.title.as_str())
        .collect();
    match labels.is_empty() {
        true => "去掉全部标识".to_owned(),
        false => format!("标识改为{}", labels.join("、")),
    }
}
