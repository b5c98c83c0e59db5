//! A release of a procedure: its files as they were when it was published, and what is compiled from them.
//! A release is named by its hash and never changes; a case runs on the release it began with.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use tongban_base::{Date, FieldError};
use tongban_expressions::{Environment, Program, Values};
use tongban_flows::Definition;
use tongban_forms::{Form, Offers};
use tongban_packs::{Findings, Folder, KnownDivisions, ReleaseHash};

use crate::audience::Audience;
use crate::check::FlowOperations;
use crate::compiled_once::CompiledOnce;
use crate::environment::{self, Settings};
use crate::filing::{self, FilingRule};
use crate::flow;
use crate::form_divisions::FormDivisions;
use crate::lookup::Lookup;
use crate::model::{Material, Procedure, Question};

/// The kind under which releases of procedures are published.
pub const RELEASE_KIND: &str = "procedure";

#[derive(Clone)]
pub struct ProcedureRelease(Arc<Inner>);

struct Inner {
    hash: ReleaseHash,
    procedure: Procedure,
    parts: Json,
    form: Form,
    flow: Arc<Definition>,
    folder: Folder,
    /// The names that its rules may use.
    environment: Environment,
    lookups: Vec<Lookup>,
    admission: Vec<(Program, String)>,
    filing: Vec<FilingRule>,
    materials: Vec<(Material, Option<Program>)>,
    questions: Vec<(Question, Option<Program>)>,
}

/// What rules of a procedure look at; each part is JSON, null when it is not known.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    pub person: Json,
    /// The record that the case is about; null where it is about none.
    pub record: Json,
    pub answers: Json,
    /// What sources and look-ups answered, by name.
    pub asked: BTreeMap<String, Json>,
    /// Answers that may forbid acts.
    pub restrictions: Vec<Json>,
    /// Look-ups that nobody answered, by their titles: what they are asked for is open, never passed.
    pub silent: Vec<String>,
    pub settings: Json,
    pub today: Date,
    /// What may be chosen in the form.
    pub offers: Offers,
}

impl Facts {
    /// A visitor of whom nothing is known yet, with these answers.
    pub fn answers_only(answers: Json, settings: Json, today: Date) -> Self {
        Self {
            person: Json::Null,
            record: Json::Null,
            answers,
            asked: BTreeMap::new(),
            restrictions: Vec::new(),
            silent: Vec::new(),
            settings,
            today,
            offers: Offers::new(),
        }
    }

    pub(crate) fn values(&self) -> Values<'_> {
        let mut values = Values::new()
            .with("person", &self.person)
            .with("record", &self.record)
            .with("answers", &self.answers)
            .with("settings", &self.settings);
        for (name, answer) in &self.asked {
            values = values.with(name, answer);
        }
        values.insert("today", Json::from(self.today.to_string()));
        values
    }
}

impl ProcedureRelease {
    /// Compiles the files of a release; everything wrong is found here, never when a citizen presses a button.
    pub(crate) fn compile(
        (hash, file, folder): (ReleaseHash, &str, Folder),
        (operations, common, divisions): (&dyn FlowOperations, &CompiledOnce, &FormDivisions),
        findings: &mut Findings,
    ) -> Option<Self> {
        let procedure = findings.take(Procedure::read(&folder, file))?;
        let before = findings.0.len();
        let mut lookups = Lookup::read(&folder, findings);
        lookups.retain(|lookup| procedure.can_ask(lookup));
        let named = (operations.sources(), lookups.as_slice());
        let environment = environment::of_procedure(&procedure, &Settings::of(&folder), named);
        let form = form(&folder, &procedure, (common, divisions), findings);
        let flow = flow::compile(
            &folder,
            (&procedure.flow, procedure.about.is_some()),
            (operations, common),
            findings,
        );
        let admission = admission(&environment, file, &procedure, findings);
        let materials = materials(&environment, file, &procedure, findings);
        let questions = questions(&environment, file, &procedure, findings);
        let form = choosing(form?, &procedure, &lookups, findings);
        let names = environment.clone();
        let inner = Inner {
            hash,
            filing: filing::compile(names, (file, &procedure), (&form, &lookups), findings),
            admission,
            materials,
            questions,
            environment,
            form,
            lookups,
            flow: flow?,
            folder,
            parts: Json::Object(procedure.parts.clone()),
            procedure,
        };
        (findings.0.len() == before).then(|| Self(Arc::new(inner)))
    }

