//! Watches over a reader: an input that ends the whole process lies in a file afterwards, one that never ends is
//! stopped, and what is held at once is counted.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Whoever works longer on one input does not come to an end, on however busy a machine.
const ENDLESS: Duration = Duration::from_secs(120);
const LOOK: Duration = Duration::from_secs(1);

pub(super) struct Watch {
    at_hand: PathBuf,
    since: Arc<Mutex<Instant>>,
}

impl Watch {
    #[expect(
        clippy::expect_used,
        reason = "a test that cannot be watched over cannot go on"
    )]
    pub(super) fn begin() -> Self {
        let name = format!("tongban-fuzz-{}", std::process::id());
        let at_hand = std::env::temp_dir().join(name);
        eprintln!(
            "an input that ends the process lies in {}",
            at_hand.display()
        );
        let since = Arc::new(Mutex::new(Instant::now()));
        let watched = Arc::downgrade(&since);
        let look = move || {
            while let Some(since) = watched.upgrade() {
                let since = *since.lock().unwrap_or_else(PoisonError::into_inner);
                if since.elapsed() > ENDLESS {
                    eprintln!("an input that never comes to an end");
                    std::process::abort();
                }
                thread::sleep(LOOK);
            }
        };
        thread::Builder::new().spawn(look).expect("a thread");
        Self { at_hand, since }
    }

    /// From here on the reader works on `input`.
    #[expect(
        clippy::expect_used,
        reason = "a test that cannot be watched over cannot go on"
    )]
    pub(super) fn over(&self, input: &[u8]) -> Held {
        std::fs::write(&self.at_hand, input).expect("a file");
        *self.since.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        // From now on the peak is counted anew (proc(5)).
        std::fs::write("/proc/self/clear_refs", "5").expect("the peak of this process");
        Held(of_this_process("VmRSS:"))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // One that was never written is gone as well.
        let _ = std::fs::remove_file(&self.at_hand);
    }
}

/// What was held when the reader began.
pub(super) struct Held(usize);

impl Held {
    /// Bytes held at most since then.
    pub(super) fn most(&self) -> usize {
        of_this_process("VmHWM:").saturating_sub(self.0)
    }
}

/// A figure of the process in bytes. Each test has a process of its own.
fn of_this_process(figure: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(figure));
    let kilobytes = line.and_then(|rest| rest.trim().strip_suffix("kB")?.trim().parse().ok());
    kilobytes.unwrap_or(0) * 1024
}
