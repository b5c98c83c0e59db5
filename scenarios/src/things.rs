//! What a scenario has made so far, and how its texts name it: `{case}`, `{number}`, `{draft}`, `{today+3}`.

use tongban_base::Date;

use crate::time;

/// An application, and the case that it became.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Thing {
    /// What the scenario calls it; nothing when it has only one.
    pub name: String,
    pub item: String,
    pub draft: String,
    pub case: Option<Case>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Case {
    pub id: String,
    pub number: String,
}

/// Errors: a name that stands for nothing yet.
pub(crate) fn filled(text: &str, thing: Option<&Thing>, today: Date) -> Result<String, String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            return Err(format!("“{text}”里有 {{ 没有 }}"));
        };
        let value = named(name, thing, today);
        filled.push_str(&value.ok_or_else(|| format!("{{{name}}} 现在还不代表什么"))?);
        rest = tail;
    }
    filled.push_str(rest);
    Ok(filled)
}

fn named(name: &str, thing: Option<&Thing>, today: Date) -> Option<String> {
    let case = || thing.and_then(|thing| thing.case.as_ref());
    match name {
        "case" => case().map(|case| case.id.clone()),
        "number" => case().map(|case| case.number.clone()),
        "draft" => thing.map(|thing| thing.draft.clone()),
        day => time::day(day, today).map(|day| day.to_string()),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn texts_name_what_there_is_and_nothing_else() {
        let today = "2026-11-23".parse().unwrap();
        let thing = Thing {
            draft: "d1".into(),
            case: None,
            ..Thing::default()
        };
        let of = |text: &str| filled(text, Some(&thing), today);
        assert_eq!(
            of("/me/drafts/{draft}/{today-1}").unwrap(),
            "/me/drafts/d1/2026-11-22"
        );
        assert_eq!(of("无").unwrap(), "无");
        assert!(of("{case}").is_err() && of("{what}").is_err() && of("{draft").is_err());
    }
}
