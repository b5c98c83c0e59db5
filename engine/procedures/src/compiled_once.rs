//! Forms and flows that releases have in common, compiled once: thousands of procedures share a few of them.

use std::sync::Arc;

use tongban_flows::Definition;
use tongban_forms::Form;
use tongban_packs::Recent;

const MOST: usize = 256;

/// By the digest of all that they are compiled from. What cannot be compiled is not kept, so that its faults are told of
/// every release.
pub(crate) struct CompiledOnce {
    flows: Recent<String, Arc<Definition>>,
    forms: Recent<String, Form>,
}

impl CompiledOnce {
    pub(crate) fn new() -> Self {
        Self {
            flows: Recent::new(MOST),
            forms: Recent::new(MOST),
        }
    }

    pub(crate) fn flow(
        &self,
        of: &[&str],
        compile: impl FnOnce() -> Option<Arc<Definition>>,
    ) -> Option<Arc<Definition>> {
        shared(&self.flows, of, compile)
    }

    pub(crate) fn form(&self, of: &[&str], compile: impl FnOnce() -> Option<Form>) -> Option<Form> {
        shared(&self.forms, of, compile)
    }
}

fn shared<V: Clone>(
    kept: &Recent<String, V>,
    of: &[&str],
    compile: impl FnOnce() -> Option<V>,
) -> Option<V> {
    let key = tongban_crypto::sm3_hex(of.join("\0").as_bytes());
    if let Some(found) = kept.get(&key) {
        return Some(found);
    }
    let compiled = compile()?;
    kept.put(key, compiled.clone());
    Some(compiled)
}
