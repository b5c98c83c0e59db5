//! Whether the look-ups of a pack can be answered: the register is there, and finds records by the field.

use tongban_packs::{Findings, Folder};
use tongban_procedures::Lookup;

use crate::definition::RegisterDefinitions;

/// What is wrong inside a look-up is told where procedures are checked.
pub fn check_lookups(folder: &Folder, registers: &RegisterDefinitions, findings: &mut Findings) {
    for lookup in Lookup::read(folder, &mut Findings::default()) {
        let file = format!("lookups/{}.toml", lookup.code);
        let Lookup {
            register, field, ..
        } = &lookup;
        let Some(definition) = registers.get(register) else {
            let message = format!("没有登记簿 {register}（registers/{register}.toml）");
            findings.add(&file, Some("register"), message);
            continue;
        };
        if !definition.searchable.contains(field) {
            let message = format!(
                "登记簿 {register} 不能按 {field} 查找：请把它写进登记簿的 indexes 或者 filters"
            );
            findings.add(&file, Some("key"), message);
        }
    }
}
