//! What a definition may rely on when it calls an operation.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use tongban_packs::Folder;

use crate::argument::{self, Argument};

/// What becomes of an operation when the step that ran it is undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The inverse is run.
    Reversible,
    /// The document or licence is marked void, its number kept.
    Void,
    /// It stays; a correction may follow.
    Kept,
    /// Undoing needs a permission: somebody relies on what was done.
    Blocking,
}

impl Effect {
    pub fn title(self) -> &'static str {
        match self {
            Self::Reversible => "可以撤回",
            Self::Void => "撤回时作废，编号保留",
            Self::Kept => "不能撤回，可以另行更正",
            Self::Blocking => "撤回需要专门的权限",
        }
    }
}

/// An operation as definitions see it.
#[derive(Debug)]
pub struct OperationInfo {
    pub name: &'static str,
    /// What it does, for whoever writes a definition.
    pub title: &'static str,
    pub effect: Effect,
    pub arguments: &'static [Argument],
    /// It carries out what was granted: before it, the rules of the procedure are asked again; after it, they are not.
    pub carries_out: bool,
    /// What else is wrong with a call, in words.
    pub check: fn(&CallSite) -> Vec<String>,
}

/// A call as it stands in a definition.
#[derive(Clone, Copy, Debug)]
pub struct CallSite<'a> {
    pub operation: &'static str,
    pub arguments: &'a Json,
    /// Code and parts of the procedure that it stands in.
    pub procedure: &'a str,
    pub parts: &'a Json,
    /// The register of the record that its cases are about.
    pub about: Option<&'a str>,
    /// The pack.
    pub folder: &'a Folder,
}

impl CallSite<'_> {
    /// A text among the arguments; empty when it is not there.
    pub fn text(&self, name: &str) -> &str {
        let value = self.arguments.get(name).and_then(Json::as_str);
        value.unwrap_or_default()
    }
}

impl OperationInfo {
    /// What is wrong with a call.
    pub fn faults(&'static self, site: CallSite) -> Vec<String> {
        let mut faults = argument::faults(self.name, self.arguments, site.arguments);
        if faults.is_empty() {
            faults = (self.check)(&CallSite {
                operation: self.name,
                ..site
            });
        }
        faults
    }
}

/// All operations of a program, each under one name.
#[derive(Clone, Debug, Default)]
pub struct Operations(Vec<&'static OperationInfo>);

impl Operations {
    /// Of the lists that modules bring. Of two with one name only the first is kept: a test of the program tells of it.
    pub fn of(lists: &[&'static [OperationInfo]]) -> Self {
        let mut all: Vec<&'static OperationInfo> = Vec::new();
        for info in lists.iter().copied().flatten() {
            if !all.iter().any(|known| known.name == info.name) {
                all.push(info);
            }
        }
        all.sort_by_key(|info| info.name);
        Self(all)
    }

    pub fn get(&self, name: &str) -> Option<&'static OperationInfo> {
        self.0.iter().copied().find(|info| info.name == name)
    }

    pub fn iter(&self) -> impl Iterator<Item = &'static OperationInfo> {
        self.0.iter().copied()
    }
}
