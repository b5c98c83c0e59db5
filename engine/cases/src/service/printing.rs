//! What of an application no typeface at hand can print: it is told before acceptance, because a letter or a licence with
//! such a character cannot be made.

use tongban_forms::{ReadOptions, Values};
use tongban_procedures::ProcedureRelease;

use crate::desk::Desk;

/// A field and the characters in it that cannot be printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unprintable {
    pub title: String,
    pub characters: Vec<char>,
}

impl Unprintable {
    /// `姓名中的“𱍐”（U+31350）`
    pub fn words(&self) -> String {
        let shown = self.characters.iter();
        let shown: Vec<String> = shown
            .map(|c| format!("“{c}”（U+{:04X}）", u32::from(*c)))
            .collect();
        format!("{}中的{}", self.title, shown.join("、"))
    }
}

pub fn unprintable(desk: &Desk, release: &ProcedureRelease, values: &Values) -> Vec<Unprintable> {
    let options = ReadOptions {
        mask: false,
        markable: false,
        problems: &[],
    };
    let view = release.form().read_view(values, &options);
    let items = view.groups.iter().flat_map(|group| &group.items);
    items
        .filter_map(|item| {
            let characters = desk.typesetter.unprintable(&item.text);
            (!characters.is_empty()).then(|| Unprintable {
                title: item.title.clone(),
                characters,
            })
        })
        .collect()
}
