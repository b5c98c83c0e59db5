//! A caller's closure on its way to a transaction: run there, perhaps again, then answered once.

use std::sync::Arc;

use tokio::sync::oneshot;
use tongban_base::{Problem, Result};

use crate::db::Fut;
use crate::upkeep::without_panic;
use crate::{Tx, error};

pub(crate) trait Task: Send {
    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> Fut<'t, ()>;
    fn answer(self: Box<Self>, outcome: std::result::Result<(), Problem>);
}

struct Call<I, T, F> {
    input: Arc<I>,
    body: F,
    value: Option<T>,
    reply: Option<oneshot::Sender<Result<T>>>,
}

impl<I, T, F> Task for Call<I, T, F>
where
    I: Send + Sync + 'static,
    T: Send + 'static,
    F: for<'t> Fn(&'t mut Tx, &'t I) -> Fut<'t, T> + Send + Sync + 'static,
{
    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> Fut<'t, ()> {
        self.value = None;
        let (body, input, value) = (&self.body, &self.input, &mut self.value);
        Box::pin(async move {
            *value = Some(without_panic(async { body(tx, input).await }).await?);
            Ok(())
        })
    }

    fn answer(mut self: Box<Self>, outcome: std::result::Result<(), Problem>) {
        let Some(reply) = self.reply.take() else {
            return;
        };
        let result = match (outcome, self.value.take()) {
            (Ok(()), Some(value)) => Ok(value),
            (Ok(()), None) => Err(error::stopped()),
            (Err(problem), _) => Err(problem),
        };
        // The caller may have gone; its work is committed all the same.
        let _ = reply.send(result);
    }
}

pub(crate) type Answer<T> = oneshot::Receiver<Result<T>>;

pub(crate) fn call<I, T, F>(input: I, body: F) -> (Box<dyn Task>, Answer<T>)
where
    I: Send + Sync + 'static,
    T: Send + 'static,
    F: for<'t> Fn(&'t mut Tx, &'t I) -> Fut<'t, T> + Send + Sync + 'static,
{
    let (reply, answer) = oneshot::channel();
    let task = Call {
        input: Arc::new(input),
        body,
        value: None,
        reply: Some(reply),
    };
    (Box::new(task), answer)
}
