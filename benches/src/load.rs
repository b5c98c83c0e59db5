//! Requests a second of one page over several connections.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::JoinSet;
use tongban_base::{Problem, Result};

use crate::client::Connection;

const CONNECTIONS: usize = 32;

/// What some seconds of one request came to.
pub struct Load {
    pub per_second: f64,
    /// Bytes of one answer.
    pub size: usize,
}

/// Asks again and again for `time`; every answer must be 200.
pub async fn load(server: SocketAddr, request: &[u8], time: Duration) -> Result<Load> {
    let request: Arc<[u8]> = request.into();
    let mut tasks = JoinSet::new();
    let begun = Instant::now();
    for _ in 0..CONNECTIONS {
        let request = Arc::clone(&request);
        tasks.spawn(async move {
            let mut connection = Connection::open(server).await?;
            let (mut answers, mut size) = (0_u32, 0);
            while begun.elapsed() < time {
                let answer = connection.ask(&request).await?;
                if answer.status != 200 {
                    let words = format!("status {} under load", answer.status);
                    return Err(Problem::internal(words));
                }
                answers += 1;
                size = answer.size;
            }
            Ok((answers, size))
        });
    }
    let (mut answers, mut size) = (0, 0);
    while let Some(ended) = tasks.join_next().await {
        let (more, last) = ended.map_err(Problem::internal)??;
        answers += more;
        size = last;
    }
    Ok(Load {
        per_second: f64::from(answers) / begun.elapsed().as_secs_f64(),
        size,
    })
}

/// Asks so often a second on each of some connections until `enough`; every answer must be 200. The times of all
/// answers, in seconds, sorted.
pub async fn steady(
    server: SocketAddr,
    request: &[u8],
    per_second: u32,
    enough: watch::Receiver<bool>,
) -> Result<Vec<f64>> {
    let request: Arc<[u8]> = request.into();
    let mut tasks = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let (request, enough) = (Arc::clone(&request), enough.clone());
        tasks.spawn(async move {
            let mut connection = Connection::open(server).await?;
            let mut turn =
                tokio::time::interval(CONNECTIONS as u32 * Duration::from_secs(1) / per_second);
            let mut times = Vec::new();
            while !*enough.borrow() {
                let due = turn.tick().await;
                let answer = connection.ask(&request).await?;
                if answer.status != 200 {
                    let words = format!("status {} under load", answer.status);
                    return Err(Problem::internal(words));
                }
                times.push(due.elapsed().as_secs_f64());
            }
            Ok(times)
        });
    }
    let mut times = Vec::new();
    while let Some(ended) = tasks.join_next().await {
        times.extend(ended.map_err(Problem::internal)??);
    }
    times.sort_by(f64::total_cmp);
    Ok(times)
}

/// The middle one of an odd number of measurements.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
