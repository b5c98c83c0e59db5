//! The pool. A network may lose a connection without a word: whatever was opened before a silence was seen is given up.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use deadpool_postgres::{
    ClientWrapper, Hook, HookError, Manager, ManagerConfig, Metrics, Object, Pool, RecyclingMethod,
    Runtime,
};
use tokio_postgres::NoTls;
use tongban_base::{Problem, Result};
use tongban_outward::Distrust;

use super::Patience;
use super::address::Address;
use super::encryption::Encryption;
use crate::error;

const POOL: usize = 16;
/// How long a request waits for its turn.
const TURN: Duration = Duration::from_secs(10);
const CONNECT: Duration = Duration::from_secs(5);

#[derive(Clone)]
pub(super) struct Connections {
    pool: Pool,
    silence: Silence,
}

#[derive(Clone)]
struct Silence {
    patience: Patience,
    /// When a connection was last seen to be silent.
    seen: Arc<Mutex<Option<Instant>>>,
}

impl Connections {
    pub(super) fn open(url: &str, patience: Patience) -> Result<Self> {
        let Address {
            mut config,
            trusted,
        } = Address::parse(url)?;
        config
            .connect_timeout(CONNECT)
            .tcp_user_timeout(TURN)
            .keepalives_idle(TURN)
            .keepalives_interval(Duration::from_secs(3))
            .keepalives_retries(3);
        let recycling = ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        };
        let manager = match trusted {
            None => Manager::from_config(config, NoTls, recycling),
            Some(trusted) => {
                Manager::from_config(config, Encryption::trusting(&trusted), recycling)
            }
        };
        let silence = Silence {
            patience,
            seen: Arc::default(),
        };
        let heard = silence.clone();
        let pool = Pool::builder(manager)
            .max_size(POOL)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(TURN))
            .create_timeout(Some(CONNECT))
            .recycle_timeout(Some(CONNECT))
            .pre_recycle(Hook::async_fn(move |client, metrics| {
                let heard = heard.clone();
                Box::pin(async move { heard.replies(client, metrics).await })
            }))
            .build()
            .map_err(Problem::internal)?;
        Ok(Self { pool, silence })
    }

    /// At the start: a server whose certificate is not believed is told in words.
    pub(super) async fn try_one(&self) -> Result<()> {
        let outcome = self.pool.get().await.map(drop);
        outcome.map_err(|cause| match Distrust::behind(&cause) {
            Some(why) => error::distrusted(&why),
            None => error::unavailable(cause),
        })
    }

    pub(super) async fn get(&self) -> Result<Object> {
        self.pool.get().await.map_err(error::unavailable)
    }

    /// One of them did not answer: none that is open now is used again.
    pub(super) fn suspect(&self) {
        self.silence.seen();
    }
}

impl Silence {
    fn seen(&self) {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    fn since(&self, moment: Instant) -> bool {
        let last = *self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        last.is_some_and(|last| moment <= last)
    }

    async fn replies(
        &self,
        client: &ClientWrapper,
        metrics: &Metrics,
    ) -> std::result::Result<(), HookError> {
        if self.since(metrics.created) {
            return Err(HookError::message("opened before a silence"));
        }
        if metrics.last_used() < self.patience.rest {
            return Ok(());
        }
        match tokio::time::timeout(self.patience.reply, client.simple_query("")).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(cause)) => Err(HookError::Backend(cause)),
            Err(_) => {
                self.seen();
                Err(HookError::message("silent"))
            }
        }
    }
}
