//! How many bytes of bodies are in the house at once, read or still worked on. Small bodies and large ones have rooms of
//! their own, and an address no more than its share of each. A file that fits once others are done waits a little before
//! it is taken in. Knows nothing of what they say.

use std::collections::HashMap;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hyper::body::{Frame, SizeHint};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};
use tongban_base::{Kind, Problem, neighbourhood};

use super::{DoorSettings, Visitor, is_among};
use crate::App;
use crate::fault::Fault;
use crate::server::FORM_BYTES;

/// One address has one part of so many of a room.
const SHARES: usize = 4;

/// Less than a connection may be silent (`Patience`).
const LONGEST_WAIT: Duration = Duration::from_secs(10);

const MOST_WAITING: usize = 64;

/// By what a body says of its length before it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Room {
    /// Forms. Whoever floods with files keeps nobody from logging in.
    Small,
    Large,
    /// Where those stand who wait for room among the large: by heads, not by bytes.
    Waiting,
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
            Self::Waiting => MOST_WAITING,
        }
    }
}

/// Whose bytes: those of an address, or of everybody together.
type Owner = Option<IpAddr>;

pub(super) struct Bodies {
    held: Mutex<HashMap<(Room, Owner), usize>>,
    most: usize,
    /// What one body may bring at this moment.
    permitted: AtomicUsize,
    /// Somebody gave back what he held.
    freed: Notify,
}

impl Bodies {
    pub(super) fn new(most: usize) -> Self {
        Self {
            held: Mutex::default(),
            most,
            permitted: AtomicUsize::new(0),
            freed: Notify::new(),
        }
    }

    /// However small its share, an address may bring one body of this size.
    fn permit(&self, bytes: usize) {
        self.permitted.store(bytes, Ordering::Relaxed);
    }

