//! What an administrator does to an item: stops taking applications for it and takes them again, gives it other labels.
//! With a reason, on record, in effect at once; what was filed goes on. Each is a line of a setting that no pack defines,
//! so that nothing but this writes it: the item's code, and what is said of it.

use serde_json::{Value as Json, json};
use tongban_audit::{AuditEvent, AuditKey, Entry, record};
use tongban_base::{ActorKind, Ctx, FieldError, Permission, Problem, Result, Timestamp, typed};
use tongban_identity::Identity;
use tongban_packs::{NewSetting, SettingChange, change_setting, changed_settings};
use tongban_procedures::{Audience, Catalog, Offered, PAUSED, Standing};
use tongban_store::Db;

use crate::guide::Summary;

/// Whoever holds this right keeps items.
pub const MANAGE_ITEMS: Permission = Permission("item.manage");

/// The setting that gives items other labels than their packs do: in each line a code, and labels.
pub const LABELLED: &str = "item_labels";
/// Stands where an item has lost the labels of its pack.
const NONE: &str = "-";

pub const ITEM_PAUSED: AuditEvent = AuditEvent {
    name: "item.paused",
    title: "暂停受理事项",
};
pub const ITEM_RESUMED: AuditEvent = AuditEvent {
    name: "item.resumed",
    title: "恢复受理事项",
};
pub const ITEM_LABELLED: AuditEvent = AuditEvent {
    name: "item.labelled",
    title: "修改事项标识",
};

const LONGEST_WORDS: usize = 100;
const LONGEST_REASON: usize = 500;

/// What is to become of an item.
#[derive(Clone, Debug)]
pub enum Doing {
    /// With what people are told meanwhile.
    Pause(String),
    Resume,
    Label(Vec<String>),
}

#[derive(Clone, Debug)]
pub struct Keeping {
    pub code: String,
    pub doing: Doing,
    pub reason: String,
}

/// One change of an item, for its page.
pub struct Change {
    pub at: Timestamp,
    pub by: String,
    /// What is said of the item since; none where nothing is.
    pub said: Option<String>,
    pub reason: String,
}

/// The public items of a day, also those that are paused.
pub fn kept(catalog: &Catalog, ctx: &Ctx) -> Vec<Standing> {
    let mut all = catalog.in_force_on(ctx.now.date());
    all.retain(|standing| is_public(standing.offered()));
    all
}

/// Errors: no such item.
pub fn kept_item(catalog: &Catalog, ctx: &Ctx, code: &str) -> Result<Standing> {
    let standing = catalog.standing(code, ctx.now.date());
    let standing = standing.filter(|s| s.in_force().is_some_and(|offered| is_public(offered)));
    standing.ok_or_else(Problem::not_found)
}

fn is_public(offered: &Offered) -> bool {
    offered.face.audience == Audience::Public
}

/// The labels that an administrator gave an item; none where it has those of its pack.
pub fn given_labels(settings: &Json, code: &str) -> Option<Vec<String>> {
    let lines = lines(settings.get(LABELLED).unwrap_or(&Json::Null));
    words_of(&lines, code).map(labels_in)
}

/// The labels that an item has now.
pub fn labels_of(catalog: &Catalog, offered: &Offered) -> Vec<String> {
    let given = given_labels(&catalog.settings(), &offered.code);
    given.unwrap_or_else(|| {
        let guide = Summary::of(offered);
        guide.map_or_else(|_| Vec::new(), |guide| guide.labels)
    })
}

/// Of what a line says.
pub fn labels_in(said: &str) -> Vec<String> {
    let all = said.split(' ').filter(|label| *label != NONE);
    all.map(str::to_owned).collect()
}

/// Errors: no such item or label; no right; words or a reason that are missing or too long, told beside their field.
pub async fn keep(
    (db, catalog): (&Db, &Catalog),
    (identity, key): (&Identity, &AuditKey),
    ctx: &Ctx,
    wish: Keeping,
) -> Result<()> {
    kept_item(catalog, ctx, &wish.code)?;
    let wish = checked(catalog, wish)?;
    let input = (identity.clone(), key.clone(), ctx.clone());
    db.write((input, wish), |tx, ((identity, key, ctx), wish)| {
        Box::pin(async move {
            let ctx = &identity.as_of(tx, ctx).await?;
            may_keep(ctx)?;
            let setting = wish.doing.setting();
            let before = changed_settings(tx).await?.remove(setting);
            let before = lines(&before.unwrap_or_default());
            let after = changed(&before, wish);
            // The second click, or a colleague who wanted the same.
            if after == before {
                return Ok(());
            }
            let new = NewSetting {
                code: setting,
                value: &json!(after),
                reason: &wish.reason,
            };
            change_setting(tx, ctx, new).await?;
            let told = |lines: &[String]| json!(words_of(lines, &wish.code));
            let entry = Entry::done(wish.doing.event(), "item", &wish.code);
            let entry = entry.with_reasoned_change(told(&before), told(&after), &wish.reason);
            record(tx, ctx, key, entry).await
        })
    })
    .await?;
    catalog.refresh(db, ctx.now.date()).await
}

