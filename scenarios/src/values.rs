//! What is filled into fields, as a scenario writes it: words, numbers, yes and no, several at once.

use serde::{Deserialize, Deserializer, de};

/// In the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Values(pub Vec<(String, Vec<String>)>);

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let table = toml::Table::deserialize(deserializer)?;
        let read = |(name, value): (String, toml::Value)| match words(&value) {
            Some(words) => Ok((name, words)),
            None => Err(de::Error::custom(format!(
                "{name} 只能是文字、数字、是否，或者它们的列表"
            ))),
        };
        table
            .into_iter()
            .map(read)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

fn words(value: &toml::Value) -> Option<Vec<String>> {
    match value {
        toml::Value::Array(values) => values.iter().map(word).collect(),
        value => word(value).map(|word| vec![word]),
    }
}

fn word(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Float(number) => Some(number.to_string()),
        toml::Value::Boolean(flag) => Some(flag.to_string()),
        toml::Value::Datetime(moment) => Some(moment.to_string()),
        toml::Value::Array(_) | toml::Value::Table(_) => None,
    }
}

/// One text or several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Texts(pub Vec<String>);

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = toml::Value::deserialize(deserializer)?;
        let told = || de::Error::custom("应是文字，或者文字的列表");
        words(&value).map(Self).ok_or_else(told)
    }
}
