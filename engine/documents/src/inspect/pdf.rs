//! Whether a PDF is whole, open to everybody and passive: pages, no password, no scripts, nothing that starts a program,
//! no attached programs. Objects are looked at wherever they stand, packed ones too, so that no table can hide one.

mod active;
mod objects;

use std::collections::BTreeSet;

use self::objects::Objects;
use super::Refusal;
use crate::pdf::tokens::{Dictionary, items, reference};

/// Behind the end some programs write zeros or a line.
const TAIL: usize = 2048;
const MOST_NODES: usize = 100_000;

pub(super) fn check(bytes: &[u8], most_pages: usize) -> Result<(), Refusal> {
    let objects = Objects::read(bytes)?;
    if objects.is_encrypted {
        return Err(Refusal::new(
            "upload.encrypted",
            "这个 PDF 设了密码或限制了权限，工作人员打不开；请去掉密码，或打开后用“打印”另存为新的 PDF 再上传",
        ));
    }
    let has_end = bytes
        .iter()
        .rposition(|b| *b != 0 && !b.is_ascii_whitespace())
        .and_then(|last| bytes.get(last.saturating_sub(TAIL)..=last))
        .is_some_and(|tail| tail.windows(9).any(|w| w == b"startxref"));
    if !has_end || objects.is_cut {
        return Err(damaged());
    }
    active::check(bytes, &objects)?;
    let root = objects.root().ok_or_else(damaged)?;
    let pages = pages(&objects, root).ok_or_else(damaged)?;
    if pages == 0 {
        return Err(Refusal::new(
            "upload.no_pages",
            "这个 PDF 里一页也没有，请重新导出或打印成 PDF 后上传",
        ));
    }
    if pages > most_pages {
        let words = format!("这个 PDF 有 {pages} 页，最多 {most_pages} 页，请只上传需要的页");
        return Err(Refusal::new("upload.too_many_pages", words));
    }
    Ok(())
}

fn damaged() -> Refusal {
    Refusal::new(
        "upload.damaged",
        "这个 PDF 不完整或已损坏，打不开；请用原文件重新上传，或打开后用“打印”另存为新的 PDF 再上传",
    )
}

/// The leaves of the tree of pages. Nothing when it leads nowhere or in circles.
fn pages(objects: &Objects, root: &Dictionary) -> Option<usize> {
    let first = root.reference("Pages")?;
    let (mut count, mut seen) = (0, BTreeSet::new());
    let mut waiting = vec![first];
    while let Some(id) = waiting.pop() {
        if seen.len() > MOST_NODES {
            return None;
        }
        let Some(node) = objects.dictionary(id) else {
            continue;
        };
        let Some(kids) = node.get("Kids") else {
            count += usize::from(id != first || !node.is("Type", "Pages"));
            continue;
        };
        // A page may stand in a tree twice, a branch may not.
        if !seen.insert(id) {
            return None;
        }
        let list = reference(kids).map_or(Some(kids), |id| objects.array(id))?;
        waiting.extend(items(list)?.into_iter().filter_map(reference));
    }
    Some(count)
}
