//! The population register over HTTP, as `docs/contracts/population-register.md` says. Anything but a signed answer to
//! exactly this question is no answer.

use std::time::Duration;

use tongban_base::{Kind, Problem, Result, Timestamp};
use tongban_crypto::constant_time_eq;
use tongban_outward::Counterpart;

use super::{Answer, PATH, PopulationQuery, PopulationRegister, Question, Reply};
use super::{sign_answer, sign_question};
use crate::model::Match;

const PATIENCE: Duration = Duration::from_secs(5);

/// Where the register is and how it knows us.
pub struct HttpPopulationRegister {
    counterpart: Counterpart,
    application: String,
    key: Vec<u8>,
}

impl HttpPopulationRegister {
    /// `application` and `key` are agreed with the counterpart.
    pub fn new(counterpart: Counterpart, application: &str, key: &[u8]) -> Self {
        Self {
            counterpart,
            application: application.to_owned(),
            key: key.to_vec(),
        }
    }

    async fn ask(&self, query: &PopulationQuery) -> Result<Match> {
        let question = Question {
            name: query.name.clone(),
            id_number: query.id_number.clone(),
        };
        let body = serde_json::to_vec(&question)?;
        let idempotency = query.id.to_string();
        let answer = self.post(&idempotency, body).await?;
        self.meaning(&answer, &idempotency)
    }

    async fn post(&self, idempotency: &str, body: Vec<u8>) -> Result<tongban_outward::Answer> {
        // The counterpart compares with its own clock, so this is the true time, not that of the case.
        let timestamp = Timestamp::now().0.to_string();
        let signature = sign_question(
            &self.key,
            &self.counterpart.path(PATH),
            &self.application,
            &timestamp,
            idempotency,
            &body,
        );
        let headers = [
            ("x-application", self.application.as_str()),
            ("x-timestamp", &timestamp),
            ("idempotency-key", idempotency),
            ("x-signature", &signature),
        ];
        let answer = self.counterpart.post(PATIENCE, PATH, &headers, body).await;
        answer.map_err(|why| silent("no answer").with_cause(why))
    }

    fn meaning(&self, answer: &tongban_outward::Answer, idempotency: &str) -> Result<Match> {
        let status = answer.status;
        if status != 200 {
            return Err(silent(&format!("status {status}")));
        }
        let expected = sign_answer(&self.key, status, idempotency, &answer.body);
        let signature = answer.header("x-signature");
        if !signature.is_some_and(|found| constant_time_eq(found, expected.as_bytes())) {
            return Err(silent("the answer is not signed for this question"));
        }
        let answer: Answer = serde_json::from_slice(&answer.body)
            .map_err(|cause| silent("the answer has another form").with_cause(cause))?;
        if answer.request != idempotency {
            return Err(silent("the answer belongs to another question"));
        }
        Match::of(&answer.result).ok_or_else(|| silent("the result is none of the four"))
    }
}

impl PopulationRegister for HttpPopulationRegister {
    fn check<'a>(&'a self, query: &'a PopulationQuery) -> Reply<'a> {
        Box::pin(self.ask(query))
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
