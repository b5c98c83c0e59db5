//! Look-ups: named questions to registers that the rules of a procedure may ask, read from `lookups/CODE.toml` of a pack.
//! The name stands for the records that fit. Runs no query: whoever keeps the records answers.

use serde::Deserialize;
use serde_json::{Map, Value as Json};
use tongban_expressions::{Environment, Program, Type, Values};
use tongban_operations::Asked;
use tongban_packs::{Basis, Findings, Folder};

/// Nobody has more records that concern one question; what is beyond is cut off.
const MOST: usize = 50;

/// The file as it is written. Unknown keys are faults.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LookupFile {
    code: String,
    title: String,
    register: String,
    key: KeyFile,
    /// Which of the records with this key fit; all where nothing is said.
    #[serde(rename = "where")]
    condition: Option<String>,
    /// What fields say that a record leaves empty.
    #[serde(default)]
    otherwise: Map<String, Json>,
    #[serde(default)]
    restricts: bool,
    /// What is told of a record where one is chosen, and may be filled in from it.
    #[serde(default)]
    columns: Vec<String>,
    /// For readers of the file.
    #[serde(default, rename = "basis")]
    _basis: Option<Basis>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    field: String,
    is: String,
}

#[derive(Debug)]
pub struct Lookup {
    pub code: String,
    pub title: String,
    pub register: String,
    /// A field by which the register finds records.
    pub field: String,
    /// Each record that fits may forbid acts: `acts`, `reason`, `body`, `basis_number`, `from`, `to`, `way_out`.
    pub restricts: bool,
    /// Empty where no form offers its records.
    pub columns: Vec<String>,
    /// Its key names the record that a case is about: only procedures that are about one can ask it.
    pub of_record: bool,
    /// It looks at the filled-in form: it is asked when that is filed, and by the rules for what is filed.
    pub of_form: bool,
    key: Program,
    condition: Option<Program>,
    otherwise: Map<String, Json>,
}

impl Lookup {
    /// All of a folder.
    pub fn read(folder: &Folder, findings: &mut Findings) -> Vec<Self> {
        let files: Vec<&str> = folder.list("lookups/", ".toml").collect();
        files
            .into_iter()
            .filter_map(|name| Self::of(name, folder, findings))
            .collect()
    }

    fn of(name: &str, folder: &Folder, findings: &mut Findings) -> Option<Self> {
        let file: LookupFile = findings.take(folder.toml(name))?;
        if name != format!("lookups/{}.toml", file.code) {
            findings.add(name, Some("code"), "代码应与文件名一致");
        }
        let mut environment = names();
        environment.declare("record", Type::map(Type::Any));
        let key = compiled(&environment, (name, "key"), &file.key.is, false, findings);
        let condition = file.condition.as_deref();
        let condition =
            condition.map(|text| compiled(&environment, (name, "where"), text, true, findings));
        let (key, condition) = match condition {
            Some(condition) => (key?, Some(condition?)),
            None => (key?, None),
        };
        let of_form = [Some(&key), condition.as_ref()]
            .into_iter()
            .flatten()
            .any(|program| looks_at(program, "form"));
        if of_form && file.restricts {
            let words = "看填好的表单的查询不能限制办理（restricts）：决定和执行时不再问它";
            findings.add(name, Some("restricts"), words);
        }
        Some(Self {
            of_record: looks_at(&key, "record"),
            of_form,
            key,
            condition,
            code: file.code,
            title: file.title,
            register: file.register,
            field: file.key.field,
            restricts: file.restricts,
            columns: file.columns,
            otherwise: file.otherwise,
        })
    }

    /// By what value records are looked for; none while it is not known.
    pub fn key(&self, asked: Asked) -> Option<String> {
        let values = values(asked).with("record", asked.record);
        match self.key.evaluate(&values) {
            Ok(Json::String(text)) if !text.is_empty() => Some(text),
            Ok(_) | Err(_) => None,
        }
    }

    /// Those of the records with that value that fit. A condition that cannot be answered keeps its record: a person
    /// decides.
    pub fn fitting(&self, asked: Asked, records: Vec<Map<String, Json>>) -> Vec<Json> {
        let fits = |record: &Json| match &self.condition {
            None => true,
            Some(condition) => {
                let values = values(asked).with("record", record);
                condition.evaluate_bool(&values).unwrap_or(true)
            }
        };
        let completed = records.into_iter().map(|mut record| {
            for (field, value) in &self.otherwise {
                if record.get(field).is_none_or(Json::is_null) {
                    record.insert(field.clone(), value.clone());
                }
            }
            Json::Object(record)
        });
        completed.filter(fits).take(MOST).collect()
    }
}

fn looks_at(program: &Program, name: &str) -> bool {
    let mut paths = program.paths().iter();
    paths.any(|path| path.split('.').next() == Some(name))
}

fn names() -> Environment {
    let mut environment = Environment::new();
    environment
        .declare("person", Type::map(Type::Any))
        .declare("procedure", Type::map(Type::Any))
        .declare("form", Type::map(Type::Any))
        .declare("today", Type::String)
        .declare("as_of", Type::String);
    environment
}

