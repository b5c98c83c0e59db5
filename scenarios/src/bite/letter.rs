//! A letter taken out: its paper stays and nothing stands on it. Who only asks whether it was made has not read it.

use tongban_packs::Folder;

use super::{Reduced, tree};

/// Lines that only lay out.
const LAYOUT: [&str; 4] = ["#import ", "#show: ", "#set ", "#signature("];

pub(super) fn candidates(folder: &Folder, code: &str, file: &str) -> Result<Vec<Reduced>, String> {
    let read = tree::read(folder, file)?;
    let named = read["template"].as_str().unwrap_or_default();
    let template = format!("documents/{named}");
    let text = folder.text(&template).map_err(|fault| fault.to_string())?;
    let kept: Vec<&str> = text.lines().filter(|line| lays_out(line)).collect();
    let blank = |content: String| folder.clone().with(&template, content);
    Ok(vec![
        Reduced {
            how: format!("文书 {code} 只剩版式，正文留空"),
            folder: blank(format!("{}\n　\n", kept.join("\n"))),
        },
        Reduced {
            how: format!("文书 {code} 是一张白纸"),
            folder: blank("　\n".to_owned()),
        },
    ])
}

fn lays_out(line: &str) -> bool {
    LAYOUT.iter().any(|start| line.starts_with(start)) && !line.trim_end().ends_with('{')
}
