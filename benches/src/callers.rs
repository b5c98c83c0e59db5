//! So many callers at once, each taking the next piece of work when it has done one.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::JoinSet;
use tongban_base::{Problem, Result};

/// Gives what the work gave, in no order. The first failure ends the whole.
pub async fn callers<I, T, F, R>(count: usize, inputs: Vec<I>, work: F) -> Result<Vec<T>>
where
    I: Send + 'static,
    T: Send + 'static,
    F: Fn(I) -> R + Clone + Send + 'static,
    R: Future<Output = Result<T>> + Send,
{
    let queue = Arc::new(Mutex::new(inputs.into_iter()));
    let mut tasks = JoinSet::new();
    for _ in 0..count {
        let (queue, work) = (Arc::clone(&queue), work.clone());
        tasks.spawn(async move {
            let mut done = Vec::new();
            loop {
                let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
                let Some(input) = next else {
                    return Ok(done);
                };
                done.push(work(input).await?);
            }
        });
    }
    let mut all = Vec::new();
    while let Some(ended) = tasks.join_next().await {
        let done: Result<Vec<T>> = ended.map_err(Problem::internal)?;
        all.extend(done?);
    }
    Ok(all)
}
