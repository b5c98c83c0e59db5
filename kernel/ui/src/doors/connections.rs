//! Takes connections in and serves HTTP/1.1 on them, within the limits of the doors. Ends them when the server stops:
//! those that wait at once, requests under way within the grace.

use std::convert::Infallible;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::ConnectInfo;
use axum::http::{HeaderValue, Request, Response, StatusCode, header};
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tongban_base::Result;
use tower::ServiceExt;

use super::pace::{Pace, Paced, Phase};
use super::places::Place;
use super::{Doors, is_among};
use crate::security;

/// So many may knock in the same moment: beyond it the system drops them, and they try again only a second later.
const KNOCKING: u32 = 4096;
/// No head of ours is longer, cookies included.
const LONGEST_HEAD: usize = 64 * 1024;
/// Where the system has no room for another connection, it may have in a moment.
const BREATH: Duration = Duration::from_millis(20);
const BUSY: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// Listens where thousands may come at once.
pub fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // A restarted server takes its address again at once.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(KNOCKING)
}

/// Serves until `stop` resolves. Then whoever waits is sent away at once, and requests under way are finished if they
/// can be within the grace.
pub async fn serve(
    doors: Doors,
    router: Router,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    let (closing, closed) = watch::channel(false);
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => take_in(&doors, &router, (stream, peer), &closed),
            Err(cause) => {
                tracing::warn!(%cause, "a connection could not be taken in");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
    drop((listener, closed));
    let _ = closing.send(true);
    closing.closed().await;
    Ok(())
}

fn take_in(
    doors: &Doors,
    router: &Router,
    (stream, peer): (TcpStream, SocketAddr),
    closed: &watch::Receiver<bool>,
) {
    let settings = doors.settings();
    let counters = Arc::clone(&doors.0.counters);
    let pace = Arc::new(Pace::new(settings.patience, counters));
    let Some(place) = doors.0.places.take(counted(doors, peer.ip()), &pace) else {
        // As much as fits without waiting for anybody.
        let _ = stream.try_write(BUSY);
        return;
    };
    let _ = stream.set_nodelay(true);
    let connection = Connection {
        router: router.clone(),
        peer,
        pace,
        closed: closed.clone(),
        grace: settings.grace,
    };
    tokio::spawn(connection.run(stream, place));
}

/// Behind a proxy there are many people.
fn counted(doors: &Doors, peer: IpAddr) -> Option<IpAddr> {
    (!is_among(&doors.settings().proxies, peer)).then_some(peer)
}

struct Connection {
    router: Router,
    peer: SocketAddr,
    pace: Arc<Pace>,
    closed: watch::Receiver<bool>,
    grace: Duration,
}

impl Connection {
    async fn run(self, stream: TcpStream, place: Place) {
        let io = TokioIo::new(Paced::new(stream, Arc::clone(&self.pace)));
        let (router, peer, pace) = (self.router, self.peer, Arc::clone(&self.pace));
        let service =
            service_fn(move |request| answer(router.clone(), peer, Arc::clone(&pace), request));
        let mut closed = self.closed;
        let mut serving = pin!(
            http1::Builder::new()
                .max_buf_size(LONGEST_HEAD)
                .serve_connection(io, service)
        );
        tokio::select! {
            // Who went away, took too long or spoke no HTTP is nobody's fault here.
            _ = serving.as_mut() => return,
            () = self.pace.is_over() => return,
            () = place.is_needed() => return,
            _ = closed.wait_for(|closing| *closing) => {}
        }
        if self.pace.waiting_since().is_some() {
            return;
        }
        serving.as_mut().graceful_shutdown();
        tokio::select! {
            _ = serving => {}
            () = self.pace.is_over() => {}
            () = tokio::time::sleep(self.grace) => {}
        }
    }
}

async fn answer(
    router: Router,
    peer: SocketAddr,
    pace: Arc<Pace>,
    request: Request<Incoming>,
) -> std::result::Result<Response<Body>, Infallible> {
    pace.enter(match request.body().is_end_stream() {
        true => Phase::Answering,
        false => Phase::Body,
    });
    let done = Done(Arc::clone(&pace));
    if request.headers().get_all(header::HOST).iter().count() != 1 {
        return Ok(misaddressed(done));
    }
    let whole = Arc::new(AtomicBool::new(request.body().is_end_stream()));
    let is_whole = Arc::clone(&whole);
    let mut request = request.map(|body| Body::new(Arriving { body, pace, whole }));
    request.extensions_mut().insert(ConnectInfo(peer));
    let mut response = router.oneshot(request).await?;
    if !is_whole.load(Ordering::Relaxed) {
        // The rest of the body stands where the next request would begin.
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    Ok(response.map(|body| Body::new(Leaving { body, _done: done })))
}

/// One request says once whom it is for (RFC 9112, 3.2): two readers could disagree on anything else.
fn misaddressed(done: Done) -> Response<Body> {
    let words = Body::from("请求没有写明网站地址，请从网址重新打开页面\n");
    let mut response = Response::new(Body::new(Leaving {
        body: words,
        _done: done,
    }));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    let headers = response.headers_mut();
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, plain);
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    security::apply(headers, false);
    response
}

/// The body of a request. When it is there, or nobody wants it any more, the visitor waits for us.
struct Arriving {
    body: Incoming,
    pace: Arc<Pace>,
    whole: Arc<AtomicBool>,
}

impl HttpBody for Arriving {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, hyper::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if let Poll::Ready(None) = frame {
            self.pace.enter(Phase::Answering);
        }
        if matches!(frame, Poll::Ready(None)) || self.body.is_end_stream() {
            self.whole.store(true, Ordering::Relaxed);
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

impl Drop for Arriving {
    fn drop(&mut self) {
        if self.pace.phase() == Phase::Body {
            self.pace.enter(Phase::Answering);
        }
    }
}

/// The body of an answer. When it has left, the connection waits for the next request.
struct Leaving {
    body: Body,
    _done: Done,
}

impl HttpBody for Leaving {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

struct Done(Arc<Pace>);

impl Drop for Done {
    fn drop(&mut self) {
        self.0.enter(Phase::Idle);
    }
}
