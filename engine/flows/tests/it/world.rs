//! An instance with everything around it that the engine is handed: conditions, operations, time.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tongban_base::{Timestamp, calendar::WorkCalendar};
use tongban_flows::{
    Change, Completion, Condition, Conditions, Definition, Diagnostic, Effect, Environment,
    Instance, Message, Mode, People, Refusal, Target, TokenNo, Verb, apply,
};

/// Drawings of these tests name accounts.
pub static NOBODY: People = People::new();

/// `name`, `!(name)`, `decision == 'x'`, joined by `||`, or a list of texts; the value of a name is looked up.
pub struct Words;

struct Word(String);

impl Conditions for Words {
    fn compile(&self, source: &str) -> Result<Box<dyn Condition>, String> {
        if source.contains('?') {
            return Err("不认识的符号 ?".to_owned());
        }
        Ok(Box::new(Word(source.to_owned())))
    }
}

impl Condition for Word {
    fn source(&self) -> &str {
        &self.0
    }

    fn value(&self, variables: &Value, decision: &str) -> Result<Value, String> {
        let part = |text: &str| match text.trim().strip_prefix("decision == '") {
            Some(rest) => json!(rest.trim_end_matches('\'') == decision),
            None => match text.trim().strip_prefix("!(") {
                Some(rest) => json!(variables[rest.trim_end_matches(')')] != json!(true)),
                None if text.starts_with('[') => {
                    serde_json::from_str(&text.replace('\'', "\"")).unwrap_or_default()
                }
                None => variables[text.trim()].clone(),
            },
        };
        let mut parts: Vec<Value> = self.0.split("||").map(part).collect();
        if parts.len() == 1 {
            return Ok(parts.remove(0));
        }
        Ok(json!(parts.contains(&json!(true))))
    }
}

pub fn effect(operation: &str) -> Option<Effect> {
    match operation {
        "reserve" => Some(Effect::Reversible),
        "document" => Some(Effect::Void),
        "send" => Some(Effect::Kept),
        "settle" => Some(Effect::Blocking),
        _ => None,
    }
}

pub fn read(xml: &str) -> Result<Definition, Vec<Diagnostic>> {
    Definition::compile(xml, &Words, &effect)
}

pub struct World {
    pub definition: Definition,
    pub state: Instance,
    pub change: Change,
    pub variables: Value,
    pub now: Timestamp,
    /// Who acts; none is the program.
    pub account: Option<String>,
    /// How often the operation of each firing was run and taken back.
    pub ledger: BTreeMap<i64, (u32, u32)>,
}

impl World {
    pub fn new(definition: Definition, variables: Value) -> Self {
        Self {
            definition,
            state: Instance::default(),
            change: Change::default(),
            variables,
            now: Timestamp(1_800_000_000_000),
            account: None,
            ledger: BTreeMap::new(),
        }
    }

    pub fn started(xml: &str, variables: Value) -> Self {
        let mut world = Self::new(read(xml).unwrap(), variables);
        world.act(&Verb::Start).unwrap();
        world
    }

    pub fn act(&mut self, verb: &Verb) -> Result<(), Refusal> {
        let calendar = WorkCalendar::new();
        let environment = Environment {
            variables: self.variables.clone(),
            now: self.now,
            actor: "测试一".to_owned(),
            account: self.account.clone(),
            calendar: &calendar,
            people: &NOBODY,
        };
        let (state, change) = apply(&self.definition, &self.state, verb, environment)?;
        for call in &change.operations {
            self.ledger.entry(call.firing.0).or_default().0 += 1;
        }
        for inverse in &change.inverses {
            self.ledger.entry(inverse.firing.0).or_default().1 += 1;
        }
        self.state = state;
        self.change = change;
        Ok(())
    }

    /// Open tasks as `element` or `element:signer`, in the order they were opened.
    pub fn tasks(&self) -> Vec<String> {
        self.open_tasks()
            .into_iter()
            .map(|(name, _)| name)
            .collect()
    }

    pub fn open_tasks(&self) -> Vec<(String, TokenNo)> {
        let name = |token: &tongban_flows::Token| {
            let id = &self.definition.node(token.place.task(&self.definition)?).id;
            Some(match token.note.signer.as_str() {
                "" => id.clone(),
                signer => format!("{id}:{signer}"),
            })
        };
        self.state
            .live()
            .filter_map(|token| Some((name(token)?, token.no)))
            .collect()
    }

    pub fn task(&self, name: &str) -> TokenNo {
        let open = self.open_tasks();
        let found = open.iter().find(|(task, _)| task == name);
        found
            .unwrap_or_else(|| panic!("{name} is not open: {open:?}"))
            .1
    }

    pub fn complete(&mut self, task: &str, decision: &str) {
        self.try_complete(task, decision).unwrap();
    }

    pub fn try_complete(&mut self, task: &str, decision: &str) -> Result<(), Refusal> {
        self.act(&Verb::Complete(Completion {
            task: self.task(task),
            decision: decision.to_owned(),
            opinion: "同意".to_owned(),
            data: Value::Null,
        }))
    }

    pub fn return_to(&mut self, element: &str, mode: Mode) {
        self.try_return(Target::Activity(element.to_owned()), mode)
            .unwrap();
    }

    pub fn try_return(&mut self, to: Target, mode: Mode) -> Result<(), Refusal> {
        self.act(&Verb::Return {
            to,
            mode,
            reason: "材料有误".to_owned(),
            permit_blocking: false,
        })
    }

    pub fn message(&mut self, name: &str, key: Option<&str>) {
        self.act(&Verb::Message(Message {
            name: name.to_owned(),
            key: key.map(str::to_owned),
            data: Value::Null,
        }))
        .unwrap();
    }

    /// Lets the first timer go off.
    pub fn ring(&mut self) {
        let (token, event, due) = self.state.timers().next().unwrap();
        self.now = due;
        self.act(&Verb::Timer { token, event }).unwrap();
    }
}
