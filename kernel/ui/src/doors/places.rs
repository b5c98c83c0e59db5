//! How many connections there may be, in all and from one address. Where all places are taken, whoever has waited
//! longest without asking for anything makes room. Knows no byte of what is sent.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tongban_base::neighbourhood;

use super::counters::Counters;
use super::pace::Pace;

pub(super) struct Places {
    held: Mutex<Held>,
    most: usize,
    most_per_address: usize,
    counters: Arc<Counters>,
}

#[derive(Default)]
struct Held {
    next: u64,
    seats: HashMap<u64, Seat>,
    /// Those of one address; none of a proxy, behind which there are many people.
    neighbours: HashMap<IpAddr, Vec<u64>>,
}

struct Seat {
    neighbourhood: Option<IpAddr>,
    pace: Arc<Pace>,
    leave: Arc<Notify>,
}

/// Given back when it is dropped.
pub(super) struct Place {
    places: Arc<Places>,
    id: u64,
    leave: Arc<Notify>,
}

impl Places {
    pub(super) fn new(most: usize, most_per_address: usize, counters: Arc<Counters>) -> Self {
        Self {
            held: Mutex::default(),
            most,
            most_per_address,
            counters,
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn taken(&self) -> usize {
        self.held().seats.len()
    }

    /// None when all are taken by people who are being served. `address` is none for a proxy.
    pub(super) fn take(
        self: &Arc<Self>,
        address: Option<IpAddr>,
        pace: &Arc<Pace>,
    ) -> Option<Place> {
        let neighbourhood = address.map(neighbourhood);
        let mut held = self.held();
        let beside = neighbourhood.and_then(|n| held.neighbours.get(&n));
        let crowded = match beside.filter(|ids| ids.len() >= self.most_per_address) {
            Some(ids) => Some(held.longest_waiting(ids.iter().copied())),
            None if held.seats.len() >= self.most => {
                Some(held.longest_waiting(held.seats.keys().copied()))
            }
            None => None,
        };
        if let Some(longest) = crowded {
            let Some(seat) = longest.and_then(|id| held.leave(id)) else {
                self.counters.refused();
                return None;
            };
            seat.leave.notify_one();
            self.counters.displaced();
        }
        let (id, leave) = (held.next, Arc::new(Notify::new()));
        held.next += 1;
        if let Some(neighbourhood) = neighbourhood {
            held.neighbours.entry(neighbourhood).or_default().push(id);
        }
        let seat = Seat {
            neighbourhood,
            pace: Arc::clone(pace),
            leave: Arc::clone(&leave),
        };
        held.seats.insert(id, seat);
        Some(Place {
            places: Arc::clone(self),
            id,
            leave,
        })
    }
}

impl Held {
    fn longest_waiting(&self, ids: impl Iterator<Item = u64>) -> Option<u64> {
        ids.filter_map(|id| Some((self.seats.get(&id)?.pace.waiting_since()?, id)))
            .min()
            .map(|(_, id)| id)
    }

    fn leave(&mut self, id: u64) -> Option<Seat> {
        let seat = self.seats.remove(&id)?;
        if let Some(neighbourhood) = seat.neighbourhood
            && let Some(ids) = self.neighbours.get_mut(&neighbourhood)
        {
            ids.retain(|other| *other != id);
            if ids.is_empty() {
                self.neighbours.remove(&neighbourhood);
            }
        }
        Some(seat)
    }
}

impl Place {
    /// Somebody else needs it.
    pub(super) async fn is_needed(&self) {
        self.leave.notified().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.held().leave(self.id);
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::time::Duration;

    use super::super::pace::{Patience, Phase};
    use super::*;

    fn address(last: u8) -> Option<IpAddr> {
        Some(IpAddr::from([192, 0, 2, last]))
    }

    fn waiting() -> Arc<Pace> {
        Arc::new(Pace::new(Patience::default(), Arc::default()))
    }

    fn served() -> Arc<Pace> {
        let pace = waiting();
        pace.enter(Phase::Answering);
        pace
    }

    fn places(most: usize, most_per_address: usize) -> Arc<Places> {
        Arc::new(Places::new(most, most_per_address, Arc::default()))
    }

    #[tokio::test(start_paused = true)]
    async fn the_longest_waiting_of_an_address_makes_room_for_the_next_of_it() {
        let places = places(10, 2);
        let first = places.take(address(1), &waiting()).unwrap();
        tokio::time::advance(Duration::from_millis(1)).await;
        let second = places.take(address(1), &served()).unwrap();
        let other = places.take(address(2), &waiting()).unwrap();
        let third = places.take(address(1), &served()).unwrap();
        first.is_needed().await;
        assert_eq!(places.taken(), 3);
        assert!(places.take(address(1), &waiting()).is_none());
        drop((first, second, other, third));
        assert_eq!(places.taken(), 0);
        assert!(places.held().neighbours.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn when_all_places_are_taken_whoever_waits_longest_goes() {
        let places = places(2, 2);
        let first = places.take(address(1), &waiting()).unwrap();
        let second = places.take(address(2), &served()).unwrap();
        let third = places.take(None, &served()).unwrap();
        first.is_needed().await;
        assert!(places.take(address(3), &waiting()).is_none());
        drop(second);
        assert!(places.take(address(3), &waiting()).is_some());
        drop(third);
    }
}
