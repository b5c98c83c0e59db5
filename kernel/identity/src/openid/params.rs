//! The parameters of a request, out of an address or a form. Knows none of them by name.

use std::collections::BTreeMap;

/// One that comes twice, or without a value, counts as not sent (RFC 6749, 3.1); that it came twice is kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct Params {
    values: BTreeMap<String, String>,
    twice: Vec<String>,
}

impl Params {
    pub fn read(text: &str) -> Self {
        let mut params = Self::default();
        for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
            let before = params
                .values
                .insert(name.clone().into_owned(), value.into_owned());
            if before.is_some() {
                params.twice.push(name.into_owned());
            }
        }
        for name in &params.twice {
            params.values.remove(name);
        }
        params.values.retain(|_, value| !value.is_empty());
        params
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    pub fn has_twins(&self) -> bool {
        !self.twice.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_twice_or_empty_did_not_come() {
        let params = Params::read("a=1&b=2&b=2&c=&d=%E5%AD%97+x");
        assert_eq!(params.get("a"), Some("1"));
        assert_eq!((params.get("b"), params.get("c")), (None, None));
        assert_eq!(params.get("d"), Some("字 x"));
        assert!(params.has_twins());
        assert!(!Params::read("a=1").has_twins());
    }
}