fn values(asked: Asked<'_>) -> Values<'_> {
    let mut values = Values::new()
        .with("person", asked.person)
        .with("procedure", asked.parts)
        .with("form", asked.form);
    values.insert("today", Json::from(asked.today.to_string()));
    values.insert("as_of", Json::from(asked.as_of.to_string()));
    values
}

fn compiled(
    environment: &Environment,
    (file, element): (&str, &str),
    source: &str,
    is_condition: bool,
    findings: &mut Findings,
) -> Option<Program> {
    let program = match is_condition {
        true => environment.compile_bool(source),
        false => environment.compile(source),
    };
    program
        .map_err(|fault| {
            let message = format!("表达式 {source} 第 {} 列：{}", fault.column, fault.message);
            findings.add(file, Some(element), message);
        })
        .ok()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use serde_json::json;

    const HOLDS: &str = r#"
code = "holds"
title = "限制办理记录"
register = "hold"
key = { field = "id_number", is = "person.id_number" }
where = "record.from <= as_of && (!has(record.to) || record.to >= as_of)"
otherwise = { acts = [] }
"#;

    fn lookup(text: &str) -> Result<Lookup, Findings> {
        let folder = Folder::default().with("lookups/holds.toml", text);
        let mut findings = Findings::default();
        let mut all = Lookup::read(&folder, &mut findings);
        match findings.is_empty() {
            true => Ok(all.remove(0)),
            false => Err(findings),
        }
    }

    #[test]
    fn records_fit_from_their_first_to_their_last_day_and_empty_fields_say_what_the_file_says() {
        let holds = lookup(HOLDS).unwrap();
        let record = json!({"from": "2026-05-01", "to": "2026-05-31"});
        let record = record.as_object().unwrap().clone();
        let (person, parts) = (json!({"id_number": "1"}), json!({}));
        let on = |day: &str| {
            let asked = Asked {
                person: &person,
                record: &Json::Null,
                form: &Json::Null,
                parts: &parts,
                today: "2026-01-01".parse().unwrap(),
                as_of: day.parse().unwrap(),
            };
            assert_eq!(holds.key(asked).as_deref(), Some("1"));
            holds.fitting(asked, vec![record.clone()])
        };
        let fits =
            ["2026-04-30", "2026-05-01", "2026-05-31", "2026-06-01"].map(|day| on(day).len());
        assert_eq!(fits, [0, 1, 1, 0]);
        assert_eq!(on("2026-05-02")[0]["acts"], json!([]));
    }

    #[test]
    fn a_key_may_come_from_the_record_that_a_case_is_about() {
        assert!(!lookup(HOLDS).unwrap().of_record);
        let of_unit = lookup(&HOLDS.replace("person.id_number", "record.unit_code")).unwrap();
        assert!(of_unit.of_record);
        let record = json!({"unit_code": "U1"});
        let asked = |record| Asked {
            person: &Json::Null,
            record,
            form: &Json::Null,
            parts: &Json::Null,
            today: "2026-01-01".parse().unwrap(),
            as_of: "2026-01-01".parse().unwrap(),
        };
        assert_eq!(of_unit.key(asked(&record)).as_deref(), Some("U1"));
        assert_eq!(of_unit.key(asked(&Json::Null)), None);
    }

    #[test]
    fn what_looks_at_the_form_says_so() {
        assert!(!lookup(HOLDS).unwrap().of_form);
        let by_form = lookup(&HOLDS.replace("person.id_number", "form.traveller.number")).unwrap();
        assert!(by_form.of_form);
        // It is asked at the filing only, so it could restrict nothing later.
        let restricts = HOLDS
            .replace("person.id_number", "form.number")
            .replace("otherwise", "restricts = true\notherwise");
        let told = lookup(&restricts).unwrap_err();
        assert!(told.0[0].to_string().contains("restricts"));
        let form = json!({"traveller": {"number": "T1"}});
        let asked = |form| Asked {
            person: &Json::Null,
            record: &Json::Null,
            form,
            parts: &Json::Null,
            today: "2026-01-01".parse().unwrap(),
            as_of: "2026-01-01".parse().unwrap(),
        };
        assert_eq!(by_form.key(asked(&form)).as_deref(), Some("T1"));
        assert_eq!(by_form.key(asked(&Json::Null)), None);
    }

    #[test]
    fn of_somebody_unknown_nothing_is_looked_for() {
        let holds = lookup(HOLDS).unwrap();
        let day = "2026-05-02".parse().unwrap();
        let asked = Asked {
            person: &Json::Null,
            record: &Json::Null,
            form: &Json::Null,
            parts: &Json::Null,
            today: day,
            as_of: day,
        };
        assert_eq!(holds.key(asked), None);
    }

    #[test]
    fn a_name_that_nothing_gives_and_a_key_that_nobody_reads_are_told() {
        let wrong = lookup(&HOLDS.replace("person.id_number", "persn.id_number"));
        assert!(wrong.unwrap_err().0[0].to_string().contains("persn"));
        let unread = lookup(&HOLDS.replace("title =", "title_2 ="));
        assert!(unread.unwrap_err().0[0].to_string().contains("title_2"));
    }
}
