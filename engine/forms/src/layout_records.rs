//! What a layout says of fields in which records are chosen: from where, and which later fields are filled from them.

use serde_json::{Map, Value};

use crate::Field;
use crate::definition::Problems;
use crate::offer::Filling;

/// Fields that are to be filled and have not come yet.
#[derive(Default)]
pub(crate) struct Fillings(Vec<(String, Filling)>);

impl Fillings {
    /// From what a field is filled.
    pub(crate) fn of(&mut self, name: &str) -> Option<Filling> {
        let at = self.0.iter().position(|(filled, _)| filled == name)?;
        Some(self.0.remove(at).1)
    }

    pub(crate) fn read(
        &mut self,
        field: &mut Field,
        of: &Map<String, Value>,
        pointer: &str,
        problems: &mut Problems,
    ) {
        field.from = problems.maybe_text(of, pointer, "from");
        let Some(fills) = of.get("fills") else {
            return;
        };
        let place = format!("{pointer}/fills");
        if !matches!(field.kind, crate::FieldKind::Record) {
            problems.add(
                place,
                "只有选一条记录的字段（type = object）才能填写别的字段",
            );
            return;
        }
        let Some(fills) = fills.as_object() else {
            problems.add(place, "应为 {要填的字段 = 来源的栏目}");
            return;
        };
        for (filled, column) in fills {
            let Some(column) = column.as_str().filter(|column| !column.is_empty()) else {
                problems.add(format!("{place}/{filled}"), "应为来源的一个栏目");
                continue;
            };
            let filling = Filling {
                field: field.name.clone(),
                column: column.to_owned(),
            };
            match self.0.iter().any(|(other, _)| other == filled) {
                true => problems.add(
                    format!("{place}/{filled}"),
                    format!("字段“{filled}”已经由另一条所选的记录填写"),
                ),
                false => self.0.push((filled.clone(), filling)),
            }
        }
    }

    /// Whether what is said of one field fits together.
    pub(crate) fn check(&self, field: &Field, problems: &mut Problems) {
        let pointer = format!("/fields/{}", field.name);
        let is_record = field.kind.is_record();
        match (is_record, &field.from) {
            (true, None) => problems.add(
                &pointer,
                "选记录的字段要写从哪里选：from = 查询或者登记簿的代码",
            ),
            (false, Some(_)) => problems.add(
                format!("{pointer}/from"),
                "from 只用于选记录的字段（type = object，或者每一项是 object 的列表）",
            ),
            _ => {}
        }
        let has_source = field.prefill.is_some() || field.value.is_some();
        if has_source && (is_record || field.filling.is_some()) {
            let words = "选记录的字段和由所选记录填写的字段不能再写 prefill、value";
            problems.add(&pointer, words);
        }
        if is_record && field.filling.is_some() {
            problems.add(&pointer, "选记录的字段不能由别的记录填写");
        }
    }

    /// What was to be filled and never came.
    pub(crate) fn finish(self, names: &[&str], problems: &mut Problems) {
        for (filled, filling) in self.0 {
            let pointer = format!("/fields/{}/fills/{filled}", filling.field);
            let words = match names.contains(&filled.as_str()) {
                true => format!("字段“{filled}”应排在“{}”后面", filling.field),
                false => format!("没有“{filled}”这个字段"),
            };
            problems.add(pointer, words);
        }
    }
}
