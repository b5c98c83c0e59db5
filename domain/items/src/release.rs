//! A release of an item: its files as they were when it was published, and what is compiled from them.
//! A release is named by its hash and never changes; a case runs on the release it began with.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use tongban_base::Date;
use tongban_expressions::{Environment, Program, Values};
use tongban_flows::{Definition, Effects};
use tongban_forms::Form;
use tongban_packs::{Findings, Folder, Pack, ReleaseHash};

use crate::conditions::FlowConditions;
use crate::environment::{self, Settings};
use crate::model::{Item, Material, Question};

/// The kind under which releases of items are published.
pub const RELEASE_KIND: &str = "item";

/// Files that every release carries, besides its own item, form and flow.
const SHARED: [(&str, &str); 6] = [
    ("documents/", ""),
    ("licences/", ""),
    ("messages/", ".toml"),
    ("reviews.toml", ""),
    ("settings.toml", ""),
    ("organisations.toml", ""),
];

#[derive(Clone)]
pub struct ItemRelease(Arc<Inner>);

struct Inner {
    hash: ReleaseHash,
    item: Item,
    form: Form,
    flow: Arc<Definition>,
    folder: Folder,
    admission: Vec<(Program, String)>,
    materials: Vec<(Material, Option<Program>)>,
    questions: Vec<(Question, Option<Program>)>,
}

/// What rules of an item look at; each part is JSON, null when it is not known.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    pub person: Json,
    pub licence: Json,
    pub answers: Json,
    pub holds: Json,
    pub settings: Json,
    pub today: Date,
}

impl Facts {
    /// A visitor of whom nothing is known yet, with these answers.
    pub fn answers_only(answers: Json, settings: Json, today: Date) -> Self {
        Self {
            person: Json::Null,
            licence: Json::Null,
            answers,
            holds: json!([]),
            settings,
            today,
        }
    }

    fn values(&self) -> Values<'_> {
        let mut values = Values::new()
            .with("person", &self.person)
            .with("licence", &self.licence)
            .with("answers", &self.answers)
            .with("holds", &self.holds)
            .with("settings", &self.settings);
        values.insert("today", Json::from(self.today.to_string()));
        values
    }
}

/// The body of a release: every file that the item depends on, by name.
pub fn body(pack: &Pack, file: &str, item: &Item) -> Json {
    let mut files = serde_json::Map::new();
    let own = [
        file.to_owned(),
        format!("forms/{}.json", item.form),
        format!("flows/{}.bpmn", item.flow),
    ];
    let shared = SHARED
        .iter()
        .flat_map(|(prefix, suffix)| pack.folder.list(prefix, suffix));
    for name in own.iter().map(String::as_str).chain(shared) {
        if let Ok(text) = pack.folder.text(name) {
            files.insert(name.to_owned(), Json::from(text));
        }
    }
    let form = pack.folder.text(&format!("forms/{}.json", item.form));
    if form.is_ok_and(has_division)
        && let Ok(text) = pack.folder.text("divisions.toml")
    {
        files.insert("divisions.toml".to_owned(), Json::from(text));
    }
    json!({ "item": file, "files": files })
}

impl ItemRelease {
    /// Compiles a body; everything wrong is found here, never when a citizen presses a button.
    pub fn compile(body: &Json, effects: &dyn Effects, findings: &mut Findings) -> Option<Self> {
        let file = body.get("item")?.as_str()?;
        let folder = folder(body);
        let item: Item = findings.take(folder.toml(file))?;
        let before = findings.0.len();
        let environment = environment::of_item(&item, &Settings::of(&folder));
        let form = form(&folder, &item, findings);
        let flow = flow(&folder, &item, effects, findings);
        let inner = Inner {
            hash: ReleaseHash::of(body),
            admission: admission(&environment, file, &item, findings),
            materials: materials(&environment, file, &item, findings),
            questions: questions(&environment, file, &item, findings),
            form: form?,
            flow: flow?,
            folder,
            item,
        };
        (findings.0.len() == before).then(|| Self(Arc::new(inner)))
    }

    pub fn hash(&self) -> &ReleaseHash {
        &self.0.hash
    }

    pub fn item(&self) -> &Item {
        &self.0.item
    }

    pub fn form(&self) -> &Form {
        &self.0.form
    }

    pub fn flow(&self) -> &Arc<Definition> {
        &self.0.flow
    }

    /// The files of the release; whoever owns a kind of definition reads it from here.
    pub fn folder(&self) -> &Folder {
        &self.0.folder
    }