impl Doing {
    fn setting(&self) -> &'static str {
        match self {
            Self::Pause(_) | Self::Resume => PAUSED,
            Self::Label(_) => LABELLED,
        }
    }

    fn event(&self) -> AuditEvent {
        match self {
            Self::Pause(_) => ITEM_PAUSED,
            Self::Resume => ITEM_RESUMED,
            Self::Label(_) => ITEM_LABELLED,
        }
    }

    /// What is said of the item since.
    fn said(&self) -> Option<String> {
        match self {
            Self::Pause(words) => Some(words.clone()),
            Self::Resume => None,
            Self::Label(labels) if labels.is_empty() => Some(NONE.to_owned()),
            Self::Label(labels) => Some(labels.join(" ")),
        }
    }
}

fn changed(before: &[String], wish: &Keeping) -> Vec<String> {
    let line = wish.doing.said();
    let line = line.map(|said| format!("{} {said}", wish.code));
    if line.as_ref().is_some_and(|line| before.contains(line)) {
        return before.to_vec();
    }
    let others = before.iter().filter(|line| code_of(line) != wish.code);
    others.cloned().chain(line).collect()
}

pub fn may_keep(ctx: &Ctx) -> Result<()> {
    let staff = ctx.actor.staff.as_ref();
    let has_right = staff.is_some_and(|staff| staff.permissions.contains(MANAGE_ITEMS.0));
    match ctx.actor.kind {
        ActorKind::Staff if has_right => Ok(()),
        _ => Err(Problem::forbidden()),
    }
}

fn checked(catalog: &Catalog, mut wish: Keeping) -> Result<Keeping> {
    let mut faults = Vec::new();
    match &mut wish.doing {
        Doing::Pause(words) => {
            *words = typed::visible(words)
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ");
            let missing = "请写明为什么暂停，办事人会看到";
            faults.extend(fault("/words", words, LONGEST_WORDS, missing));
        }
        Doing::Resume => {}
        Doing::Label(labels) => {
            let known = &catalog.pack().labels;
            let is_known = |label: &String| known.iter().any(|one| one.code == *label);
            if !labels.iter().all(is_known) {
                let words = "有的标识已经没有了，请重新选择";
                faults.push(FieldError::new("/labels", "unknown", words));
            }
        }
    }
    wish.reason = typed::visible(&wish.reason).trim().to_owned();
    faults.extend(fault("/reason", &wish.reason, LONGEST_REASON, "请写明原因"));
    match faults.is_empty() {
        true => Ok(wish),
        false => Err(Problem::fields(faults)),
    }
}

fn fault(field: &str, text: &str, most: usize, missing: &str) -> Option<FieldError> {
    match text.chars().count() {
        0 => Some(FieldError::new(field, "required", missing)),
        long if long > most => Some(FieldError::new(
            field,
            "too_long",
            format!("最多 {most} 个字"),
        )),
        _ => None,
    }
}

/// What was done to one item, the last first, of all that was done to the list.
pub fn changes_of(history: &[SettingChange], code: &str) -> Vec<Change> {
    let told = |change: &SettingChange| words_of(&lines(&change.value), code).map(str::to_owned);
    let before = history.iter().skip(1).map(told).chain([None]);
    let changed = history.iter().zip(before).filter_map(|(change, before)| {
        let said = told(change);
        (said != before).then(|| Change {
            at: change.at,
            by: change.by.clone(),
            said,
            reason: change.reason.clone(),
        })
    });
    changed.collect()
}

fn lines(value: &Json) -> Vec<String> {
    let lines = value.as_array().into_iter().flatten();
    lines.filter_map(Json::as_str).map(str::to_owned).collect()
}

fn code_of(line: &str) -> &str {
    line.split_once(' ').map_or(line, |(code, _)| code)
}

fn words_of<'l>(lines: &'l [String], code: &str) -> Option<&'l str> {
    let line = lines.iter().find(|line| code_of(line) == code)?;
    line.split_once(' ').map(|(_, words)| words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(lines: &[&str]) -> SettingChange {
        SettingChange {
            value: json!(lines),
            at: Timestamp(0),
            by: "示例".into(),
            reason: lines.join("、"),
        }
    }

    #[test]
    fn of_the_changes_of_the_list_an_item_has_those_that_touched_it() {
        let history = [
            change(&["b 停电"]),
            change(&["a 系统升级", "b 停电"]),
            change(&["a 系统升级"]),
            change(&[]),
        ];
        let told = |code| {
            let all = changes_of(&history, code).into_iter();
            all.map(|change| change.said).collect::<Vec<_>>()
        };
        assert_eq!(told("a"), [None, Some("系统升级".to_owned())]);
        assert_eq!(told("b"), [Some("停电".to_owned())]);
        assert!(told("c").is_empty());
    }

    #[test]
    fn an_item_has_one_line_and_the_same_once_more_changes_nothing() {
        let wish = |doing| Keeping {
            code: "a".into(),
            doing,
            reason: "试".into(),
        };
        let before = ["a quick".to_owned(), "b unseen".to_owned()];
        let labelled = |labels: &[&str]| {
            let labels = labels.iter().map(|label| (*label).to_owned());
            changed(&before, &wish(Doing::Label(labels.collect())))
        };
        assert_eq!(labelled(&["quick"]), before);
        assert_eq!(labelled(&["easy", "quick"]), ["b unseen", "a easy quick"]);
        let none = json!({ LABELLED: labelled(&[]) });
        assert_eq!(given_labels(&none, "a"), Some(Vec::new()));
        assert_eq!(given_labels(&none, "c"), None);
        assert_eq!(changed(&before, &wish(Doing::Resume)), ["b unseen"]);
    }
}
