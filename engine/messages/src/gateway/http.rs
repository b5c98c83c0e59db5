//! One signed JSON request over plain HTTP. Knows neither gateways nor messages.

use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Request, StatusCode, Uri, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tongban_base::{Problem, Result};

use super::contract::{ACCOUNT, SIGNATURE, Secret, TIMESTAMP};

/// A gateway that does not answer in this time is tried again later.
const PATIENCE: Duration = Duration::from_secs(8);
/// Answers are small; a longer one is not from a gateway.
const ANSWER_LIMIT: usize = 64 * 1024;

/// An address `http://host[:port][/prefix]`.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    authority: String,
    host: String,
    port: u16,
    prefix: String,
}

impl Address {
    /// `https` is refused: in front of a gateway outside the office's network stands a proxy that speaks TLS.
    pub fn parse(url: &str) -> Result<Self> {
        let faulty = || {
            Problem::invalid(
                "gateway.address",
                format!("网关地址 {url} 不能用，应形如 http://主机:端口"),
            )
        };
        let uri: Uri = url.parse().map_err(|_| faulty())?;
        let authority = uri.authority().ok_or_else(faulty)?;
        if uri.scheme_str() != Some("http") || authority.as_str().contains('@') {
            return Err(faulty());
        }
        Ok(Self {
            authority: authority.to_string(),
            host: authority.host().trim_matches(['[', ']']).to_owned(),
            port: authority.port_u16().unwrap_or(80),
            prefix: uri.path().trim_end_matches('/').to_owned(),
        })
    }
}

/// Who signs, and when.
pub(crate) struct Mark<'a> {
    pub account: &'a str,
    pub secret: &'a Secret,
    pub now: i64,
}

/// Posts `body` and gives the status and the body of the answer. The error says in words what went wrong.
pub(crate) async fn post(
    address: &Address,
    path: &str,
    body: Vec<u8>,
    mark: &Mark<'_>,
) -> std::result::Result<(StatusCode, Bytes), String> {
    let attempt = exchange(address, path, body, mark);
    match tokio::time::timeout(PATIENCE, attempt).await {
        Ok(outcome) => outcome,
        Err(_) => Err(format!("{} 秒内没有应答", PATIENCE.as_secs())),
    }
}

async fn exchange(
    address: &Address,
    path: &str,
    body: Vec<u8>,
    mark: &Mark<'_>,
) -> std::result::Result<(StatusCode, Bytes), String> {
    let request = request(address, path, body, mark).map_err(|e| e.to_string())?;
    let stream = TcpStream::connect((address.host.as_str(), address.port))
        .await
        .map_err(|e| format!("连接不上：{e}"))?;
    let broken = |e: hyper::Error| format!("连接中断：{e}");
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(broken)?;
    // Ends with the exchange; its error reaches us through the request.
    tokio::spawn(connection);
    let response = sender.send_request(request).await.map_err(broken)?;
    let status = response.status();
    let answer = Limited::new(response.into_body(), ANSWER_LIMIT)
        .collect()
        .await
        .map_err(|e| format!("应答读不完：{e}"))?;
    Ok((status, answer.to_bytes()))
}

fn request(
    address: &Address,
    path: &str,
    body: Vec<u8>,
    mark: &Mark<'_>,
) -> std::result::Result<Request<Full<Bytes>>, hyper::http::Error> {
    let path = format!("{}{path}", address.prefix);
    let at = mark.now.to_string();
    Request::post(&path)
        .header(header::HOST, &address.authority)
        .header(header::CONTENT_TYPE, "application/json")
        .header(ACCOUNT, mark.account)
        .header(SIGNATURE, mark.secret.sign(&path, &at, &body))
        .header(TIMESTAMP, at)
        .body(Full::new(Bytes::from(body)))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_plain_http_with_a_host() {
        let address = Address::parse("http://gateway.example:8090/sms/").unwrap();
        assert_eq!(
            (address.host.as_str(), address.port),
            ("gateway.example", 8090)
        );
        assert_eq!(address.prefix, "/sms");
        assert_eq!(Address::parse("http://[::1]").unwrap().host, "::1");
        for faulty in [
            "https://gateway.example",
            "gateway",
            "http://",
            "http://a@b/",
            "",
        ] {
            let problem = Address::parse(faulty).unwrap_err();
            assert_eq!(problem.code(), "gateway.address", "{faulty}");
        }
    }
}
