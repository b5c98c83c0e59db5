//! The journal: each event carries the keyed digest of itself and of the one before.

use serde_json::json;
use tongban_base::{ActorKind, Ctx};
use tongban_crypto::MacKey;

use crate::event::CaseEvent;
use crate::model::Event;

/// The digest with which the chain of a case begins.
pub const ROOT: &str = "0";

/// The next event of a case after `previous`.
pub fn next(key: &MacKey, ctx: &Ctx, case: &str, previous: (i64, &str), what: CaseEvent) -> Event {
    let (kind, data) = what.stored();
    let mut event = Event {
        seq: previous.0 + 1,
        at: ctx.now,
        kind,
        actor_kind: actor_kind(ctx).to_owned(),
        actor_id: ctx.actor.account.map(|id| id.to_string()),
        actor_name: ctx.actor.name.clone(),
        data,
        hash: String::new(),
        what: Some(what),
    };
    event.hash = digest(key, case, previous.1, &event);
    event
}

/// The first event that does not follow from the one before, or that is not there although `head` (number and digest of
/// the last one, as the case keeps them) says that it was.
pub fn broken(key: &MacKey, case: &str, events: &[Event], head: (i64, &str)) -> Option<i64> {
    let mut previous = ROOT.to_owned();
    for (expected, event) in (1..).zip(events) {
        if event.seq != expected || digest(key, case, &previous, event) != event.hash {
            return Some(event.seq);
        }
        previous.clone_from(&event.hash);
    }
    let last = events.last().map_or(0, |event| event.seq);
    let whole = (last, previous.as_str()) == head;
    (!whole).then_some(last.min(head.0) + 1)
}

fn digest(key: &MacKey, case: &str, previous: &str, event: &Event) -> String {
    let content = json!([
        case,
        previous,
        event.seq,
        event.at.0,
        event.kind,
        event.actor_kind,
        event.actor_id,
        event.actor_name,
        tongban_packs::canonical(&event.data),
    ]);
    let mac = key.mac(&[content.to_string().as_bytes()]);
    mac.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn actor_kind(ctx: &Ctx) -> &'static str {
    match ctx.actor.kind {
        ActorKind::Anonymous => "anonymous",
        ActorKind::Citizen => "citizen",
        ActorKind::Staff => "staff",
        ActorKind::System => "system",
    }
}
