//! How long a connection may keep us waiting: for a head, for the rest of a body, for its next request, and for reading
//! what it is answered. Knows bytes and time, no request.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::counters::Counters;

const NANOS: u64 = 1_000_000_000;

/// What a visitor is given time for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// From the first byte of a head to its last, and from connecting to the first head.
    pub head: Duration,
    /// Between an answer and the next request.
    pub idle: Duration,
    /// Between two bytes of a body, and between two of an answer that the visitor takes in.
    pub silence: Duration,
    /// What a body may bring slowly at first; afterwards it must come at `slowest` on the average.
    pub body: Duration,
    /// What came faster than that buys so much slowness, and no more.
    pub ahead: Duration,
    /// Bytes a second.
    pub slowest: u32,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            idle: Duration::from_secs(60),
            silence: Duration::from_secs(15),
            body: Duration::from_secs(20),
            ahead: Duration::from_secs(40),
            slowest: 4 * 1024,
        }
    }
}

/// What a connection is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Head,
    Body,
    Answering,
    Idle,
}

/// Shared by the stream, which counts bytes, by the requests on it, and by whoever looks at the time.
pub(super) struct Pace {
    patience: Patience,
    counters: Arc<Counters>,
    now: Mutex<State>,
    /// The next deadline may be an earlier one.
    changed: Notify,
}

#[derive(Clone, Copy)]
struct State {
    phase: Phase,
    since: Instant,
    last: Instant,
    /// Up to when what has come is fast enough.
    paid: Instant,
    /// Since when the visitor has taken nothing in of what waits for him.
    stuck: Option<Instant>,
}

impl State {
    fn new(phase: Phase) -> Self {
        let now = Instant::now();
        Self {
            phase,
            since: now,
            last: now,
            paid: now,
            stuck: None,
        }
    }
}

impl Pace {
    pub(super) fn new(patience: Patience, counters: Arc<Counters>) -> Self {
        Self {
            patience,
            counters,
            now: Mutex::new(State::new(Phase::Head)),
            changed: Notify::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn enter(&self, phase: Phase) {
        {
            let mut state = self.state();
            let stuck = state.stuck;
            *state = State {
                stuck,
                ..State::new(phase)
            };
        }
        self.changed.notify_one();
    }

    pub(super) fn phase(&self) -> Phase {
        self.state().phase
    }

    /// Since when the connection has had a place without asking for anything; none while it is served.
    pub(super) fn waiting_since(&self) -> Option<Instant> {
        let state = self.state();
        matches!(state.phase, Phase::Head | Phase::Idle).then_some(state.since)
    }

    /// The visitor took too long.
    pub(super) async fn is_over(&self) {
        loop {
            let deadline = self.deadline();
            if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
                return self.counters.timed_out();
            }
            let due = async {
                match deadline {
                    Some(deadline) => tokio::time::sleep_until(deadline).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = due => {}
                () = self.changed.notified() => {}
            }
        }
    }

    fn received(&self, bytes: usize) {
        let mut state = self.state();
        state.last = Instant::now();
        let slowest = u64::from(self.patience.slowest.max(1));
        let earned = Duration::from_nanos((bytes as u64).saturating_mul(NANOS) / slowest);
        state.paid = (state.paid + earned).min(state.last + self.patience.ahead);
        if state.phase == Phase::Idle {
            (state.phase, state.since) = (Phase::Head, state.last);
            self.changed.notify_one();
        }
    }

    fn sent(&self, is_stuck: bool) {
        let mut state = self.state();
        match (state.stuck, is_stuck) {
            (None, true) => {
                state.stuck = Some(Instant::now());
                self.changed.notify_one();
            }
            (Some(_), false) => state.stuck = None,
            (Some(_), true) | (None, false) => {}
        }
    }

    /// Until when the next byte must be there, or taken in; none while the visitor waits for us.
    fn deadline(&self) -> Option<Instant> {
        let state = *self.state();
        let read = match state.phase {
            Phase::Head => Some(state.since + self.patience.head),
            Phase::Idle => Some(state.since + self.patience.idle),
            Phase::Body => {
                let whole = state.paid + self.patience.body;
                Some(whole.min(state.last + self.patience.silence))
            }
            Phase::Answering => None,
        };
        let written = state.stuck.map(|since| since + self.patience.silence);
        read.into_iter().chain(written).min()
    }
}

/// A stream whose bytes are counted.
pub(super) struct Paced<S> {
    stream: S,
    pace: Arc<Pace>,
}

impl<S> Paced<S> {
    pub(super) fn new(stream: S, pace: Arc<Pace>) -> Self {
        Self { stream, pace }
    }

    fn sent<T>(&self, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        self.pace.sent(written.is_pending());
        written
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(cx, buffer);
        let bytes = buffer.filled().len() - before;
        if bytes > 0 {
            this.pace.received(bytes);
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(cx, bytes);
        this.sent(written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(cx, bytes);
        this.sent(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = Pin::new(&mut this.stream).poll_flush(cx);
        this.sent(flushed)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let shut = Pin::new(&mut this.stream).poll_shutdown(cx);
        this.sent(shut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_came_fast_buys_no_more_than_a_minute_of_crawling() {
        let pace = Pace::new(Patience::default(), Arc::default());
        pace.enter(Phase::Body);
        pace.received(10 << 20);
        let begun = Instant::now();
        let crawl = async {
            loop {
                tokio::time::sleep(Duration::from_secs(11)).await;
                pace.received(1);
            }
        };
        tokio::select! {
            () = pace.is_over() => {}
            () = crawl => {}
        }
        assert_eq!(begun.elapsed().as_secs(), 60);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_line_has_all_the_time_that_its_body_takes() {
        let pace = Pace::new(Patience::default(), Arc::default());
        pace.enter(Phase::Body);
        let slow = async {
            for _ in 0..600 {
                tokio::time::sleep(Duration::from_secs(1)).await;
                pace.received(4 * 1024);
            }
        };
        tokio::select! {
            () = pace.is_over() => unreachable!("cut off"),
            () = slow => {}
        }
    }
}