    fn room_for(&self, room: Room, owner: Owner) -> usize {
        let all = room.holds(self.most);
        match (owner, room) {
            (None, _) => all,
            (Some(_), Room::Large) => {
                let permitted = self.permitted.load(Ordering::Relaxed);
                (all / SHARES).max(permitted.min(all))
            }
            (Some(_), Room::Small | Room::Waiting) => all / SHARES,
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
        let mut held = self.lock();
        let fits = owners(address).all(|owner| {
            let before = held.get(&(room, owner)).copied().unwrap_or_default();
            before.saturating_add(bytes) <= self.room_for(room, owner)
        });
        if fits {
            for owner in owners(address) {
                *held.entry((room, owner)).or_default() += bytes;
            }
        }
        fits
    }

    fn give_back(&self, room: Room, address: Option<IpAddr>, bytes: usize) {
        {
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
        self.freed.notify_waiters();
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
    fn new(bodies: &Arc<Bodies>, room: Room, address: Option<IpAddr>) -> Self {
        Self {
            bodies: Arc::clone(bodies),
            room,
            address,
            held: AtomicUsize::new(0),
            is_refused: AtomicBool::new(false),
        }
    }

    fn take(&self, bytes: usize) -> bool {
        let fits = self.bodies.take(self.room, self.address, bytes);
        if fits {
            self.held.fetch_add(bytes, Ordering::Relaxed);
        }
        fits
    }

    /// More than there is room for when nobody else is here.
    fn is_too_large(&self, bytes: usize) -> bool {
        owners(self.address).any(|owner| bytes > self.bodies.room_for(self.room, owner))
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let held = self.held.load(Ordering::Relaxed);
        self.bodies.give_back(self.room, self.address, held);
    }
}

/// Room for a whole body before its first byte is read, so that no two who wait hold what the other needs. Whoever finds
/// none waits for those who are being served, not for ever, and not with everybody.
async fn admitted(share: Arc<Share>, bytes: usize) -> bool {
    if share.take(bytes) {
        return true;
    }
    let place = Share::new(&share.bodies, Room::Waiting, share.address);
    if share.is_too_large(bytes) || !place.take(1) {
        return false;
    }
    let until = Instant::now() + LONGEST_WAIT;
    loop {
        let mut freed = Box::pin(share.bodies.freed.notified());
        // From here on no word is missed.
        freed.as_mut().enable();
        if share.take(bytes) {
            return true;
        }
        if timeout_at(until, freed).await.is_err() {
            return share.take(bytes);
        }
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
    let room = Room::of(request.body());
    if room == Room::Large {
        let permitted = app.office().upload_limit.saturating_add(FORM_BYTES);
        doors.0.bodies.permit(permitted);
    }
    let address = counted(doors.settings(), &request);
    let share = Arc::new(Share::new(&doors.0.bodies, room, address));
    let counted = Arc::clone(&share);
    let request = request.map(|body| Body::new(Counted::new(body, counted)));
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

type Admission = Pin<Box<dyn Future<Output = bool> + Send>>;

struct Counted {
    body: Body,
    share: Arc<Share>,
    /// Until there is room for the whole of it.
    admission: Option<Admission>,
    /// What was taken for bytes that are still to come.
    reserved: usize,
}

impl Counted {
    /// A large body that says how long it is has its room from its first byte on; another one as it comes.
    fn new(body: Body, share: Arc<Share>) -> Self {
        let said = body
            .size_hint()
            .upper()
            .filter(|_| share.room == Room::Large);
        let reserved = said.map(|bytes| usize::try_from(bytes).unwrap_or(usize::MAX));
        let admission =
            reserved.map(|bytes| -> Admission { Box::pin(admitted(Arc::clone(&share), bytes)) });
        Self {
            admission,
            reserved: reserved.unwrap_or_default(),
            body,
            share,
        }
    }

    fn refuse(&self) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.share.is_refused.store(true, Ordering::Relaxed);
        let cause = std::io::Error::from(std::io::ErrorKind::QuotaExceeded);
        Poll::Ready(Some(Err(axum::Error::new(cause))))
    }
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = self.get_mut();
        if let Some(admission) = &mut this.admission {
            let is_admitted = ready!(admission.as_mut().poll(cx));
            this.admission = None;
            if !is_admitted {
                this.reserved = 0;
                return this.refuse();
            }
        }
        let frame = ready!(Pin::new(&mut this.body).poll_frame(cx));
        if let Some(Ok(frame)) = &frame {
            let bytes = frame.data_ref().map_or(0, Bytes::len);
            let beyond = bytes.saturating_sub(this.reserved);
            this.reserved = this.reserved.saturating_sub(bytes);
            if beyond > 0 && !this.share.take(beyond) {
                return this.refuse();
            }
        }
        Poll::Ready(frame)
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

    #[test]
    fn an_address_may_bring_one_file_of_the_permitted_size_however_small_its_share() {
        let bodies = Bodies::new(ALL);
        bodies.permit(500);
        assert!(bodies.take(Room::Large, at("192.0.2.1"), 500));
        assert!(!bodies.take(Room::Large, at("192.0.2.1"), 1));
        assert!(bodies.take(Room::Large, at("192.0.2.2"), 500));
        assert!(
            !bodies.take(Room::Large, at("192.0.2.3"), 201),
            "all of it stays bounded"
        );
        assert!(!bodies.take(Room::Small, at("192.0.2.1"), 101));
    }

    fn share(bodies: &Arc<Bodies>, address: &str) -> Arc<Share> {
        Arc::new(Share::new(bodies, Room::Large, at(address)))
    }

    #[tokio::test(start_paused = true)]
    async fn of_two_files_at_the_same_moment_the_second_waits_for_the_first() {
        let bodies = Arc::new(Bodies::new(ALL));
        let (first, second) = (share(&bodies, "192.0.2.1"), share(&bodies, "192.0.2.1"));
        let file = |share: &Arc<Share>| {
            let body = Counted::new(Body::from(vec![b'x'; 200]), Arc::clone(share));
            axum::body::to_bytes(Body::new(body), ALL)
        };
        assert_eq!(file(&first).await.unwrap().len(), 200);
        let waiting = tokio::spawn(file(&second));
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert!(!waiting.is_finished());
        assert_eq!(bodies.held(), 200, "who waits holds nothing");
        drop(first);
        assert_eq!(waiting.await.unwrap().unwrap().len(), 200);
        // Nobody waits for ever.
        let third = share(&bodies, "192.0.2.1");
        let begun = Instant::now();
        assert!(file(&third).await.is_err());
        assert!(third.is_refused.load(Ordering::Relaxed));
        assert!(begun.elapsed() >= LONGEST_WAIT);
        drop((second, third));
        assert!(bodies.lock().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_is_bounded_and_what_never_fits_does_not_wait() {
        let bodies = Arc::new(Bodies::new(ALL));
        let held = share(&bodies, "192.0.2.1");
        assert!(admitted(Arc::clone(&held), 300).await);
        for _ in 0..MOST_WAITING / SHARES {
            tokio::spawn(admitted(share(&bodies, "192.0.2.1"), 200));
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        let begun = Instant::now();
        assert!(!admitted(share(&bodies, "192.0.2.1"), 200).await);
        assert!(!admitted(share(&bodies, "192.0.2.2"), 301).await);
        assert_eq!(begun.elapsed(), Duration::ZERO);
        assert!(
            admitted(share(&bodies, "192.0.2.2"), 300).await,
            "another address"
        );
    }
}
