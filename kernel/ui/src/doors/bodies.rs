//! How many bytes of bodies are in the house at once, read or still worked on. Small bodies and large ones have rooms of
//! their own, and an address no more than its share of each. Knows nothing of what they say.

use std::collections::HashMap;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hyper::body::{Frame, SizeHint};
use tongban_base::{Kind, Problem, neighbourhood};

use super::{DoorSettings, Visitor, is_among};
use crate::App;
use crate::fault::Fault;
use crate::server::FORM_BYTES;

/// One address has one part of so many of a room.
const SHARES: usize = 4;

/// By what a body says of its length before it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Room {
    /// Forms. Whoever floods with files keeps nobody from logging in.
    Small,
    Large,
}

impl Room {
    fn of(body: &Body) -> Self {
        match body.size_hint().upper() {
            Some(bytes) if bytes <= FORM_BYTES as u64 => Self::Small,
            _ => Self::Large,
        }
    }

    fn holds(self, all: usize) -> usize {
        match self {
            Self::Small => all / 4,
            Self::Large => all - all / 4,
        }
    }
}

/// Whose bytes: those of an address, or of everybody together.
type Owner = Option<IpAddr>;

pub(super) struct Bodies {
    held: Mutex<HashMap<(Room, Owner), usize>>,
    most: usize,
}

impl Bodies {
    pub(super) fn new(most: usize) -> Self {
        Self {
            held: Mutex::default(),
            most,
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(Room, Owner), usize>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn held(&self) -> usize {
        let held = self.lock();
        let rooms = [Room::Small, Room::Large];
        rooms
            .iter()
            .filter_map(|room| held.get(&(*room, None)))
            .sum()
    }

    fn take(&self, room: Room, address: Option<IpAddr>, bytes: usize) -> bool {
        let room_for = |owner: &Owner| match owner {
            None => room.holds(self.most),
            Some(_) => room.holds(self.most) / SHARES,
        };
        let mut held = self.lock();
        let fits = owners(address).all(|owner| {
            let before = held.get(&(room, owner)).copied().unwrap_or_default();
            before + bytes <= room_for(&owner)
        });
        if fits {
            for owner in owners(address) {
                *held.entry((room, owner)).or_default() += bytes;
            }
        }
        fits
    }

    fn give_back(&self, room: Room, address: Option<IpAddr>, bytes: usize) {
        let mut held = self.lock();
        for owner in owners(address) {
            if let Some(before) = held.get_mut(&(room, owner)) {
                *before = before.saturating_sub(bytes);
                if *before == 0 {
                    held.remove(&(room, owner));
                }
            }
        }
    }
}

fn owners(address: Option<IpAddr>) -> impl Iterator<Item = Owner> {
    std::iter::once(None).chain(address.map(Some))
}

/// What one request holds, given back when its answer is there.
struct Share {
    bodies: Arc<Bodies>,
    room: Room,
    address: Option<IpAddr>,
    held: AtomicUsize,
    is_refused: AtomicBool,
}

impl Share {
    fn take(&self, bytes: usize) -> bool {
        let fits = self.bodies.take(self.room, self.address, bytes);
        if fits {
            self.held.fetch_add(bytes, Ordering::Relaxed);
        } else {
            self.is_refused.store(true, Ordering::Relaxed);
        }
        fits
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let held = self.held.load(Ordering::Relaxed);
        self.bodies.give_back(self.room, self.address, held);
    }
}

/// Behind a proxy there are many people.
fn counted(settings: &DoorSettings, request: &Request) -> Option<IpAddr> {
    let address = Visitor::of(settings, request).address;
    address
        .filter(|address| !is_among(&settings.proxies, *address))
        .map(neighbourhood)
}

/// Middleware: a body finds room beside those of others, or its request is refused, whatever its handler makes of it.
pub(crate) async fn account(State(app): State<App>, request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let doors = app.doors();
    let share = Arc::new(Share {
        bodies: Arc::clone(&doors.0.bodies),
        room: Room::of(request.body()),
        address: counted(doors.settings(), &request),
        held: AtomicUsize::new(0),
        is_refused: AtomicBool::new(false),
    });
    let counted = Arc::clone(&share);
    let request = request.map(|body| {
        Body::new(Counted {
            body,
            share: counted,
        })
    });
    let response = next.run(request).await;
    if !share.is_refused.load(Ordering::Relaxed) {
        return response;
    }
    doors.counters().crowded_body();
    Fault::from(crowded()).into_response()
}

fn crowded() -> Problem {
    Problem::new(
        Kind::Unavailable,
        "input.crowded",
        "现在提交的人较多，请过一会儿再试",
    )
    .with_retry_after(10)
}

struct Counted {
    body: Body,
    share: Arc<Share>,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &frame {
            let bytes = frame.data_ref().map_or(0, Bytes::len);
            if !self.share.take(bytes) {
                let cause = std::io::Error::from(std::io::ErrorKind::QuotaExceeded);
                return Poll::Ready(Some(Err(axum::Error::new(cause))));
            }
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const ALL: usize = 1600;

    fn at(text: &str) -> Option<IpAddr> {
        Some(neighbourhood(text.parse().unwrap()))
    }

    #[test]
    fn an_address_takes_no_more_than_its_share_of_the_room() {
        let bodies = Bodies::new(ALL);
        assert!(bodies.take(Room::Large, at("192.0.2.1"), 300));
        assert!(!bodies.take(Room::Large, at("192.0.2.1"), 1));
        assert!(bodies.take(Room::Large, at("2001:db8::1"), 300));
        assert!(!bodies.take(Room::Large, at("2001:db8::2"), 1));
        assert!(bodies.take(Room::Large, at("192.0.2.2"), 300));
        bodies.give_back(Room::Large, at("192.0.2.1"), 1);
        assert!(bodies.take(Room::Large, at("192.0.2.1"), 1));
        // Those behind a trusted proxy that does not say who they are have what is left.
        assert!(bodies.take(Room::Large, None, 300));
        assert!(!bodies.take(Room::Large, at("192.0.2.3"), 1));
        assert_eq!(bodies.held(), 1200);
    }

    #[test]
    fn a_form_finds_room_however_many_files_come() {
        let bodies = Bodies::new(ALL);
        while bodies.take(Room::Large, None, 100) {}
        assert!(bodies.take(Room::Small, at("192.0.2.1"), 100));
        bodies.give_back(Room::Small, at("192.0.2.1"), 100);
        bodies.give_back(Room::Large, None, 1200);
        assert!(bodies.lock().is_empty());
    }

    #[test]
    fn a_body_that_does_not_say_how_long_it_is_has_no_room_among_forms() {
        let body = Body::from("login=a");
        assert_eq!(Room::of(&body), Room::Small);
        let file = Body::from(vec![0; FORM_BYTES + 1]);
        assert_eq!(Room::of(&file), Room::Large);
        let pieces = futures::stream::empty::<std::io::Result<Bytes>>();
        let silent = Body::from_stream(pieces);
        assert_eq!(Room::of(&silent), Room::Large);
    }
}
