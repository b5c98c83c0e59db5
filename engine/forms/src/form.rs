//! A checked form definition.

use std::sync::Arc;

use jsonschema::Validator;
use serde_json::Value;
use tongban_expressions::Program;

use crate::definition::Problems;
use crate::view::masked;
use crate::{Field, FormError, Meaning, layout, schema};

const ROOT: &[&str] = &["title", "basis", "schema", "steps", "fields", "checks"];

/// Immutable and cheap to clone; shared between requests.
#[derive(Clone, Debug)]
pub struct Form(Arc<Definition>);

#[derive(Debug)]
struct Definition {
    title: String,
    basis: String,
    schema: Value,
    steps: Vec<Step>,
    fields: Vec<Field>,
    checks: Vec<Check>,
    validator: Arc<Validator>,
}

/// One page of the wizard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub id: String,
    pub title: String,
    pub help: Option<String>,
    pub fields: Vec<String>,
}

/// A rule across fields and the words for whoever breaks it.
#[derive(Clone, Debug)]
pub(crate) struct Check {
    pub rule: Program,
    pub pointer: String,
    pub message: String,
}

impl Form {
    /// Reads a form file; all its faults come back together.
    pub fn load(text: &str) -> Result<Self, Vec<FormError>> {
        let root: Value = serde_json::from_str(text).map_err(|error| {
            let message = format!(
                "第 {} 行第 {} 列不是有效的 JSON",
                error.line(),
                error.column()
            );
            vec![FormError::new("", message)]
        })?;
        Self::from_json(&root)
    }

    pub fn from_json(root: &Value) -> Result<Self, Vec<FormError>> {
        let mut problems = Problems::default();
        let definition = define(root, &mut problems);
        problems.finish(definition).map(|d| Self(Arc::new(d)))
    }

    pub fn title(&self) -> &str {
        &self.0.title
    }

    /// Where the form comes from; `示例` when it is only an example.
    pub fn basis(&self) -> &str {
        &self.0.basis
    }

    pub fn steps(&self) -> &[Step] {
        &self.0.steps
    }

    pub fn step(&self, id: &str) -> Option<&Step> {
        self.0.steps.iter().find(|step| step.id == id)
    }

    /// In the order of the steps.
    pub fn fields(&self) -> &[Field] {
        &self.0.fields
    }

    pub fn field(&self, name: &str) -> Option<&Field> {
        self.0.fields.iter().find(|field| field.name == name)
    }

    /// The text of the field with this meaning; empty when there is none, or nothing was filled in.
    pub fn text_of<'v>(&self, meaning: Meaning, values: &'v Value) -> &'v str {
        let field = self.fields().iter().find(|f| f.meaning == Some(meaning));
        field
            .and_then(|field| values.get(&field.name)?.as_str())
            .unwrap_or_default()
    }

    /// Every field in words, the middle of personal numbers hidden; empty what was not filled in.
    pub fn words(&self, values: &Value) -> Value {
        let fields = self.fields().iter().map(|field| {
            let words = masked(field, &field.words(&values[&field.name]));
            (field.name.clone(), Value::String(words))
        });
        Value::Object(fields.collect())
    }

    pub fn schema(&self) -> &Value {
        &self.0.schema
    }

    pub(crate) fn checks(&self) -> &[Check] {
        &self.0.checks
    }

    pub(crate) fn validator(&self) -> &Validator {
        &self.0.validator
    }
}

fn define(root: &Value, problems: &mut Problems) -> Option<Definition> {
    let object = problems.object(root, "", ROOT)?;
    let title = problems.text(object, "", "title");
    let basis = problems.text(object, "", "basis");
    let steps = layout::steps(object, problems);
    let Some(declared) = object.get("schema") else {
        problems.add("", "缺少“schema”");
        return None;
    };
    let schema = schema::read(declared, problems)?;
    let properties = layout::arrange(&steps, schema.properties, problems);
    let (fields, filled) = layout::fields(object, properties, problems);
    let checks = layout::checks(object, &fields, &filled, problems);
    Some(Definition {
        title,
        basis,
        schema: declared.clone(),
        steps,
        fields,
        checks,
        validator: schema.validator,
    })
}
