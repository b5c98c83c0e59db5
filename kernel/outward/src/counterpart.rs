//! Another system at the end of a wire: its address, and one request on a connection of its own. HTTP/1.1; no
//! redirection is followed and no proxy asked.

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST, HeaderMap};
use hyper::{Request, http};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;
use url::{Host, Url};

use crate::{Authorities, Distrust};

/// For reaching the machine, and once more for agreeing on the encryption.
const CONNECT: Duration = Duration::from_secs(3);
/// Answers of counterparts are small; a longer one is not from them.
const LARGEST_ANSWER: usize = 64 * 1024;

/// An address that was judged when the program started.
#[derive(Clone)]
pub struct Counterpart {
    host: String,
    port: u16,
    /// As the header `Host` names it.
    authority: String,
    prefix: String,
    encrypted: Option<(TlsConnector, ServerName<'static>)>,
}

/// Why an address is no counterpart's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// Not `http://` or `https://` with a host, perhaps a port and a path, and nothing else.
    Form,
    /// In clear to another machine.
    InClear,
    /// Encrypted, but no authority is named that could vouch for it.
    NoAuthority,
}

/// An answer of any status.
pub struct Answer {
    pub status: u16,
    pub body: Bytes,
    headers: HeaderMap,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers.get(name).map(|value| value.as_bytes())
    }
}

/// No answer, and why.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    #[error("请求写不成：{0}")]
    Unsendable(http::Error),
    #[error("连接不上：{0}")]
    Unreachable(io::Error),
    /// Nothing was sent.
    #[error("{0}")]
    Distrusted(Distrust),
    /// Nothing was sent.
    #[error("加密连接没有建立：{0}")]
    NoEncryption(io::Error),
    #[error("连接中断：{0}")]
    Broken(hyper::Error),
    #[error("应答读不完：{0}")]
    Incomplete(Box<dyn std::error::Error + Send + Sync>),
    #[error("{0} 秒内没有应答")]
    Late(u64),
}

impl Counterpart {
    /// `http://` is for this machine only, `https://` for whom one of the authorities vouches for.
    pub fn at(url: &str, trusted: Option<&Authorities>) -> Result<Self, Unusable> {
        let url = Url::parse(url).map_err(|_| Unusable::Form)?;
        let surplus = !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
            || url.fragment().is_some();
        let (Some(host), Some(port), false) = (url.host(), url.port_or_known_default(), surplus)
        else {
            return Err(Unusable::Form);
        };
        let name = match &host {
            Host::Ipv6(address) => address.to_string(),
            other => other.to_string(),
        };
        let encrypted = match (url.scheme(), trusted) {
            ("http", _) if is_this_machine(&name) => None,
            ("http", _) => return Err(Unusable::InClear),
            ("https", None) => return Err(Unusable::NoAuthority),
            ("https", Some(trusted)) => Some((trusted.config().into(), server_name(&host)?)),
            _ => return Err(Unusable::Form),
        };
        Ok(Self {
            authority: match url.port() {
                Some(port) => format!("{host}:{port}"),
                None => host.to_string(),
            },
            host: name,
            port,
            prefix: url.path().trim_end_matches('/').to_owned(),
            encrypted,
        })
    }

    /// Host and port, as its address names them.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The whole path of what lies at `path` there.
    pub fn path(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }

    /// Posts JSON and gives the answer, all within `patience`.
    pub async fn post(
        &self,
        patience: Duration,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<Answer, Unanswered> {
        let outcome = within(patience, self.exchange(path, headers, body)).await;
        if let Err(why @ (Unanswered::Distrusted(_) | Unanswered::NoEncryption(_))) = &outcome {
            tracing::warn!(counterpart = self.authority, %why, "nothing was sent");
        }
        outcome
    }

    async fn exchange(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<Answer, Unanswered> {
        let request = self.request(path, headers, body);
        let request = request.map_err(Unanswered::Unsendable)?;
        let stream = within(CONNECT, self.reach()).await?;
        match &self.encrypted {
            None => talk(stream, request).await,
            Some((connector, name)) => {
                let shaking = shake(connector, name.clone(), stream);
                talk(within(CONNECT, shaking).await?, request).await
            }
        }
    }

    fn request(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> http::Result<Request<Full<Bytes>>> {
        let mut request = Request::post(self.path(path))
            .header(HOST, &self.authority)
            .header(CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(Full::from(body))
    }

    async fn reach(&self) -> Result<TcpStream, Unanswered> {
        let reached = async {
            let stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
            // Whatever a name server makes of `localhost`.
            if self.encrypted.is_none() && !stream.peer_addr()?.ip().is_loopback() {
                return Err(io::Error::other("localhost 不是本机"));
            }
            Ok(stream)
        };
        reached.await.map_err(Unanswered::Unreachable)
    }
}

/// Whether what is said to this host, a name or an address without brackets, stays on the machine.
pub fn is_this_machine(host: &str) -> bool {
    let is_loopback = |address: IpAddr| address.is_loopback();
    host == "localhost" || host.parse().is_ok_and(is_loopback)
}

fn server_name(host: &Host<&str>) -> Result<ServerName<'static>, Unusable> {
    match host {
        Host::Domain(name) => ServerName::try_from((*name).to_owned()).map_err(|_| Unusable::Form),
        Host::Ipv4(address) => Ok(std::net::IpAddr::from(*address).into()),
        Host::Ipv6(address) => Ok(std::net::IpAddr::from(*address).into()),
    }
}

async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, Unanswered>>,
) -> Result<T, Unanswered> {
    match timeout(limit, work).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Unanswered::Late(limit.as_secs())),
    }
}

async fn shake(
    connector: &TlsConnector,
    name: ServerName<'static>,
    stream: TcpStream,
) -> Result<TlsStream<TcpStream>, Unanswered> {
    let shaken = connector.connect(name, stream).await;
    shaken.map_err(|cause| match Distrust::behind(&cause) {
        Some(why) => Unanswered::Distrusted(why),
        None => Unanswered::NoEncryption(cause),
    })
}

async fn talk<S>(stream: S, request: Request<Full<Bytes>>) -> Result<Answer, Unanswered>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(Unanswered::Broken)?;
    // Ends with the sender; its error reaches us through the request.
    tokio::spawn(connection);
    let response = sender.send_request(request).await;
    let (head, body) = response.map_err(Unanswered::Broken)?.into_parts();
    let body = Limited::new(body, LARGEST_ANSWER).collect().await;
    Ok(Answer {
        status: head.status.as_u16(),
        headers: head.headers,
        body: body.map_err(Unanswered::Incomplete)?.to_bytes(),
    })
}
