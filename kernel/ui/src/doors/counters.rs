//! What the doors did; read by `/metrics`.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

#[derive(Default)]
pub(crate) struct Counters {
    requests: AtomicU64,
    faults: AtomicU64,
    refused: AtomicU64,
    displaced: AtomicU64,
    timed_out: AtomicU64,
    crowded_bodies: AtomicU64,
    over_budget: AtomicU64,
}

macro_rules! counted {
    ($($(#[$note:meta])* $name:ident => $field:ident;)+) => {
        impl Counters {
            $($(#[$note])* pub(crate) fn $name(&self) {
                self.$field.fetch_add(1, Ordering::Relaxed);
            })+
        }
    };
}

counted! {
    request => requests;
    fault => faults;
    /// A connection for which there was no place.
    refused => refused;
    /// A connection that made room for another.
    displaced => displaced;
    /// A connection that took too long.
    timed_out => timed_out;
    /// A request whose body found no room beside those of others.
    crowded_body => crowded_bodies;
    /// A request beyond the budget of its door.
    over_budget => over_budget;
}

impl Counters {
    /// In the text format of Prometheus.
    pub(crate) fn write(&self, text: &mut String) {
        let all = [
            ("requests", &self.requests),
            ("faults", &self.faults),
            ("connections_refused", &self.refused),
            ("connections_displaced", &self.displaced),
            ("connections_timed_out", &self.timed_out),
            ("bodies_refused", &self.crowded_bodies),
            ("over_budget", &self.over_budget),
        ];
        for (name, counter) in all {
            let value = counter.load(Ordering::Relaxed);
            let _ = writeln!(
                text,
                "# TYPE tongban_{name}_total counter\ntongban_{name}_total {value}"
            );
        }
    }
}
