//! Which records of a register are read as pages, by whom, and what stands where on them.

use tongban_expressions::Program;
use tongban_packs::Findings;

use super::RegisterDefinition;
use super::file::{PublishFile, Readers};

#[derive(Clone, Debug)]
pub struct Publish {
    /// None for everybody; else the roles of officers.
    pub(crate) roles: Option<Vec<String>>,
    pub(crate) path: String,
    pub(crate) condition: Option<Program>,
    pub(crate) title: String,
    pub(crate) body: Option<String>,
    pub(crate) date: Option<String>,
    pub(crate) until: Option<String>,
    pub(crate) pinned: Option<String>,
    pub(crate) category: Option<String>,
    pub(crate) carousel: bool,
}

impl Publish {
    pub fn is_public(&self) -> bool {
        self.roles.is_none()
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    /// The field by which pages are grouped.
    pub fn category(&self) -> Option<&str> {
        self.category.as_deref()
    }

    /// Where its pages stand.
    pub(crate) fn base(&self) -> String {
        match self.is_public() {
            true => format!("/pages/{}", self.path),
            false => format!("/workbench/pages/{}", self.path),
        }
    }
}

pub(super) fn publish(
    name: &str,
    file: PublishFile,
    definition: &RegisterDefinition,
    condition: Option<Program>,
    findings: &mut Findings,
) -> Publish {
    const PLACE: Option<&str> = Some("publish");
    let roles = match file.to {
        Readers::Word(word) if word == "public" => None,
        Readers::Word(word) => {
            let words = format!("to 应为 public 或者岗位的列表，不能写“{word}”");
            findings.add(name, PLACE, words);
            None
        }
        Readers::Roles(roles) => {
            if roles.is_empty() {
                findings.add(name, PLACE, "to 没有写岗位，没有人看得到");
            }
            Some(roles)
        }
    };
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if file.path.is_empty() || !file.path.chars().all(plain) {
        findings.add(name, PLACE, "path 只能用小写字母、数字和 -");
    }
    let publish = Publish {
        roles,
        path: file.path,
        condition,
        title: file.title,
        body: file.body,
        date: file.date,
        until: file.until,
        pinned: file.pinned,
        category: file.category,
        carousel: file.carousel,
    };
    for (key, words) in faults(&publish, definition) {
        findings.add(name, PLACE, format!("{key}：{words}"));
    }
    publish
}

/// What the fields have to be.
fn faults(publish: &Publish, definition: &RegisterDefinition) -> Vec<(&'static str, String)> {
    let mut faults = Vec::new();
    let mut wanted =
        |key, field: Option<&String>, words: &str, fits: fn(&RegisterDefinition, &str) -> bool| {
            let Some(field) = field else { return };
            match definition.field(field) {
                None => faults.push((key, format!("没有“{field}”这个字段"))),
                Some(_) if !fits(definition, field) => {
                    faults.push((key, format!("“{field}”应为{words}")));
                }
                Some(_) => {}
            }
        };
    let text = RegisterDefinition::is_text;
    wanted("title", Some(&publish.title), "文字", text);
    wanted("body", publish.body.as_ref(), "文字", text);
    let date = RegisterDefinition::is_date;
    wanted("date", publish.date.as_ref(), "日期", date);
    wanted("until", publish.until.as_ref(), "日期", date);
    wanted(
        "pinned",
        publish.pinned.as_ref(),
        "是否",
        RegisterDefinition::is_flag,
    );
    let word: fn(&RegisterDefinition, &str) -> bool = |d, f| d.is_choice(f) || d.is_text(f);
    wanted("category", publish.category.as_ref(), "单选或者文字", word);
    let shown = [Some(&publish.title), publish.body.as_ref()];
    for field in shown.into_iter().flatten() {
        if definition.sensitive.contains(field) {
            faults.push((
                "title",
                format!("“{field}”是个人信息（sensitive），不能发布"),
            ));
        }
    }
    faults
}
