//! Steps, field settings and checks of a definition: every name must exist, every expression compile.

use std::collections::HashMap;

use serde_json::{Map, Value};
use tongban_expressions::{Environment, Program, Type};

use crate::definition::Problems;
use crate::field::Required;
use crate::form::Check;
use crate::layout_records::Fillings;
use crate::schema::Property;
use crate::{Field, Meaning, Step, Widget, environment};

const STEP: &[&str] = &["id", "title", "help", "fields"];
const FIELD: &[&str] = &[
    "prefill", "locked", "widget", "visible", "required", "help", "example", "value", "as", "from",
    "fills",
];
const CHECK: &[&str] = &["rule", "field", "message"];

pub(crate) fn steps(root: &Map<String, Value>, problems: &mut Problems) -> Vec<Step> {
    let listed = root.get("steps").and_then(Value::as_array);
    let Some(listed) = listed.filter(|l| !l.is_empty()) else {
        problems.add("/steps", "应至少有一步");
        return Vec::new();
    };
    let mut steps: Vec<Step> = Vec::new();
    for (index, value) in listed.iter().enumerate() {
        let pointer = format!("/steps/{index}");
        let Some(object) = problems.object(value, &pointer, STEP) else {
            continue;
        };
        let id = problems.text(object, &pointer, "id");
        if steps.iter().any(|s| s.id == id) {
            problems.add(format!("{pointer}/id"), format!("步骤“{id}”出现了两次"));
        }
        let names = object.get("fields").and_then(Value::as_array);
        let names: Vec<String> = names
            .into_iter()
            .flatten()
            .filter_map(|n| n.as_str().map(str::to_owned))
            .collect();
        if names.is_empty() {
            problems.add(format!("{pointer}/fields"), "这一步没有字段");
        }
        steps.push(Step {
            id,
            title: problems.text(object, &pointer, "title"),
            help: problems.maybe_text(object, &pointer, "help"),
            fields: names,
        });
    }
    steps
}

/// Brings the properties into the order of the steps; each must stand in exactly one.
pub(crate) fn arrange(
    steps: &[Step],
    properties: Vec<Property>,
    problems: &mut Problems,
) -> Vec<Property> {
    let mut left: HashMap<String, Property> = properties
        .into_iter()
        .map(|p| (p.name.clone(), p))
        .collect();
    let mut arranged: Vec<Property> = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let pointer = format!("/steps/{index}/fields");
        for name in &step.fields {
            match left.remove(name) {
                Some(property) => arranged.push(property),
                None if arranged.iter().any(|p| p.name == *name) => {
                    problems.add(&pointer, format!("字段“{name}”出现了两次"));
                }
                None => problems.add(&pointer, format!("没有“{name}”这个字段")),
            }
        }
    }
    let mut forgotten: Vec<String> = left.into_keys().collect();
    forgotten.sort();
    for name in forgotten {
        problems.add("/steps", format!("字段“{name}”没有放进任何一步"));
    }
    arranged
}

/// Fields with their settings; expressions are compiled against the types of all of them.
pub(crate) fn fields(
    root: &Map<String, Value>,
    properties: Vec<Property>,
    problems: &mut Problems,
) -> (Vec<Field>, Environment) {
    let none = Value::Object(Map::new());
    let settings = root.get("fields").unwrap_or(&none);
    let names: Vec<&str> = properties.iter().map(|p| p.name.as_str()).collect();
    let settings = problems.object(settings, "/fields", &names).cloned();
    let settings = settings.unwrap_or_default();
    let plain: Vec<Field> = properties.iter().map(plain).collect();
    let filled = environment::filled(&plain);
    let known = environment::known();
    let mut fields = Vec::with_capacity(plain.len());
    let mut fillings = Fillings::default();
    for (mut field, property) in plain.into_iter().zip(&properties) {
        field.filling = fillings.of(&field.name);
        if let Some(value) = settings.get(&field.name) {
            let pointer = format!("/fields/{}", field.name);
            if let Some(object) = problems.object(value, &pointer, FIELD) {
                apply(&mut field, object, &pointer, (&known, &filled), problems);
                fillings.read(&mut field, object, &pointer, problems);
            }
        }
        fillings.check(&field, problems);
        field.help = field.help.or_else(|| property.description.clone());
        refuse_twin(&field, &fields, problems);
        refuse_later(&field, &fields, problems);
        fields.push(field);
    }
    fillings.finish(&names, problems);
    (fields, filled)
}

fn plain(property: &Property) -> Field {
    Field {
        name: property.name.clone(),
        title: property.title.clone(),
        widget: property.kind.usual_widget(),
        kind: property.kind.clone(),
        help: None,
        example: None,
        locked: false,
        meaning: None,
        from: None,
        filling: None,
        prefill: None,
        value: None,
        visible: None,
        required: match property.required {
            true => Required::Always,
            false => Required::Never,
        },
    }
}

