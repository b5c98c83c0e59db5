//! Who can mend a field of a filed form: the applicant, or whoever keeps the source that it is taken from.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tongban_expressions::Values as Names;

use crate::prefill::{known_names, supplied};
use crate::view::masked;
use crate::{Field, Form, Known, Source, Values};

/// Who mends a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mending {
    /// Typed by the applicant, who may be asked to mend it.
    Applicant,
    /// Taken from a source; it changes where the source changes.
    Source(Source),
    /// Worked out by the system from other fields.
    Calculated,
    /// Not shown with these values: nobody filled it in.
    Hidden,
}

/// By field name, for every field of a form.
pub type Mendings = BTreeMap<String, Mending>;

/// A locked field whose source says something else than what was filed.
#[derive(Clone, Debug)]
pub struct SourceChange<'f> {
    pub field: &'f Field,
    pub filed: Value,
    pub now: Value,
}

impl SourceChange<'_> {
    /// Both values, with the middle of numbers hidden.
    pub fn words(&self) -> String {
        let words = |value: &Value| match masked(self.field, &self.field.words(value)) {
            empty if empty.is_empty() => "没有填写".to_owned(),
            words => format!("“{words}”"),
        };
        let (filed, now) = (words(&self.filed), words(&self.now));
        format!("{}：提交时是{filed}，现在是{now}", self.field.title)
    }
}

impl Mending {
    /// How it is mended, when the applicant cannot; for the officer's page.
    pub fn words(self) -> Option<&'static str> {
        match self {
            Mending::Applicant => None,
            Mending::Source(Source::Person) => {
                Some("取自实名信息，申请人不能在补正时修改；有误的，请申请人重新实名认证")
            }
            Mending::Source(Source::Account) => {
                Some("取自账号资料，申请人不能在补正时修改；有误的，请申请人在“我的账号”里修改")
            }
            Mending::Source(Source::Licence) => {
                Some("取自电子证照，申请人不能在补正时修改；有误的，请到登记机关更正")
            }
            Mending::Source(Source::Record) => {
                Some("取自台账里的记录，申请人不能在补正时修改；有误的，请在台账里更正")
            }
            Mending::Source(Source::Chosen) => {
                Some("取自所选的台账记录：选错的，请要求补正所选的记录；记录有误的，请在台账里更正")
            }
            Mending::Source(Source::Answers) => {
                Some("取自申请时选择的情形，补正时不能修改；选错的，请申请人撤回后重新申请")
            }
            Mending::Source(Source::System) => Some("由系统填写，由本机关核对"),
            Mending::Calculated => Some("由系统算出，由本机关核对"),
            Mending::Hidden => Some("没有要申请人填写，不能要求补正"),
        }
    }
}

impl Form {
    /// Who mends each field of a form with these values.
    pub fn mending(&self, values: &Values, known: &Known) -> Mendings {
        let settled = self.settle(values.map().clone(), known);
        let visible: &BTreeSet<&str> = &settled.visible;
        let today = known.today_text();
        let names = known_names(known, &today);
        let mending = |field: &Field| match () {
            () if !visible.contains(field.name.as_str()) => Mending::Hidden,
            () => taken(field, known, &names, &settled.values).unwrap_or(Mending::Applicant),
        };
        let fields = self.fields().iter();
        fields.map(|f| (f.name.clone(), mending(f))).collect()
    }

    /// The shown locked fields whose source has changed since these values were filed. A source that knows nothing
    /// any more says nothing here.
    pub fn changed_at_source(&self, values: &Values, known: &Known) -> Vec<SourceChange<'_>> {
        let today = known.today_text();
        let names = known_names(known, &today);
        let visible = self.settle(values.map().clone(), known).visible;
        let filed_as = values.to_json();
        let locked = self.fields().iter().filter(|field| field.is_supplied());
        locked
            .filter(|field| visible.contains(field.name.as_str()))
            .filter_map(|field| {
                let now = supplied(field, known, &names, &filed_as)?.value;
                let filed = values.get(&field.name).clone();
                (now != filed).then_some(SourceChange { field, filed, now })
            })
            .collect()
    }

    /// The values with everything that has a source taken from it anew.
    pub fn renewed(&self, values: &Values, known: &Known) -> Values {
        match self.settle(values.map().clone(), known).values {
            Value::Object(map) => map.into(),
            _ => values.clone(),
        }
    }
}

/// How a field is taken from elsewhere; none when the applicant types it. A locked field whose source knows nothing
/// is typed.
pub(crate) fn taken(
    field: &Field,
    known: &Known,
    names: &Names<'_>,
    values: &Value,
) -> Option<Mending> {
    if field.is_calculated() {
        return Some(Mending::Calculated);
    }
    let supplied = supplied(field, known, names, values)?;
    Some(Mending::Source(supplied.source))
}
