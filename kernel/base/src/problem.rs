//! What can go wrong, as a closed list of kinds. What the visitor reads and what the log keeps are two fields.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;

pub type Result<T> = std::result::Result<T, Problem>;

/// Each kind has exactly one HTTP status; anything unknown is `Internal`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Invalid,
    Unauthenticated,
    Forbidden,
    NotFound,
    Conflict,
    Gone,
    TooLarge,
    Locked,
    TooMany,
    Unavailable,
    Internal,
}

impl Kind {
    /// The HTTP status code of this kind.
    pub const fn status(self) -> u16 {
        match self {
            Kind::Invalid => 422,
            Kind::Unauthenticated => 401,
            Kind::Forbidden => 403,
            Kind::NotFound => 404,
            Kind::Conflict => 409,
            Kind::Gone => 410,
            Kind::TooLarge => 413,
            Kind::Locked => 423,
            Kind::TooMany => 429,
            Kind::Unavailable => 503,
            Kind::Internal => 500,
        }
    }
}

/// A fault of one field: where (JSON pointer), a stable code, and the words shown beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    pub pointer: String,
    pub code: String,
    pub message: String,
}

impl FieldError {
    pub fn new(
        pointer: impl Into<String>,
        code: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            pointer: pointer.into(),
            code: code.into(),
            message: message.into(),
        }
    }
}

/// A problem as RFC 9457 knows it, before it is rendered as JSON or as a page.
#[derive(Clone)]
pub struct Problem(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: Kind,
    code: Cow<'static, str>,
    message: String,
    fields: Vec<FieldError>,
    retry_after: Option<u32>,
    cause: Option<Arc<dyn Error + Send + Sync>>,
}

impl Problem {
    pub fn new(kind: Kind, code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            code: code.into(),
            message: message.into(),
            fields: Vec::new(),
            retry_after: None,
            cause: None,
        }))
    }

    pub fn invalid(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(Kind::Invalid, code, message)
    }

    /// Invalid input whose faults are told field by field.
    pub fn fields(fields: Vec<FieldError>) -> Self {
        let mut problem = Self::invalid("input.invalid", "填写的内容有误，请按提示修改");
        problem.0.fields = fields;
        problem
    }

    pub fn not_found() -> Self {
        Self::new(
            Kind::NotFound,
            "not_found",
            "您要找的内容不存在，或者您无权查看",
        )
    }

    pub fn forbidden() -> Self {
        Self::new(Kind::Forbidden, "forbidden", "您没有进行这项操作的权限")
    }

    pub fn unauthenticated() -> Self {
        Self::new(Kind::Unauthenticated, "unauthenticated", "请先登录")
    }

    pub fn conflict(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(Kind::Conflict, code, message)
    }

    /// An error that the visitor can do nothing about; its cause goes to the log only.
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(
            Kind::Internal,
            "internal",
            "系统出了问题，您填写的内容没有丢失，请稍后再试",
        )
        .with_cause(cause)
    }

    /// After so many seconds it may be tried again.
    pub fn with_retry_after(mut self, seconds: u32) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    pub fn with_field(mut self, field: FieldError) -> Self {
        self.0.fields.push(field);
        self
    }

    pub fn with_cause(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.0.cause = Some(Arc::from(cause.into()));
        self
    }

    pub fn retry_after(&self) -> Option<u32> {
        self.0.retry_after
    }

    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    pub fn code(&self) -> &str {
        &self.0.code
    }

    pub fn message(&self) -> &str {
        &self.0.message
    }

    pub fn field_errors(&self) -> &[FieldError] {
        &self.0.fields
    }

    /// The chain of causes, for the log.
    pub fn cause_chain(&self) -> String {
        let mut text = String::new();
        let mut next: Option<&dyn Error> = self.0.cause.as_deref().map(|c| c as &dyn Error);
        while let Some(error) = next {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&error.to_string());
            next = error.source();
        }
        text
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Problem")
            .field("kind", &self.0.kind)
            .field("code", &self.0.code)
            .field("message", &self.0.message)
            .field("fields", &self.0.fields)
            .field("cause", &self.cause_chain())
            .finish()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.code, self.0.message)?;
        if self.0.cause.is_some() {
            write!(f, " ({})", self.cause_chain())?;
        }
        Ok(())
    }
}

impl Error for Problem {}

impl From<serde_json::Error> for Problem {
    fn from(error: serde_json::Error) -> Self {
        Problem::internal(error)
    }
}
