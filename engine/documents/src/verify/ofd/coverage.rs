//! What the seals of an OFD leave unprotected, told as what it is: only a file that nothing names can have been added.

use std::collections::BTreeSet;

use super::removed::{INTEGRITY, INTEGRITY_WORDS};
use super::{Check, Covered};
use crate::DocumentError;
use crate::ofd::package::{self, Body, ROOT};
use crate::verify::ground::{listed, shown};
use crate::verify::{Ground, Reason};

impl Check<'_> {
    /// `is_own`: this product's seals protect every file, so what they do not protect came later.
    pub(super) fn uncovered(
        &mut self,
        bodies: &[Body],
        covered: &Covered,
        is_own: bool,
    ) -> Result<(), DocumentError> {
        let apart = self.apart_from_seals(covered)?;
        let open: Vec<String> = self
            .archive
            .entries()
            .map(|entry| entry.name.clone())
            .filter(|name| !covered.files.contains(name) && !apart.contains(name))
            .collect();
        if is_own {
            if !open.is_empty() {
                let names: Vec<&str> = open.iter().map(String::as_str).collect();
                let words = format!("签章后加入了内容：{}", listed(&names));
                self.reasons
                    .push(Reason::new(Ground::Changed, "file.added", words));
            }
            return Ok(());
        }
        let is_open = |name: &str| open.iter().any(|o| o == name);
        let mut named = BTreeSet::new();
        for body in bodies {
            if self.load(&body.document)? {
                named.extend(package::named_by(&self.parts, &body.document));
            }
            named.insert(body.document.clone());
        }
        self.root(bodies, &is_open);
        let (parts, added): (Vec<&str>, Vec<&str>) = open
            .iter()
            .map(String::as_str)
            .filter(|name| *name != ROOT)
            .partition(|name| named.contains(*name));
        if !parts.is_empty() {
            let words = format!(
                "签章没有保护正文用到的 {}，这部分是不是签章时的内容，无法判断",
                listed(&parts)
            );
            self.reasons
                .push(Reason::new(Ground::Unprotected, "file.unprotected", words));
        }
        if !added.is_empty() {
            let words = format!(
                "文件中有不受签章保护的 {}，可能是签章后加入的，也可能是签章软件没有保护",
                listed(&added)
            );
            self.reasons
                .push(Reason::new(Ground::Unprotected, "file.added", words));
        }
        Ok(())
    }

    /// OFD.xml outside of the references is common; it matters where it leads to something that is open too.
    fn root(&mut self, bodies: &[Body], is_open: &dyn Fn(&str) -> bool) {
        let astray = bodies.iter().find(|body| is_open(&body.document));
        match (is_open(ROOT), astray) {
            (true, Some(body)) => {
                let words = format!(
                    "签章没有保护 OFD.xml，也没有保护它指向的正文 {}，打开后看到的不是签章保护的内容",
                    shown(&body.document)
                );
                self.reasons
                    .push(Reason::new(Ground::Exposed, "file.exposed", words));
            }
            (true, None) => {
                let words = "签章没有保护 OFD.xml（标题、编号等文件属性），其余内容没有改动";
                self.reasons.push(Reason::remark("file.root_open", words));
            }
            (false, _) => {}
        }
    }

    /// Files beside the seals that have a reason of their own: left over from a seal that was taken off the list, or
    /// an integrity protection, which is made after the seals.
    fn apart_from_seals(&mut self, covered: &Covered) -> Result<BTreeSet<String>, DocumentError> {
        let mut apart = self.integrity_files()?;
        if !apart.is_empty() {
            self.reasons
                .push(Reason::remark(INTEGRITY, INTEGRITY_WORDS));
        }
        let left = self.left_over(covered)?;
        if let Some(first) = left.first() {
            let words = format!("签章“{}”已从签章列表中移除", shown(&first.name));
            self.reasons
                .push(Reason::new(Ground::SealRemoved, "seal.removed", words));
            let folders: BTreeSet<&str> = left.iter().map(|l| l.folder.as_str()).collect();
            let beside = self.archive.entries().filter(|entry| {
                folders.contains(crate::container::folder(&entry.name))
                    && !covered.files.contains(&entry.name)
            });
            apart.extend(beside.map(|entry| entry.name.clone()));
        }
        Ok(apart)
    }
}
