//! What was typed of an entry, read into what will stand; every fault in words at its field.

mod calendar;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};
use tongban_base::{FieldError, division_prefix, typed};
use tongban_packs::{Division, DivisionLevel, EntryKind, Installation};

pub(crate) use calendar::lines;

const LONGEST: usize = 100;
const LONGEST_CODE: usize = 40;
const MOST_ORDER: i64 = 99_999;

/// From the province down, with what each is called.
pub(crate) const LEVELS: [(DivisionLevel, &str, &str); 5] = [
    (DivisionLevel::Province, "province", "省级"),
    (DivisionLevel::City, "city", "市级"),
    (DivisionLevel::County, "county", "县（区）级"),
    (DivisionLevel::Town, "town", "乡镇（街道）"),
    (DivisionLevel::Village, "village", "村（社区）"),
];

/// Fields of a form as they were sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Typed(BTreeMap<String, Vec<String>>);

impl Typed {
    pub fn of(sent: Vec<(String, String)>) -> Self {
        let mut fields: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in sent {
            fields.entry(name).or_default().push(value);
        }
        Self(fields)
    }

    pub fn text(&self, name: &str) -> &str {
        let values = self.0.get(name).and_then(|values| values.last());
        values.map_or("", String::as_str)
    }

    pub fn all(&self, name: &str) -> &[String] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.insert(name.to_owned(), vec![value.into()]);
    }

    pub fn set_all(&mut self, name: &str, values: Vec<String>) {
        self.0.insert(name.to_owned(), values);
    }
}

pub(crate) type Faults = Vec<FieldError>;

/// Reads field after field, and keeps what is wrong with each.
struct Reader<'r> {
    typed: &'r Typed,
    now: &'r Installation,
    faults: Faults,
}

