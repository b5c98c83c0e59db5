//! `case`: how a case stands, as the interface tells whoever may see it: `status`, `due_on`, `result`, `clock.…`.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::Value as Json;

use super::Sight;
use crate::play::Play;
use crate::report::Why;
use crate::values::Values;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CaseIs {
    /// Parts of the answer and what they are; nothing is written as an empty text.
    case: Values,
}

#[async_trait]
impl Sight for CaseIs {
    fn check(&self) -> Result<(), String> {
        match self.case.0.is_empty() {
            true => Err("case 没有写要看什么，例如 case = { status = \"accepted\" }".to_owned()),
            false => Ok(()),
        }
    }

    async fn look(&self, play: &mut Play<'_>) -> Result<(), Why> {
        let id = play.case()?.id.clone();
        let page = play.get(&format!("/api/v1/cases/{id}")).await?;
        if page.is_refusal() {
            return Err(Why::unseen("能看到这个办件", page.short()));
        }
        let shown = page.json();
        for (name, wanted) in &play.fill_values(&self.case)?.0 {
            let place = format!("/{}", name.replace('.', "/"));
            let Some(value) = shown.pointer(&place) else {
                return Err(Why::Broken(format!("办件没有“{name}”这一项")));
            };
            let wanted = wanted.join("、");
            if said(value) != wanted {
                let expected = format!("办件的 {name} 是“{wanted}”");
                return Err(Why::unseen(expected, format!("{name} 是“{}”", said(value))));
            }
        }
        Ok(())
    }
}

pub(super) fn said(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        Json::Array(values) => values.iter().map(said).collect::<Vec<_>>().join("、"),
        other => other.to_string(),
    }
}
