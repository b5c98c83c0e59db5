//! Whether what follows the last signature only helps to verify it: a store of certificates and revocation data (ISO
//! 32000-2, 12.8.4.3) changes nothing that was signed. Everything else that was appended counts as a change.

use std::collections::BTreeSet;

use crate::pdf::objects::Objects;
use crate::pdf::tokens::Dictionary;
use crate::pdf::walk;

/// Certificates, lists and answers of one chain are fewer.
const MOST_ADDED: usize = 256;
/// What the catalog may gain.
const MAY_DIFFER: [&[u8]; 3] = [b"DSS", b"Extensions", b"Version"];
/// What each update writes anew in its trailer.
const TRAILER: [&[u8]; 4] = [b"Size", b"Prev", b"ID", b"XRefStm"];

/// `end` is where the last signed byte lies. Nothing that existed may be written anew but the catalog, which may only gain
/// the store, and nothing signed may have waited for the objects that are new.
pub(super) fn is_validation_data(bytes: &[u8], end: usize) -> bool {
    find(bytes, end).is_some()
}

fn find(bytes: &[u8], end: usize) -> Option<()> {
    let signed = bytes.get(..end)?;
    // Objects inside of packed lists cannot be compared here.
    if bytes.windows(7).any(|w| w == b"/ObjStm") {
        return None;
    }
    let (old, new) = (Objects::read(signed).ok()?, Objects::read(bytes).ok()?);
    let ((root, before), (same, after)) = (old.root().ok()?, new.root().ok()?);
    after.get("DSS")?;
    let is_same = root == same
        && equal(&before, &after, &MAY_DIFFER)
        && equal(&old.trailer, &new.trailer, &TRAILER);
    let known = old.offsets();
    let moved = |id: &u32| new.offsets().get(id) != known.get(id);
    let mut added = BTreeSet::new();
    walk::each(bytes, end, |object| {
        added.insert(object.id);
    });
    added.extend(new.offsets().keys().filter(|id| !known.contains_key(*id)));
    added.remove(&root);
    let is_added_only = known.keys().filter(|id| **id != root).all(|id| !moved(id))
        && added.iter().all(|id| !known.contains_key(id));
    let is_small = added.len() <= MOST_ADDED;
    (is_same && is_added_only && is_small && !is_awaited(signed, &added)).then_some(())
}

fn equal(one: &Dictionary, other: &Dictionary, except: &[&[u8]]) -> bool {
    let entries = |d: &Dictionary| -> BTreeSet<(Vec<u8>, Vec<u8>)> {
        d.entries()
            .filter(|(name, _)| !except.contains(name))
            .map(|(name, value)| (name.to_vec(), squeezed(value)))
            .collect()
    };
    entries(one) == entries(other)
}

/// A value without the white space that means nothing.
fn squeezed(value: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::new();
    for byte in value {
        let last = out.last().copied();
        match byte.is_ascii_whitespace() {
            true if last.is_some_and(|b| !is_edge(b) && b != b' ') => out.push(b' '),
            true => {}
            false => {
                if is_edge(*byte) && last == Some(b' ') {
                    out.pop();
                }
                out.push(*byte);
            }
        }
    }
    out
}

fn is_edge(byte: u8) -> bool {
    b"<>[]/".contains(&byte)
}

/// Whether what is signed refers to an object that did not exist then.
fn is_awaited(signed: &[u8], added: &BTreeSet<u32>) -> bool {
    let references = signed.windows(4).enumerate().filter(|(_, w)| *w == b" 0 R");
    references
        .filter_map(|(at, _)| {
            let head = signed.get(at.saturating_sub(10)..at)?;
            let digits = head.iter().rev().take_while(|b| b.is_ascii_digit()).count();
            let id = head.get(head.len() - digits..)?;
            std::str::from_utf8(id).ok()?.parse::<u32>().ok()
        })
        .any(|id| added.contains(&id))
}
