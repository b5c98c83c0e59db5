//! Releases: a definition with all its parts, immutable, named by the SM3 digest of its canonical JSON.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use tongban_store::{FromValue, Value};

use crate::Folder;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReleaseHash(pub String);

impl ReleaseHash {
    pub fn of(body: &Json) -> Self {
        Self(tongban_crypto::sm3_hex(canonical(body).as_bytes()))
    }

    /// Of a release that is these files, one of which says what it is.
    pub fn of_files(file: &str, files: &Folder) -> Self {
        Self::of(&crate::store::body(file, files))
    }
}

impl fmt::Display for ReleaseHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&ReleaseHash> for Value {
    fn from(hash: &ReleaseHash) -> Self {
        Value::Text(hash.0.clone())
    }
}

impl FromValue for ReleaseHash {
    fn from_value(value: &Value) -> std::result::Result<Self, String> {
        String::from_value(value).map(ReleaseHash)
    }
}

/// JSON with sorted keys and no spaces: equal values give equal text.
pub fn canonical(value: &Json) -> String {
    match value {
        Json::Object(map) => {
            let mut keys: Vec<_> = map.iter().collect();
            keys.sort_by_key(|(key, _)| *key);
            let parts: Vec<String> = keys
                .iter()
                .map(|(key, value)| format!("{}:{}", Json::from(key.as_str()), canonical(value)))
                .collect();
            format!("{{{}}}", parts.join(","))
        }
        Json::Array(items) => {
            let parts: Vec<String> = items.iter().map(canonical).collect();
            format!("[{}]", parts.join(","))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_keys_does_not_change_a_release() {
        let one = serde_json::json!({"a": 1, "b": [{"x": "字", "y": null}]});
        let two = serde_json::json!({"b": [{"y": null, "x": "字"}], "a": 1});
        assert_eq!(ReleaseHash::of(&one), ReleaseHash::of(&two));
        assert_ne!(
            ReleaseHash::of(&one),
            ReleaseHash::of(&serde_json::json!({"a": 2}))
        );
    }
}
