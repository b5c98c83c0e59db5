//! Reads BPMN 2.0 XML into a draft of the process. Knows which elements are executable; knows no instance.
//! Files come from outside: size, number of nodes and depth are limited, DTDs are refused.

mod draft;
mod events;
mod extension;
mod reader;
mod tasks;
mod vocabulary;

use roxmltree::{Document, Node, ParsingOptions};

use crate::definition::{Conditions, Definition, Diagnostic, Effects, compile};

pub(crate) use draft::{
    Draft, DraftFlow, DraftKind, DraftMulti, DraftNode, DraftSigners, DraftTrigger, DraftUser,
};

const BPMN: &str = "http://www.omg.org/spec/BPMN/20100524/MODEL";
const TONGBAN: &str = "urn:tongban:flow:1";
const MAX_BYTES: usize = 2 * 1024 * 1024;
const MAX_XML_NODES: u32 = 200_000;
const MAX_DEPTH: usize = 64;

impl Definition {
    /// Reads and checks a process. Everything that cannot be executed is told at once, each with its element.
    pub fn compile(
        xml: &str,
        conditions: &dyn Conditions,
        effects: &dyn Effects,
    ) -> Result<Self, Vec<Diagnostic>> {
        let draft = read_draft(xml)?;
        compile(&draft, conditions, effects)
    }
}

pub(crate) fn read_draft(xml: &str) -> Result<Draft, Vec<Diagnostic>> {
    if xml.len() > MAX_BYTES {
        return Err(vec![of_file(1, "流程文件超过 2 MB，请精简后再导入")]);
    }
    let options = ParsingOptions {
        nodes_limit: MAX_XML_NODES,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(xml, options).map_err(|error| {
        vec![of_file(
            error.pos().row,
            "不是有效的 XML 文件，或含有不允许的 DTD，请用流程设计器重新导出",
        )]
    })?;
    if too_deep(document.root_element()) {
        return Err(vec![of_file(1, "流程文件嵌套过深，请检查子流程的层次")]);
    }
    reader::read(&document)
}

fn of_file(line: u32, message: &str) -> Diagnostic {
    Diagnostic {
        element: String::new(),
        name: String::new(),
        line,
        message: message.to_owned(),
    }
}

/// Walks without recursion, because the depth is what is in doubt.
fn too_deep(root: Node<'_, '_>) -> bool {
    let (mut node, mut depth) = (root, 0);
    loop {
        if let Some(child) = node.first_child() {
            depth += 1;
            if depth > MAX_DEPTH {
                return true;
            }
            node = child;
            continue;
        }
        while node.next_sibling().is_none() {
            match node.parent() {
                Some(parent) if depth > 0 => {
                    node = parent;
                    depth -= 1;
                }
                _ => return false,
            }
        }
        match node.next_sibling() {
            Some(next) if depth > 0 => node = next,
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_files_are_refused_in_words() {
        let deep = "<a>".repeat(5000) + &"</a>".repeat(5000);
        let bomb = "<!DOCTYPE x [<!ENTITY a \"b\">]><x>&a;</x>";
        for xml in [
            "",
            "<a",
            deep.as_str(),
            bomb,
            "<a/>",
            "<a><b/><c><d/></c></a>",
        ] {
            assert!(matches!(read_draft(xml), Err(found) if found.len() == 1));
        }
    }
}
