//! Paging by key: a page begins after a row's key, whatever was added meanwhile. Knows no table.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tongban_base::{Problem, Result};

/// Where a page begins: the sort key of the row beside it, and the direction to read in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cursor {
    #[serde(rename = "k")]
    pub keys: Vec<Value>,
    /// Towards the beginning of the list: the query must turn its order round.
    #[serde(rename = "b", default, skip_serializing_if = "std::ops::Not::not")]
    pub backward: bool,
}

impl Cursor {
    pub fn after(keys: Vec<Value>) -> Self {
        Self {
            keys,
            backward: false,
        }
    }

    pub fn before(keys: Vec<Value>) -> Self {
        Self {
            keys,
            backward: true,
        }
    }

    pub fn encode(&self) -> String {
        let text = serde_json::to_string(self).unwrap_or_default();
        URL_SAFE_NO_PAD.encode(text)
    }

    /// Comes from an address, so from anybody: what it holds is compared, never trusted.
    pub fn decode(text: &str) -> Result<Self> {
        if text.len() > 2000 {
            return Err(foreign());
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| foreign())?;
        serde_json::from_slice(&bytes).map_err(|_| foreign())
    }

    /// Of an optional query parameter; an empty one is none.
    pub fn from_query(text: Option<&str>) -> Result<Option<Self>> {
        text.filter(|text| !text.is_empty())
            .map(Self::decode)
            .transpose()
    }
}

/// A place that is in no list.
pub(crate) fn foreign() -> Problem {
    Problem::invalid("cursor.invalid", "这一页的地址有误，请从列表第一页重新翻起")
}

/// One page of rows in the order of the list, with the cursors to its neighbours.
#[derive(Clone, Debug)]
pub struct KeyPage<T> {
    pub rows: Vec<T>,
    pub previous: Option<Cursor>,
    pub next: Option<Cursor>,
}

/// A page of a list in which nothing is.
impl<T> Default for KeyPage<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            previous: None,
            next: None,
        }
    }
}

impl<T> KeyPage<T> {
    /// `fetched` are up to `limit + 1` rows, in the order in which the query read them: one more than shown tells
    /// whether the list goes on. `key` gives the sort key of a row.
    pub fn new(
        mut fetched: Vec<T>,
        limit: usize,
        cursor: Option<&Cursor>,
        key: impl Fn(&T) -> Vec<Value>,
    ) -> Self {
        let backward = cursor.is_some_and(|cursor| cursor.backward);
        let goes_on = fetched.len() > limit;
        fetched.truncate(limit);
        if backward {
            fetched.reverse();
        }
        let has_previous = if backward { goes_on } else { cursor.is_some() };
        let has_next = if backward { true } else { goes_on };
        let previous = fetched.first().filter(|_| has_previous).map(&key);
        let next = fetched.last().filter(|_| has_next).map(&key);
        Self {
            previous: previous.map(Cursor::before),
            next: next.map(Cursor::after),
            rows: fetched,
        }
    }

    pub fn map<U>(self, change: impl FnMut(T) -> U) -> KeyPage<U> {
        KeyPage {
            rows: self.rows.into_iter().map(change).collect(),
            previous: self.previous,
            next: self.next,
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn page(list: &[i64], limit: usize, cursor: Option<&Cursor>) -> KeyPage<i64> {
        let from = cursor.and_then(|c| c.keys[0].as_i64());
        let fetched: Vec<i64> = if cursor.is_some_and(|c| c.backward) {
            let before = list.iter().rev().filter(|n| Some(**n) < from);
            before.take(limit + 1).copied().collect()
        } else {
            let after = list.iter().filter(|n| from.is_none() || Some(**n) > from);
            after.take(limit + 1).copied().collect()
        };
        KeyPage::new(fetched, limit, cursor, |n| vec![Value::from(*n)])
    }

    #[test]
    fn pages_forward_and_back_show_each_row_once_and_in_order() {
        let list: Vec<i64> = (1..=7).collect();
        let first = page(&list, 3, None);
        assert_eq!(
            (first.rows.as_slice(), first.previous),
            (&[1, 2, 3][..], None)
        );
        let second = page(&list, 3, first.next.as_ref());
        let third = page(&list, 3, second.next.as_ref());
        assert_eq!((third.rows.as_slice(), third.next), (&[7][..], None));
        let back = page(&list, 3, third.previous.as_ref());
        assert_eq!(back.rows, [4, 5, 6]);
        let start = page(&list, 3, back.previous.as_ref());
        assert_eq!(
            (start.rows.as_slice(), start.previous),
            (&[1, 2, 3][..], None)
        );
    }

    #[test]
    fn a_cursor_survives_the_address_and_a_forged_one_is_refused() {
        let cursor = Cursor::before(vec![Value::from(17), Value::from("张三")]);
        assert_eq!(Cursor::decode(&cursor.encode()).unwrap(), cursor);
        for forged in ["%%%", "e30", "", &"A".repeat(3000)] {
            assert_eq!(Cursor::decode(forged).unwrap_err().code(), "cursor.invalid");
        }
        assert!(Cursor::from_query(Some("")).unwrap().is_none());
    }
}
