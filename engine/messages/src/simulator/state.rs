//! What the simulated gateway was told to do and what it has taken. Knows no socket.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

/// What becomes of the messages that are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptChoice {
    #[default]
    Delivered,
    Failed,
    /// No receipt ever comes.
    None,
}

/// How the gateway behaves from now on; `PUT /control` takes it as JSON.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Behaviour {
    /// So many requests are answered 503.
    pub fail: u32,
    /// So many requests are answered 422.
    pub refuse: u32,
    /// How long each answer takes.
    pub answer_delay_ms: u64,
    /// How long after its message each receipt comes.
    pub receipt_delay_ms: u64,
    pub receipt: ReceiptChoice,
    /// Each receipt comes twice.
    pub duplicate: bool,
}

/// An SMS as the telephone would show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SimulatedSms {
    pub reference: String,
    pub mobile: String,
    pub text: String,
    /// How often it was handed in; it is shown once all the same.
    pub requests: u32,
}

/// What to answer to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Fail,
    Refuse,
    Take { fresh: bool },
}

pub(super) struct State {
    inner: Mutex<Inner>,
    /// How many receipts have been answered.
    receipts: watch::Sender<u64>,
}

#[derive(Default)]
struct Inner {
    behaviour: Behaviour,
    messages: BTreeMap<String, SimulatedSms>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            inner: Mutex::default(),
            receipts: watch::Sender::new(0),
        }
    }
}

impl State {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn control(&self, behaviour: Behaviour) {
        self.lock().behaviour = behaviour;
    }

    pub fn behaviour(&self) -> Behaviour {
        self.lock().behaviour.clone()
    }

    pub fn messages(&self) -> Vec<SimulatedSms> {
        self.lock().messages.values().cloned().collect()
    }

    /// Judges one request and, if it is taken, keeps the message once per reference.
    pub fn take(&self, reference: &str, mobile: &str, text: &str) -> Verdict {
        let mut inner = self.lock();
        if inner.behaviour.fail > 0 {
            inner.behaviour.fail -= 1;
            return Verdict::Fail;
        }
        if inner.behaviour.refuse > 0 {
            inner.behaviour.refuse -= 1;
            return Verdict::Refuse;
        }
        let message = inner.messages.entry(reference.to_owned());
        let message = message.or_insert_with(|| SimulatedSms {
            reference: reference.to_owned(),
            mobile: mobile.to_owned(),
            text: text.to_owned(),
            requests: 0,
        });
        message.requests += 1;
        Verdict::Take {
            fresh: message.requests == 1,
        }
    }

    pub fn receipt_answered(&self) {
        self.receipts.send_modify(|count| *count += 1);
    }

    pub async fn receipts_answered(&self, wanted: u64) {
        let mut receipts = self.receipts.subscribe();
        // The sender lives as long as this state, so the wait ends only when it is fulfilled.
        let _ = receipts.wait_for(|count| *count >= wanted).await;
    }
}
