//! What has to run as long as the program does: threads and tasks that are watched, and begun anew after a panic.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::FutureExt;
use tongban_base::{Problem, Result};

/// Between a fall and the next beginning, so that what falls at once does not eat the processor.
const PAUSE: Duration = Duration::from_millis(500);

#[derive(Clone, Default)]
pub struct Upkeep(Arc<Mutex<BTreeMap<String, Part>>>);

/// One thread or task.
#[derive(Clone, Debug)]
pub struct Part {
    pub name: String,
    /// How often it was begun anew.
    pub falls: u64,
    pub last_fall: Option<Instant>,
}

impl Upkeep {
    /// Runs `work` until it comes to its end.
    pub async fn keep<F>(&self, name: impl Into<String>, work: impl Fn() -> F)
    where
        F: Future<Output = ()>,
    {
        let name = name.into();
        self.enter(&name);
        while let Err(panic) = AssertUnwindSafe(async { work().await })
            .catch_unwind()
            .await
        {
            self.fell(&name, &*panic);
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// The same on a thread: calls `step` until it says that there is nothing more to do.
    pub fn keep_thread(&self, name: &str, mut step: impl FnMut() -> bool) {
        self.enter(name);
        loop {
            match std::panic::catch_unwind(AssertUnwindSafe(&mut step)) {
                Ok(true) => {}
                Ok(false) => return,
                Err(panic) => {
                    self.fell(name, &*panic);
                    std::thread::sleep(PAUSE);
                }
            }
        }
    }

    pub fn parts(&self) -> Vec<Part> {
        self.known().values().cloned().collect()
    }

    fn enter(&self, name: &str) {
        let part = Part {
            name: name.to_owned(),
            falls: 0,
            last_fall: None,
        };
        self.known().entry(name.to_owned()).or_insert(part);
    }

    fn fell(&self, name: &str, panic: &(dyn Any + Send)) {
        tracing::error!(
            part = name,
            panic = words(panic),
            "a part of the program fell and begins anew"
        );
        if let Some(part) = self.known().get_mut(name) {
            part.falls += 1;
            part.last_fall = Some(Instant::now());
        }
    }

    fn known(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Part>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A panic of `work` is its error, and ends nothing else.
pub async fn without_panic<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(outcome) => outcome,
        Err(panic) => Err(Problem::internal(format!("panicked: {}", words(&*panic)))),
    }
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("without words")
}
