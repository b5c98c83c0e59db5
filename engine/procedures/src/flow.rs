//! The flow of a procedure out of the files of a pack: a drawing, `flows/NAME.bpmn`, or an approval chain, `flows/NAME.toml`.

use std::sync::Arc;

use tongban_flows::{ChainFile, Conditions, Definition, Diagnostic, Effects};
use tongban_packs::{Diagnostic as Fault, Findings, Folder};

use crate::closure::SETTINGS;
use crate::compiled_once::CompiledOnce;
use crate::conditions::FlowConditions;
use crate::environment::Settings;

fn drawing(name: &str) -> String {
    format!("flows/{name}.bpmn")
}

fn chain(name: &str) -> String {
    format!("flows/{name}.toml")
}

/// Every file that a flow may be written in.
pub(crate) fn files(name: &str) -> [String; 2] {
    [drawing(name), chain(name)]
}

/// The file in which it is written.
pub(crate) fn file(folder: &Folder, name: &str) -> String {
    match folder.bytes(&chain(name)) {
        Some(_) => chain(name),
        None => drawing(name),
    }
}

pub(crate) fn compile(
    folder: &Folder,
    (name, has_record): (&str, bool),
    (effects, common): (&dyn Effects, &CompiledOnce),
    findings: &mut Findings,
) -> Option<Arc<Definition>> {
    let file = file(folder, name);
    let is_chain = file == chain(name);
    if is_chain && folder.bytes(&drawing(name)).is_some() {
        let words = format!("{} 也在，不知道用哪一个，请删去一个", drawing(name));
        findings.add(&file, None, words);
        return None;
    }
    let text = findings.take(folder.text(&file).map(str::to_owned))?;
    let settings = folder.text(SETTINGS).unwrap_or_default();
    let of = [
        file.as_str(),
        &text,
        settings,
        if has_record { "1" } else { "" },
    ];
    common.flow(&of, || {
        let conditions = FlowConditions::new(&Settings::of(folder), has_record);
        let compiled = match is_chain {
            true => {
                let written = findings.take(read_chain(folder, &file))?;
                compile_chain(&written, (name, &text), &conditions, effects)
            }
            false => Definition::compile(&text, &conditions, effects),
        };
        told(compiled, &file, findings)
    })
}

fn told(
    compiled: Result<Definition, Vec<Diagnostic>>,
    file: &str,
    findings: &mut Findings,
) -> Option<Arc<Definition>> {
    match compiled {
        Ok(definition) => Some(Arc::new(definition)),
        Err(faults) => {
            for fault in faults {
                let line = usize::try_from(fault.line).ok();
                let element = Some(fault.element.as_str()).filter(|element| !element.is_empty());
                findings.at(file, line, element, fault.message);
            }
            None
        }
    }
}

/// A chain as it was written. Whoever misses a key in it is told what says more.
pub fn read_chain(folder: &Folder, file: &str) -> Result<ChainFile, Fault> {
    folder.toml::<ChainFile>(file).map_err(|mut fault| {
        let key = fault.element.as_deref();
        if key.is_some_and(ChainFile::is_strange) {
            fault.message += "。链里不写的（定时提醒、并行的分支、子流程、指定到人），请用 tongban flow 画成 BPMN，再用流程设计器接着画";
        }
        fault
    })
}

fn compile_chain(
    chain: &ChainFile,
    (name, text): (&str, &str),
    conditions: &dyn Conditions,
    effects: &dyn Effects,
) -> Result<Definition, Vec<Diagnostic>> {
    chain
        .draw(name, text, effects)?
        .compile(conditions, effects)
}
