//! The arguments of an operation, and whether those of a call fit.

use serde_json::Value as Json;

#[derive(Clone, Copy, Debug)]
pub struct Argument {
    pub name: &'static str,
    /// What it is called in words.
    pub title: &'static str,
    pub kind: ArgumentKind,
    pub required: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgumentKind {
    Text,
    Whole,
    Flag,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Values by their names.
    Object,
}

impl ArgumentKind {
    pub fn title(self) -> String {
        match self {
            Self::Text => "文字".to_owned(),
            Self::Whole => "整数".to_owned(),
            Self::Flag => "true 或者 false".to_owned(),
            Self::Choice(words) => format!("{} 之一", words.join("、")),
            Self::Object => "若干项的值".to_owned(),
        }
    }

    fn fits(self, value: &Json) -> bool {
        match self {
            Self::Text => value.as_str().is_some_and(|text| !text.is_empty()),
            Self::Whole => value.is_i64(),
            Self::Flag => value.is_boolean(),
            Self::Choice(words) => value.as_str().is_some_and(|word| words.contains(&word)),
            Self::Object => value.is_object(),
        }
    }
}

/// What is wrong with the arguments of a call, in words.
pub(crate) fn faults(operation: &str, wanted: &[Argument], given: &Json) -> Vec<String> {
    let mut faults = Vec::new();
    for argument in wanted {
        let Argument {
            name, title, kind, ..
        } = argument;
        match given.get(name) {
            Some(value) if kind.fits(value) => {}
            None if !argument.required => {}
            Some(_) | None => faults.push(format!(
                "操作 {operation} 的参数 {name}（{title}）应为{}",
                kind.title()
            )),
        }
    }
    let names: Vec<&str> = wanted.iter().map(|argument| argument.name).collect();
    let given = given.as_object().into_iter().flat_map(|given| given.keys());
    for unread in given.filter(|name| !names.contains(&name.as_str())) {
        faults.push(match names.as_slice() {
            [] => format!("操作 {operation} 没有参数，{unread} 不起作用"),
            names => format!(
                "操作 {operation} 没有参数 {unread}，它的参数是 {}",
                names.join("、")
            ),
        });
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const WANTED: &[Argument] = &[
        Argument {
            name: "result",
            title: "办结结果",
            kind: ArgumentKind::Choice(&["granted", "denied"]),
            required: true,
        },
        Argument {
            name: "days",
            title: "天数",
            kind: ArgumentKind::Whole,
            required: false,
        },
    ];

    #[test]
    fn a_call_is_told_what_is_missing_what_has_another_type_and_what_nobody_reads() {
        let told = |given: Json| faults("case.close", WANTED, &given);
        assert!(told(json!({"result": "granted", "days": 3})).is_empty());
        assert_eq!(
            told(json!({})),
            ["操作 case.close 的参数 result（办结结果）应为granted、denied 之一"]
        );
        assert_eq!(
            told(json!({"result": "denied", "days": "3"})),
            ["操作 case.close 的参数 days（天数）应为整数"]
        );
        assert_eq!(
            told(json!({"result": "denied", "reslt": "x"})),
            ["操作 case.close 没有参数 reslt，它的参数是 result、days"]
        );
    }
}