    pub fn hash(&self) -> &ReleaseHash {
        &self.0.hash
    }

    pub fn procedure(&self) -> &Procedure {
        &self.0.procedure
    }

    /// What its rules may ask registers.
    pub fn lookups(&self) -> &[Lookup] {
        &self.0.lookups
    }

    /// The look-up from which a field of the form offers records; none where a register offers them itself.
    pub fn offering(&self, from: &str) -> Option<&Lookup> {
        self.0.lookups.iter().find(|lookup| lookup.code == from)
    }

    /// What modules read, by key.
    pub fn parts(&self) -> &Json {
        &self.0.parts
    }

    /// A part that was checked when it was published; none where the procedure has none.
    pub fn part<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        serde_json::from_value(self.0.parts.get(key)?.clone()).ok()
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

    /// Why these facts do not admit an application, in the words of the procedure; empty when they do.
    pub fn refusals(&self, facts: &Facts) -> Vec<String> {
        let values = facts.values();
        let rules = self.0.admission.iter().zip(&self.0.procedure.admission);
        // What is still to be answered has not been answered wrongly.
        let open = self.unanswered(facts);
        rules
            .filter(|(_, written)| !open.iter().any(|id| asks_of(&written.rule, id)))
            .filter(|((rule, _), _)| !rule.evaluate_bool(&values).unwrap_or(false))
            .map(|((_, message), _)| message.clone())
            .collect()
    }

    /// Whether rules look at what is filed beyond the form.
    pub fn has_filing_rules(&self) -> bool {
        !self.0.filing.is_empty()
    }

    /// What is wrong with what is filed, as rules that look beyond the form say it.
    pub fn filing_faults(&self, facts: &Facts, filed: &Json) -> Vec<FieldError> {
        filing::faults(&self.0.filing, facts, filed)
    }

    /// Whether something is asked of registers about what is filled in.
    pub fn looks_at_form(&self) -> bool {
        self.0.lookups.iter().any(|lookup| lookup.of_form)
    }

    /// The questions that are asked and have no answer yet; none of a case may be without.
    fn unanswered(&self, facts: &Facts) -> Vec<&str> {
        let asked = self.questions(facts).into_iter();
        let open =
            asked.filter(|question| facts.answers.get(&question.id).is_none_or(Json::is_null));
        open.map(|question| question.id.as_str()).collect()
    }

    /// Whether a rule that stands elsewhere holds of these facts; it may use the names of admission rules.
    /// Errors: what is wrong with the rule.
    pub fn holds(&self, rule: &str, facts: &Facts) -> Result<bool, String> {
        let program = self.0.environment.compile_bool(rule);
        let program = program.map_err(|fault| rule_words(rule, fault.column, &fault.message))?;
        let held = program.evaluate_bool(&facts.values());
        held.map_err(|fault| fault.message)
    }

