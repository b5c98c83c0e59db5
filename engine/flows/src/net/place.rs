//! Where a token can be. Written with the ids of the definition, so that stored rows can be read by people.

use crate::definition::{Definition, FlowIx, Kind, NodeIx, ROOT, ScopeIx};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// Before the start event of a scope.
    Start(ScopeIx),
    /// On a sequence flow: waiting at its target when that waits.
    Flow(FlowIx),
    /// A sub-process or a joint sign is going on.
    Inside(NodeIx),
    /// One signer of a joint sign is waited for.
    Signer(NodeIx),
    /// One signer has signed, or was taken away.
    Signed(NodeIx),
    /// A branch came to its end.
    Ended(NodeIx),
    /// Nothing will come over this flow of an inclusive join: the decision that made it so left this mark.
    Absent(FlowIx),
    /// A message that arrived and waits to be caught.
    Message,
}

impl Place {
    pub fn write(self, definition: &Definition) -> String {
        let node = |ix| definition.node(ix).id.as_str();
        match self {
            Place::Start(scope) => match definition.scope(scope).node {
                Some(owner) => format!("start:{}", node(owner)),
                None => "start:".to_owned(),
            },
            Place::Flow(flow) => format!("flow:{}", definition.flow(flow).id),
            Place::Inside(ix) => format!("inside:{}", node(ix)),
            Place::Signer(ix) => format!("signer:{}", node(ix)),
            Place::Signed(ix) => format!("signed:{}", node(ix)),
            Place::Ended(ix) => format!("ended:{}", node(ix)),
            Place::Absent(flow) => format!("absent:{}", definition.flow(flow).id),
            Place::Message => "message:".to_owned(),
        }
    }

    pub fn read(text: &str, definition: &Definition) -> Option<Self> {
        let (kind, id) = text.split_once(':')?;
        Some(match kind {
            "start" if id.is_empty() => Place::Start(ROOT),
            "start" => match definition.node(definition.find(id)?).kind {
                Kind::SubProcess(scope) => Place::Start(scope),
                _ => return None,
            },
            "flow" => Place::Flow(definition.find_flow(id)?),
            "inside" => Place::Inside(definition.find(id)?),
            "signer" => Place::Signer(definition.find(id)?),
            "signed" => Place::Signed(definition.find(id)?),
            "ended" => Place::Ended(definition.find(id)?),
            "absent" => Place::Absent(definition.find_flow(id)?),
            "message" => Place::Message,
            _ => return None,
        })
    }

    /// The node at which a token of this place stands, as far as it can still move on.
    pub(crate) fn standing(self, definition: &Definition) -> Option<NodeIx> {
        match self {
            Place::Flow(flow) => Some(definition.flow(flow).target),
            Place::Start(scope) => Some(definition.scope(scope).start),
            Place::Inside(ix) => Some(ix),
            _ => None,
        }
    }

    /// The user task that is open while a token is here.
    pub fn task(self, definition: &Definition) -> Option<NodeIx> {
        match self {
            Place::Signer(ix) => Some(ix),
            Place::Flow(flow) => {
                let target = definition.flow(flow).target;
                let task = definition.user_task(target)?;
                task.multi.is_none().then_some(target)
            }
            _ => None,
        }
    }
}
