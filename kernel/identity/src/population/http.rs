//! The population register over HTTP, as `docs/contracts/population-register.md` says. One connection per question;
//! anything but a signed answer to exactly this question is no answer. TLS is the affair of a gateway before it.

use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Request, Response, body::Incoming};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tongban_base::{Kind, Problem, Result, Timestamp};
use tongban_crypto::constant_time_eq;
use url::Url;

use super::{Answer, PATH, PopulationQuery, PopulationRegister, Question, Reply};
use super::{sign_answer, sign_question};
use crate::model::Match;

const PATIENCE: Duration = Duration::from_secs(5);
const LARGEST_ANSWER: usize = 64 * 1024;

/// Where the register is and how it knows us.
pub struct HttpPopulationRegister {
    authority: String,
    path: String,
    application: String,
    key: Vec<u8>,
}

impl HttpPopulationRegister {
    /// `base` is `http://host:port` with an optional path; `application` and `key` are agreed with the counterpart.
    /// Errors: not an http address.
    pub fn new(base: &str, application: &str, key: &[u8]) -> Result<Self> {
        let wrong = || {
            let words = format!("人口库地址应为 http:// 开头的网址，现在是 {base}");
            Problem::invalid("population.address", words)
        };
        let url = Url::parse(base).map_err(|_| wrong())?;
        let (host, port) = (url.host_str(), url.port_or_known_default());
        let (true, Some(host), Some(port)) = (url.scheme() == "http", host, port) else {
            return Err(wrong());
        };
        Ok(Self {
            authority: format!("{host}:{port}"),
            path: format!("{}{PATH}", url.path().trim_end_matches('/')),
            application: application.to_owned(),
            key: key.to_vec(),
        })
    }

    async fn ask(&self, query: &PopulationQuery) -> Result<Match> {
        let question = Question {
            name: query.name.clone(),
            id_number: query.id_number.clone(),
        };
        let body = serde_json::to_vec(&question)?;
        let idempotency = query.id.to_string();
        let request = self.request(&idempotency, body)?;
        let response = self.send(request).await?;
        self.answer(response, &idempotency).await
    }

    fn request(&self, idempotency: &str, body: Vec<u8>) -> Result<Request<Full<bytes::Bytes>>> {
        // The counterpart compares with its own clock, so this is the true time, not that of the case.
        let timestamp = Timestamp::now().0.to_string();
        let signature = sign_question(
            &self.key,
            &self.path,
            &self.application,
            &timestamp,
            idempotency,
            &body,
        );
        Request::post(&self.path)
            .header(HOST, &self.authority)
            .header(CONTENT_TYPE, "application/json")
            .header("x-application", &self.application)
            .header("x-timestamp", timestamp)
            .header("idempotency-key", idempotency)
            .header("x-signature", signature)
            .body(Full::from(body))
            .map_err(Problem::internal)
    }

    async fn send(&self, request: Request<Full<bytes::Bytes>>) -> Result<Response<Incoming>> {
        let stream = TcpStream::connect(&self.authority)
            .await
            .map_err(|cause| silent("connecting failed").with_cause(cause))?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|cause| silent("no HTTP").with_cause(cause))?;
        // Ends with the sender; its error reaches us through the request.
        tokio::spawn(connection);
        sender
            .send_request(request)
            .await
            .map_err(|cause| silent("no answer").with_cause(cause))
    }

    async fn answer(&self, response: Response<Incoming>, idempotency: &str) -> Result<Match> {
        let status = response.status().as_u16();
        let signature = response.headers().get("x-signature").cloned();
        let body = Limited::new(response.into_body(), LARGEST_ANSWER)
            .collect()
            .await
            .map_err(|cause| silent("the answer broke off").with_cause(cause))?
            .to_bytes();
        if status != 200 {
            return Err(silent(&format!("status {status}")));
        }
        let expected = sign_answer(&self.key, status, idempotency, &body);
        let signed =
            signature.is_some_and(|found| constant_time_eq(found.as_bytes(), expected.as_bytes()));
        if !signed {
            return Err(silent("the answer is not signed for this question"));
        }
        let answer: Answer = serde_json::from_slice(&body)
            .map_err(|cause| silent("the answer has another form").with_cause(cause))?;
        if answer.request != idempotency {
            return Err(silent("the answer belongs to another question"));
        }
        Match::of(&answer.result).ok_or_else(|| silent("the result is none of the four"))
    }
}

impl PopulationRegister for HttpPopulationRegister {
    fn check<'a>(&'a self, query: &'a PopulationQuery) -> Reply<'a> {
        Box::pin(async move {
            match tokio::time::timeout(PATIENCE, self.ask(query)).await {
                Ok(answer) => answer,
                Err(_) => Err(silent("no answer in time")),
            }
        })
    }
}

/// No answer. What the log reads is in the cause.
fn silent(why: &str) -> Problem {
    Problem::new(
        Kind::Unavailable,
        "population.silent",
        "人口库暂时联系不上，系统会自动重新核验",
    )
    .with_cause(why.to_owned())
}