fn apply(
    field: &mut Field,
    of: &Map<String, Value>,
    pointer: &str,
    (known, filled): (&Environment, &Environment),
    problems: &mut Problems,
) {
    let r#type = field.kind.expression_type();
    field.help = problems.maybe_text(of, pointer, "help");
    field.example = problems.maybe_text(of, pointer, "example");
    field.locked = problems.flag(of, pointer, "locked");
    field.prefill = problems.expression(of, pointer, "prefill", known, &r#type);
    field.value = problems.expression(of, pointer, "value", filled, &r#type);
    field.visible = problems.expression(of, pointer, "visible", filled, &Type::Bool);
    if let Some(program) = problems.expression(of, pointer, "required", filled, &Type::Bool) {
        field.required = Required::When(program);
    }
    if field.locked && !of.contains_key("prefill") {
        problems.add(format!("{pointer}/locked"), "锁定的字段应有 prefill");
    }
    if of.contains_key("value") && of.contains_key("prefill") {
        problems.add(pointer, "value 和 prefill 只能有一个");
    }
    field.meaning = meaning(field, of, pointer, problems);
    if let Some(name) = problems.maybe_text(of, pointer, "widget") {
        let found = Widget::NAMES.iter().find(|(n, _)| *n == name);
        match found.map(|(_, widget)| *widget) {
            Some(widget) if field.kind.allows(widget) => field.widget = widget,
            Some(_) => problems.add(
                format!("{pointer}/widget"),
                format!("“{name}”不适合这个字段的类型"),
            ),
            None => {
                let known: Vec<&str> = Widget::NAMES.iter().map(|(n, _)| *n).collect();
                let message = format!("没有“{name}”，可用的有：{}", known.join("、"));
                problems.add(format!("{pointer}/widget"), message);
            }
        }
    }
}

fn meaning(
    field: &Field,
    of: &Map<String, Value>,
    pointer: &str,
    problems: &mut Problems,
) -> Option<Meaning> {
    let word = problems.maybe_text(of, pointer, "as")?;
    let pointer = format!("{pointer}/as");
    let Some(meaning) = Meaning::find(&word) else {
        let known: Vec<&str> = Meaning::ALL.iter().map(|(name, _)| *name).collect();
        let message = format!("没有“{word}”，可用的有：{}", known.join("、"));
        problems.add(pointer, message);
        return None;
    };
    if let Some(wanted) = meaning.refuses(&field.kind) {
        problems.add(pointer, format!("作为“{word}”的字段，{wanted}"));
    }
    Some(meaning)
}

/// A meaning that two fields had would be read from either.
fn refuse_twin(field: &Field, earlier: &[Field], problems: &mut Problems) {
    let twin = earlier
        .iter()
        .find(|f| f.meaning.is_some() && f.meaning == field.meaning);
    if let Some(twin) = twin {
        let pointer = format!("/fields/{}/as", field.name);
        problems.add(pointer, format!("和字段“{}”的用途重复", twin.name));
    }
}

/// What decides whether a field is shown, and what it is worked out from, must come before it: so the
/// fields can be settled in one pass and nothing turns in a circle.
fn refuse_later(field: &Field, earlier: &[Field], problems: &mut Problems) {
    for (key, program) in [("visible", &field.visible), ("value", &field.value)] {
        let used = program.iter().flat_map(form_fields);
        for name in used.filter(|name| !earlier.iter().any(|f| f.name == **name)) {
            problems.add(
                format!("/fields/{}/{key}", field.name),
                format!("“{name}”应排在这个字段前面"),
            );
        }
    }
}

/// The fields that an expression looks at.
pub(crate) fn form_fields(program: &Program) -> impl Iterator<Item = &str> {
    let paths = program.paths().iter();
    paths.filter_map(|path| path.strip_prefix("form."))
}

pub(crate) fn checks(
    root: &Map<String, Value>,
    fields: &[Field],
    filled: &Environment,
    problems: &mut Problems,
) -> Vec<Check> {
    let listed = match root.get("checks") {
        None => return Vec::new(),
        Some(Value::Array(listed)) => listed,
        Some(_) => {
            problems.add("/checks", "应为列表");
            return Vec::new();
        }
    };
    let mut checks = Vec::new();
    for (index, value) in listed.iter().enumerate() {
        let pointer = format!("/checks/{index}");
        let Some(object) = problems.object(value, &pointer, CHECK) else {
            continue;
        };
        let field = problems.text(object, &pointer, "field");
        if !fields.iter().any(|f| f.pointer() == field) {
            problems.add(format!("{pointer}/field"), format!("没有“{field}”这个字段"));
        }
        if !object.contains_key("rule") {
            problems.add(&pointer, "缺少“rule”");
        }
        let message = problems.text(object, &pointer, "message");
        let rule = problems.expression(object, &pointer, "rule", filled, &Type::Bool);
        checks.extend(rule.map(|rule| Check {
            rule,
            pointer: field,
            message,
        }));
    }
    checks
}
