//! An office changes a setting: checked by its kind and range, with a reason, on record, in effect at once.

use serde_json::{Value as Json, json};
use tongban_audit::{AuditEvent, AuditKey, Entry, record};
use tongban_base::{ActorKind, Ctx, FieldError, Permission, Problem, Result, typed};
use tongban_identity::Identity;
use tongban_packs::{NewSetting, Setting, SettingValue, change_setting, changed_settings};
use tongban_procedures::Catalog;
use tongban_store::Db;

/// Whoever holds this right changes settings.
pub const MANAGE_SETTINGS: Permission = Permission("setting.manage");

pub const SETTING_CHANGED: AuditEvent = AuditEvent {
    name: "setting.changed",
    title: "修改参数",
};

const LONGEST_TEXT: usize = 200;
const LONGEST_REASON: usize = 500;
const MOST_TEXTS: usize = 50;

/// What was typed, and what stood on the page when it was.
#[derive(Clone, Debug, Default)]
pub struct SettingWish {
    pub code: String,
    pub value: String,
    pub reason: String,
    /// `seen` of the value on the page.
    pub seen: String,
}

/// Tells the values of a setting apart.
pub fn seen(value: &Json) -> String {
    value.to_string()
}

/// Errors: no such setting; no right; a value or reason that cannot be taken, told beside its field; a colleague was faster.
pub async fn change(
    (db, catalog): (&Db, &Catalog),
    (identity, key): (&Identity, &AuditKey),
    ctx: &Ctx,
    wish: SettingWish,
) -> Result<()> {
    let setting = defined(catalog, &wish.code)?.clone();
    let (value, reason) = checked(&setting, &wish)?;
    let input = (identity.clone(), key.clone(), ctx.clone());
    let new = (setting, wish, value, reason);
    db.write((input, new), |tx, ((identity, key, ctx), new)| {
        Box::pin(async move {
            let ctx = &identity.as_of(tx, ctx).await?;
            may_change(ctx)?;
            let (setting, wish, value, reason) = new;
            let mut changed = changed_settings(tx).await?;
            let before = changed.remove(&setting.code);
            let before = before.unwrap_or_else(|| json!(setting.default));
            let is_as_shown = seen(&before) == wish.seen;
            if before == *value {
                return match is_as_shown {
                    true => Err(unchanged()),
                    // The second click, or a colleague who wanted the same.
                    false => Ok(()),
                };
            }
            if !is_as_shown {
                return Err(Problem::conflict(
                    "setting.changed_meanwhile",
                    "这个参数刚刚被别人改过，页面上现在是新的值；请核对后再改",
                ));
            }
            let new = NewSetting {
                code: &setting.code,
                value,
                reason,
            };
            change_setting(tx, ctx, new).await?;
            let entry = Entry::done(SETTING_CHANGED, "setting", &setting.code);
            let entry = entry.with_reasoned_change(json!(before), json!(value), reason);
            record(tx, ctx, key, entry).await
        })
    })
    .await?;
    catalog.refresh(db, ctx.now.date()).await
}

fn unchanged() -> Problem {
    let words = "和现在的值一样，没有修改";
    Problem::fields(vec![FieldError::new("/value", "unchanged", words)])
}

pub fn defined<'c>(catalog: &'c Catalog, code: &str) -> Result<&'c Setting> {
    let mut settings = catalog.pack().settings.iter();
    let found = settings.find(|setting| setting.code == code);
    found.ok_or_else(Problem::not_found)
}

pub fn may_change(ctx: &Ctx) -> Result<()> {
    let staff = ctx.actor.staff.as_ref();
    let has_right = staff.is_some_and(|staff| staff.permissions.contains(MANAGE_SETTINGS.0));
    match ctx.actor.kind {
        ActorKind::Staff if has_right => Ok(()),
        _ => Err(Problem::forbidden()),
    }
}

fn checked(setting: &Setting, wish: &SettingWish) -> Result<(Json, String)> {
    let (value, reason) = (read(setting, &wish.value), typed::visible(&wish.reason));
    let reason = match reason.trim() {
        "" => Err("请写明为什么修改".to_owned()),
        long if long.chars().count() > LONGEST_REASON => Err(format!("最多 {LONGEST_REASON} 个字")),
        reason => Ok(reason.to_owned()),
    };
    match (value, reason) {
        (Ok(value), Ok(reason)) => Ok((value, reason)),
        (value, reason) => {
            let fault = |field, words| FieldError::new(field, "invalid", words);
            let faults = [
                value.err().map(|words| fault("/value", words)),
                reason.err().map(|words| fault("/reason", words)),
            ];
            Err(Problem::fields(faults.into_iter().flatten().collect()))
        }
    }
}

/// A value of the kind that the pack's own has.
fn read(setting: &Setting, text: &str) -> std::result::Result<Json, String> {
    match &setting.default {
        SettingValue::Flag(_) => match text {
            "true" => Ok(json!(true)),
            "false" => Ok(json!(false)),
            _ => Err("请选择是或者否".to_owned()),
        },
        SettingValue::Number(_) => {
            let text = typed::line(text).replace(['，', ','], "");
            let number: i64 = text.parse().map_err(|_| "请填整数".to_owned())?;
            let is_low = setting.min.is_some_and(|min| number < min);
            let is_high = setting.max.is_some_and(|max| number > max);
            match is_low || is_high {
                true => Err(format!("允许的范围是{}", range_words(setting))),
                false => Ok(json!(number)),
            }
        }
        SettingValue::Text(_) => text_of(&typed::line(text)).map(Json::from),
        SettingValue::Texts(_) => {
            let lines = text.lines().map(typed::line);
            let lines: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
            match lines.len() {
                0 => Err("至少写一行".to_owned()),
                many if many > MOST_TEXTS => Err(format!("最多 {MOST_TEXTS} 行")),
                _ => lines.iter().map(|line| text_of(line)).collect(),
            }
        }
    }
}

fn text_of(text: &str) -> std::result::Result<String, String> {
    match text.chars().count() {
        0 => Err("请填写".to_owned()),
        long if long > LONGEST_TEXT => Err(format!("最多 {LONGEST_TEXT} 个字")),
        _ => Ok(text.to_owned()),
    }
}

pub fn range_words(setting: &Setting) -> String {
    match (setting.min, setting.max) {
        (Some(min), Some(max)) => format!("{min} 至 {max}"),
        (Some(min), None) => format!("不小于 {min}"),
        (None, Some(max)) => format!("不大于 {max}"),
        (None, None) => String::new(),
    }
}
