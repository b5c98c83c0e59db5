//! How many bytes of bodies are in the house at once, read or still worked on. Knows nothing of what they say.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hyper::body::{Frame, SizeHint};
use tongban_base::{Kind, Problem};

use crate::App;
use crate::fault::Fault;

pub(super) struct Bodies {
    held: AtomicUsize,
    most: usize,
}

impl Bodies {
    pub(super) fn new(most: usize) -> Self {
        Self {
            held: AtomicUsize::new(0),
            most,
        }
    }

    pub(super) fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }
}

/// What one request holds, given back when its answer is there.
struct Share {
    bodies: Arc<Bodies>,
    held: AtomicUsize,
    is_refused: AtomicBool,
}

impl Share {
    fn take(&self, bytes: usize) -> bool {
        let before = self.bodies.held.fetch_add(bytes, Ordering::Relaxed);
        self.held.fetch_add(bytes, Ordering::Relaxed);
        let fits = before + bytes <= self.bodies.most;
        if !fits {
            self.is_refused.store(true, Ordering::Relaxed);
        }
        fits
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let held = self.held.load(Ordering::Relaxed);
        self.bodies.held.fetch_sub(held, Ordering::Relaxed);
    }
}

/// Middleware: a body finds room beside those of others, or its request is refused, whatever its handler makes of it.
pub(crate) async fn account(State(app): State<App>, request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let doors = app.doors();
    let share = Arc::new(Share {
        bodies: Arc::clone(&doors.0.bodies),
        held: AtomicUsize::new(0),
        is_refused: AtomicBool::new(false),
    });
    let counted = Arc::clone(&share);
    let request = request.map(|body| {
        Body::new(Counted {
            body,
            share: counted,
        })
    });
    let response = next.run(request).await;
    if !share.is_refused.load(Ordering::Relaxed) {
        return response;
    }
    doors.counters().crowded_body();
    Fault::from(crowded()).into_response()
}

fn crowded() -> Problem {
    Problem::new(
        Kind::Unavailable,
        "input.crowded",
        "现在提交的人较多，请过一会儿再试",
    )
    .with_retry_after(10)
}

struct Counted {
    body: Body,
    share: Arc<Share>,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &frame {
            let bytes = frame.data_ref().map_or(0, Bytes::len);
            if !self.share.take(bytes) {
                let cause = std::io::Error::from(std::io::ErrorKind::QuotaExceeded);
                return Poll::Ready(Some(Err(axum::Error::new(cause))));
            }
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