    /// Why these facts do not admit an application, in the words of the item; empty when they do.
    pub fn refusals(&self, facts: &Facts) -> Vec<String> {
        let values = facts.values();
        self.0
            .admission
            .iter()
            .filter(|(rule, _)| !rule.evaluate_bool(&values).unwrap_or(false))
            .map(|(_, message)| message.clone())
            .collect()
    }

    /// The materials that the answers call for.
    pub fn materials(&self, facts: &Facts) -> Vec<&Material> {
        let values = facts.values();
        holding(&self.0.materials, &values)
    }

    /// The questions that the answers so far lead to.
    pub fn questions(&self, facts: &Facts) -> Vec<&Question> {
        let values = facts.values();
        holding(&self.0.questions, &values)
    }
}

fn holding<'r, T>(rows: &'r [(T, Option<Program>)], values: &Values<'_>) -> Vec<&'r T> {
    rows.iter()
        .filter(|(_, when)| match when {
            Some(when) => when.evaluate_bool(values).unwrap_or(false),
            None => true,
        })
        .map(|(row, _)| row)
        .collect()
}

fn folder(body: &Json) -> Folder {
    let mut folder = Folder::default();
    if let Some(files) = body.get("files").and_then(Json::as_object) {
        for (name, text) in files {
            folder = folder.with(name, text.as_str().unwrap_or_default());
        }
    }
    folder
}

/// Only a form that asks for a division depends on their list.
fn has_division(form: &str) -> bool {
    form.contains("\"division\"")
}

fn form(folder: &Folder, item: &Item, findings: &mut Findings) -> Option<Form> {
    let file = format!("forms/{}.json", item.form);
    let text = findings.take(folder.text(&file).map(str::to_owned))?;
    let loaded = match serde_json::from_str::<Json>(&text) {
        Ok(mut root) if has_division(&text) => {
            if let Some(properties) = root.pointer_mut("/schema/properties") {
                tongban_forms::offer_divisions(properties, &tongban_packs::offered_by(folder));
            }
            Form::from_json(&root)
        }
        _ => Form::load(&text),
    };
    match loaded {
        Ok(form) => Some(form),
        Err(faults) => {
            for fault in faults {
                findings.add(&file, Some(&fault.pointer), fault.message);
            }
            None
        }
    }
}

fn flow(
    folder: &Folder,
    item: &Item,
    effects: &dyn Effects,
    findings: &mut Findings,
) -> Option<Arc<Definition>> {
    let file = format!("flows/{}.bpmn", item.flow);
    let text = findings.take(folder.text(&file).map(str::to_owned))?;
    match Definition::compile(&text, &FlowConditions::new(&Settings::of(folder)), effects) {
        Ok(definition) => Some(Arc::new(definition)),
        Err(faults) => {
            for fault in faults {
                let line = usize::try_from(fault.line).ok();
                findings.at(&file, line, Some(&fault.element), fault.message);
            }
            None
        }
    }
}

fn admission(
    environment: &Environment,
    file: &str,
    item: &Item,
    findings: &mut Findings,
) -> Vec<(Program, String)> {
    item.admission
        .iter()
        .filter_map(|rule| {
            let program = condition(environment, file, "admission", &rule.rule, findings)?;
            Some((program, rule.message.clone()))
        })
        .collect()
}

fn materials(
    environment: &Environment,
    file: &str,
    item: &Item,
    findings: &mut Findings,
) -> Vec<(Material, Option<Program>)> {
    item.material
        .iter()
        .map(|material| {
            let when = material
                .when
                .as_deref()
                .and_then(|source| condition(environment, file, &material.code, source, findings));
            (material.clone(), when)
        })
        .collect()
}

fn questions(
    environment: &Environment,
    file: &str,
    item: &Item,
    findings: &mut Findings,
) -> Vec<(Question, Option<Program>)> {
    item.question
        .iter()
        .map(|question| {
            let when = question
                .when
                .as_deref()
                .and_then(|source| condition(environment, file, &question.id, source, findings));
            (question.clone(), when)
        })
        .collect()
}

fn condition(
    environment: &Environment,
    file: &str,
    element: &str,
    source: &str,
    findings: &mut Findings,
) -> Option<Program> {
    match environment.compile_bool(source) {
        Ok(program) => Some(program),
        Err(fault) => {
            let message = format!("表达式 {source} 第 {} 列：{}", fault.column, fault.message);
            findings.add(file, Some(element), message);
            None
        }
    }
}
