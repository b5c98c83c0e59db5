//! The values of a form by field name, in the order of the layout. A field without a value is absent.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Values(Map<String, Value>);

impl Values {
    pub fn new() -> Self {
        Self::default()
    }

    /// Null for a field without a value.
    pub fn get(&self, name: &str) -> &Value {
        self.0.get(name).unwrap_or(&Value::Null)
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).as_str()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// These with others in their place.
    pub fn over(&self, others: &Self) -> Self {
        let mut all = self.0.clone();
        all.extend(others.0.clone());
        Self(all)
    }

    /// These, some left out.
    pub fn without(&self, names: &[&str]) -> Self {
        let mut left = self.0.clone();
        left.retain(|name, _| !names.contains(&name.as_str()));
        Self(left)
    }

    pub fn into_json(self) -> Value {
        Value::Object(self.0)
    }

    pub fn to_json(&self) -> Value {
        Value::Object(self.0.clone())
    }

    pub(crate) fn map(&self) -> &Map<String, Value> {
        &self.0
    }
}

impl From<Map<String, Value>> for Values {
    fn from(map: Map<String, Value>) -> Self {
        Self(map)
    }
}