/// Code and body. `code` is empty for a new entry.
pub(crate) fn body(
    now: &Installation,
    (kind, code): (EntryKind, &str),
    typed: &Typed,
    rights: &[&'static str],
) -> Result<(String, Json), Faults> {
    let mut reader = Reader {
        typed,
        now,
        faults: Vec::new(),
    };
    let is_new = code.is_empty();
    let code = match is_new {
        true => reader.new_code(kind),
        false => code.to_owned(),
    };
    // What no page shows stays as it is.
    let before = now.entry(kind, &code).map(|entry| entry.body.clone());
    let mut body = match before {
        Some(Json::Object(before)) if !is_new => before,
        _ => Map::new(),
    };
    match kind {
        EntryKind::Division => reader.division(&code, &mut body),
        EntryKind::Organisation => reader.organisation(&code, &mut body),
        EntryKind::Role => reader.role(&code, rights, &mut body),
        EntryKind::Year => calendar::year(&mut reader, &code, &mut body),
    }
    match reader.faults.is_empty() {
        true => Ok((code, Json::Object(body))),
        false => Err(reader.faults),
    }
}

impl Reader<'_> {
    fn fault(&mut self, field: &str, words: impl Into<String>) {
        let words: String = words.into();
        self.faults
            .push(FieldError::new(format!("/{field}"), "invalid", words));
    }

    fn new_code(&mut self, kind: EntryKind) -> String {
        let code = typed::line(self.typed.text("code")).to_lowercase();
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let words = match kind {
            EntryKind::Division
                if code.len() != 12 || !code.bytes().all(|b| b.is_ascii_digit()) =>
            {
                Some("请填 12 位数字的区划代码")
            }
            EntryKind::Year
                if !code
                    .parse()
                    .is_ok_and(|year: i32| (2000..2100).contains(&year)) =>
            {
                Some("请填四位数的年份")
            }
            EntryKind::Organisation | EntryKind::Role
                if code.len() > LONGEST_CODE
                    || !code.starts_with(|c: char| c.is_ascii_lowercase())
                    || !code.chars().all(is_name)
                    || ["new", "export"].contains(&code.as_str()) =>
            {
                Some("代码用小写字母开头，由小写字母、数字和连字符组成")
            }
            _ => None,
        };
        if let Some(words) = words {
            self.fault("code", words);
        } else if let Some(known) = self.now.entry(kind, &code) {
            let words = match known.is_ended() {
                true => "这个代码的一条已经撤销；要再用它，请到它的页面恢复",
                false => "已经有这个代码",
            };
            self.fault("code", words);
        }
        code
    }

    fn line(&mut self, field: &str, required: bool) -> String {
        let text = typed::visible(self.typed.text(field));
        match text.chars().count() {
            0 if required => self.fault(field, "请填写"),
            long if long > LONGEST => self.fault(field, format!("最多 {LONGEST} 个字")),
            _ => {}
        }
        text
    }

    fn order(&mut self) -> i64 {
        let text = typed::line(self.typed.text("order"));
        match text.as_str() {
            "" => 0,
            digits => match digits.parse::<i64>() {
                Ok(order) if (0..=MOST_ORDER).contains(&order) => order,
                _ => {
                    self.fault("order", format!("请填 0 至 {MOST_ORDER} 的整数"));
                    0
                }
            },
        }
    }

    /// One of a list of its kind, in use, that is not below the entry itself.
    fn parent(&mut self, kind: EntryKind, code: &str) -> Option<String> {
        let parent = typed::line(self.typed.text("parent"));
        if parent.is_empty() {
            return None;
        }
        let known = self.now.entry(kind, &parent);
        if known.is_none_or(|entry| entry.is_ended()) {
            self.fault("parent", "没有这个上级");
            return None;
        }
        let mut above = Some(parent.clone());
        let mut seen = BTreeSet::new();
        while let Some(one) = above {
            if one == code {
                self.fault("parent", "上级不能是它自己，也不能是它的下级");
                return None;
            }
            if !seen.insert(one.clone()) {
                break;
            }
            let entry = self.now.entry(kind, &one);
            above = entry.and_then(|entry| entry.body["parent"].as_str().map(str::to_owned));
        }
        Some(parent)
    }

    fn division(&mut self, code: &str, body: &mut Map<String, Json>) {
        let name = self.line("name", true);
        let typed_level = self.typed.text("level");
        let level = LEVELS.iter().find(|(_, code, _)| *code == typed_level);
        if level.is_none() {
            self.fault("level", "请选择级别");
        }
        let parent = self.parent(EntryKind::Division, code);
        let above = parent
            .as_deref()
            .and_then(|parent| self.now.division(parent));
        match (level, above.cloned()) {
            (Some((level, ..)), Some(above)) => self.under(code, *level, &above),
            (Some((level, ..)), None)
                if *level != DivisionLevel::Province
                    && self.faults.iter().all(|fault| fault.pointer != "/parent") =>
            {
                self.fault("parent", "省级以下的区划要选上级");
            }
            _ => {}
        }
        body.insert("code".into(), json!(code));
        body.insert("name".into(), json!(name));
        body.insert("level".into(), json!(typed_level));
        body.insert("parent".into(), json!(parent));
        body.insert("order".into(), json!(self.order()));
    }

    /// What an officer sees follows from the digits of a code: those of the division above come first.
    fn under(&mut self, code: &str, level: DivisionLevel, above: &Division) {
        if above.level >= level {
            self.fault("parent", "上级的级别要高于它");
        } else if !code.starts_with(division_prefix(&above.code)) {
            let digits = division_prefix(&above.code);
            let words = format!("“{}”之下的区划代码以 {digits} 开头", above.name);
            self.fault("parent", words);
        }
    }

    fn organisation(&mut self, code: &str, body: &mut Map<String, Json>) {
        let name = self.line("name", true);
        let credit = typed::code(self.typed.text("credit_code")).to_uppercase();
        if credit.len() != 18 || !credit.bytes().all(|b| b.is_ascii_alphanumeric()) {
            self.fault("credit_code", "统一社会信用代码是 18 位数字和大写字母");
        }
        let division = typed::line(self.typed.text("division"));
        let known = self.now.entry(EntryKind::Division, &division);
        if known.is_none_or(|entry| entry.is_ended()) {
            self.fault("division", "请选择所在的区划");
        }
        let parent = self.parent(EntryKind::Organisation, code);
        body.insert("code".into(), json!(code));
        body.insert("name".into(), json!(name));
        body.insert("credit_code".into(), json!(credit));
        body.insert("division".into(), json!(division));
        body.insert("parent".into(), json!(parent));
        body.insert("phone".into(), json!(self.line("phone", false)));
        body.insert("address".into(), json!(self.line("address", false)));
        body.insert("order".into(), json!(self.order()));
        body.entry("basis").or_insert(Json::Null);
    }

    fn role(&mut self, code: &str, rights: &[&'static str], body: &mut Map<String, Json>) {
        let title = self.line("title", true);
        let note = self.line("note", false);
        let given = self.typed.all("permissions").to_vec();
        if given.iter().any(|one| !rights.contains(&one.as_str())) {
            self.fault("permissions", "没有这个权限");
        }
        body.insert("code".into(), json!(code));
        body.insert("title".into(), json!(title));
        body.insert("note".into(), json!(note));
        body.insert("permissions".into(), json!(given));
        body.insert("order".into(), json!(self.order()));
        let givers = self.typed.all("given_by").to_vec();
        if givers.iter().any(|giver| self.now.role(giver).is_none()) {
            self.fault("given_by", "没有这个岗位");
        }
        body.insert("given_by".into(), json!(givers));
        body.entry("gate").or_insert(Json::Null);
    }
}