    /// What is wrong with such a rule.
    pub(crate) fn fault_of(&self, rule: &str) -> Option<String> {
        let fault = self.0.environment.compile_bool(rule).err()?;
        Some(rule_words(rule, fault.column, &fault.message))
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

/// Whether a rule depends on the answer to this question; one that provides for it being open says `has`.
fn asks_of(rule: &str, question: &str) -> bool {
    let name = format!("answers.{question}");
    let goes_on = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut found = rule.match_indices(&name);
    let is_named = found.any(|(at, _)| !rule[at + name.len()..].starts_with(goes_on));
    is_named && !rule.contains(&format!("has({name})"))
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

/// Only a form that asks for a division depends on their list.
fn has_division(form: &str) -> bool {
    form.contains("\"division\"")
}

fn form(
    folder: &Folder,
    procedure: &Procedure,
    (common, divisions): (&CompiledOnce, &FormDivisions),
    findings: &mut Findings,
) -> Option<Form> {
    let file = format!("forms/{}.json", procedure.form);
    let text = findings.take(folder.text(&file).map(str::to_owned))?;
    let asked = match has_division(&text) {
        true => divisions.mark.as_str(),
        false => "",
    };
    common.form(&[&text, asked], || {
        compiled((&file, &text), &divisions.list, findings)
    })
}

/// Whom a form offers records is known only of officers; a citizen is offered what a look-up says.
fn choosing(
    form: Form,
    procedure: &Procedure,
    lookups: &[Lookup],
    findings: &mut Findings,
) -> Form {
    for field in form.choosers() {
        let from = field.from.as_deref().unwrap_or_default();
        let lookup = lookups.iter().find(|lookup| lookup.code == from);
        let words = match lookup {
            Some(lookup) if lookup.columns.is_empty() => {
                format!("查询 {from} 没有写 columns，不能用来选记录")
            }
            Some(lookup) if lookup.of_form => {
                format!("查询 {from} 要看填好的表单，不能用来选记录")
            }
            None if procedure.audience == Audience::Public => {
                format!("面向公众的事项只能从查询里选记录，没有查询 {from}")
            }
            Some(_) | None => continue,
        };
        let (file, place) = (
            format!("forms/{}.json", procedure.form),
            format!("/fields/{}/from", field.name),
        );
        findings.add(&file, Some(&place), words);
    }
    form
}

fn compiled(
    (file, text): (&str, &str),
    divisions: &KnownDivisions,
    findings: &mut Findings,
) -> Option<Form> {
    let loaded = match serde_json::from_str::<Json>(text) {
        Ok(mut root) if has_division(text) => {
            if let Some(properties) = root.pointer_mut("/schema/properties") {
                tongban_forms::offer_divisions(properties, divisions);
            }
            Form::from_json(&root)
        }
        _ => Form::load(text),
    };
    match loaded {
        Ok(form) => Some(form),
        Err(faults) => {
            for fault in faults {
                findings.add(file, Some(&fault.pointer), fault.message);
            }
            None
        }
    }
}

fn admission(
    environment: &Environment,
    file: &str,
    procedure: &Procedure,
    findings: &mut Findings,
) -> Vec<(Program, String)> {
    procedure
        .admission
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
    procedure: &Procedure,
    findings: &mut Findings,
) -> Vec<(Material, Option<Program>)> {
    procedure
        .material
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
    procedure: &Procedure,
    findings: &mut Findings,
) -> Vec<(Question, Option<Program>)> {
    procedure
        .question
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

pub(crate) fn condition(
    environment: &Environment,
    file: &str,
    element: &str,
    source: &str,
    findings: &mut Findings,
) -> Option<Program> {
    match environment.compile_bool(source) {
        Ok(program) => Some(program),
        Err(fault) => {
            let message = rule_words(source, fault.column, &fault.message);
            findings.add(file, Some(element), message);
            None
        }
    }
}

fn rule_words(source: &str, column: usize, message: &str) -> String {
    format!("表达式 {source} 第 {column} 列：{message}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_waits_for_the_answers_that_it_names() {
        assert!(asks_of("answers.kind == 'new' || licence != null", "kind"));
        assert!(!asks_of("answers.kinds == 'new'", "kind"));
        assert!(!asks_of(
            "!has(answers.kind) || answers.kind == 'new'",
            "kind"
        ));
        assert!(!asks_of("licence != null", "kind"));
    }
}
