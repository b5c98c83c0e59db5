//! The log of the program, on its error stream. Whoever logs never waits and never falls: lines go through a queue of
//! bounded length to a thread of their own. A line that cannot be written is counted, and `/readyz` tells.

use std::io::{self, Write};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use tracing_subscriber::fmt::MakeWriter;

/// Lines that may wait while the stream takes none.
const WAITING: usize = 4096;
/// What waits at the end of the program may still be written in this time.
const LAST: Duration = Duration::from_millis(500);

static LOST: AtomicU64 = AtomicU64::new(0);
static LAST_LOST: Mutex<Option<Instant>> = Mutex::new(None);

enum Message {
    Line(Vec<u8>),
    Flush(SyncSender<()>),
}

/// Where lines are handed in.
#[derive(Clone)]
pub struct Log(SyncSender<Message>);

impl Log {
    /// Writes to the error stream.
    pub fn begin() -> Self {
        Self::to(io::stderr())
    }

    pub fn to(stream: impl Write + Send + 'static) -> Self {
        let (lines, waiting) = sync_channel(WAITING);
        let thread = std::thread::Builder::new().name("log".into());
        if thread.spawn(move || write_all(waiting, stream)).is_err() {
            note_loss();
        }
        Self(lines)
    }

    /// Waits a moment for what was logged last.
    pub fn finish(&self) {
        let (done, written) = sync_channel(1);
        if self.0.try_send(Message::Flush(done)).is_ok() {
            let _ = written.recv_timeout(LAST);
        }
    }
}

/// How many lines were lost, and when the last.
pub fn lost() -> (u64, Option<Instant>) {
    let last = *LAST_LOST.lock().unwrap_or_else(PoisonError::into_inner);
    (LOST.load(Ordering::Relaxed), last)
}

/// To whoever started the program, if anybody still listens.
pub fn say(words: &str) {
    let _ = writeln!(io::stdout(), "{words}");
}

fn note_loss() {
    LOST.fetch_add(1, Ordering::Relaxed);
    *LAST_LOST.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
}

fn write_all(waiting: Receiver<Message>, mut stream: impl Write) {
    for message in waiting {
        match message {
            Message::Line(line) => {
                if stream.write_all(&line).is_err() {
                    note_loss();
                }
            }
            Message::Flush(done) => {
                let _ = stream.flush();
                let _ = done.try_send(());
            }
        }
    }
}

impl Write for Log {
    /// A whole line at once, as the formatter gives it.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.0.try_send(Message::Line(line.to_vec())).is_err() {
            note_loss();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Log;

    fn make_writer(&'a self) -> Self::Writer {
        self.clone()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// A pipe whose reader has gone, a full disk.
    struct Broken;

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::StorageFull.into())
        }
    }

    /// A pipe whose reader reads nothing.
    struct Stuck;

    impl Write for Stuck {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            loop {
                std::thread::park();
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_log_that_cannot_be_written_ends_nobody_and_is_counted() {
        let before = lost().0;
        let mut log = Log::to(Broken);
        log.write_all(b"one\n").unwrap();
        log.finish();
        assert!(lost().0 > before);
        let before = lost().0;
        let mut log = Log::to(Stuck);
        for _ in 0..2 * WAITING {
            log.write_all(b"many\n").unwrap();
        }
        assert!(lost().0 > before);
    }
}
