//! What browsers send: fields that may repeat.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use tongban_base::{Kind, Problem};
use tongban_ui::Fault;

/// The fields of a posted form, in their order.
pub struct Fields(pub Vec<(String, String)>);

impl Fields {
    pub fn text(&self, name: &str) -> String {
        let found = self.0.iter().rev().find(|(n, _)| n == name);
        found
            .map(|(_, value)| value.trim().to_owned())
            .unwrap_or_default()
    }

    /// With another value in place of all that have this name.
    #[must_use]
    pub fn with(mut self, name: &str, value: String) -> Self {
        self.0.retain(|(known, _)| known != name);
        self.0.push((name.to_owned(), value));
        self
    }

    /// Everything that was chosen under a name, in its order.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let named = self.0.iter().filter(move |(known, _)| known == name);
        named.map(|(_, value)| value.trim())
    }

    /// Without the fields that belong to the page, not to the form.
    pub fn of_form(&self) -> Vec<(String, String)> {
        let own = ["csrf", "go"];
        self.0
            .iter()
            .filter(|(n, _)| !own.contains(&n.as_str()))
            .cloned()
            .collect()
    }
}

/// What an address says behind its question mark.
pub struct Given(Vec<(String, String)>);

impl Given {
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(n, _)| n == name)
    }

    /// Names that stand with commas between them.
    pub fn list(&self, name: &str) -> Vec<String> {
        let found = self.0.iter().find(|(n, _)| n == name);
        let names = found.map_or("", |(_, names)| names.as_str());
        let names = names.split(',').filter(|name| !name.is_empty());
        names.map(str::to_owned).collect()
    }

    pub fn pairs(self) -> Vec<(String, String)> {
        self.0
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Given {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        _: &S,
    ) -> std::result::Result<Self, Self::Rejection> {
        let query = parts.uri.query().unwrap_or_default();
        let pairs = url::form_urlencoded::parse(query.as_bytes());
        Ok(Self(
            pairs
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect(),
        ))
    }
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Fault;

    async fn from_request(request: Request, _: &S) -> std::result::Result<Self, Fault> {
        let bytes = Bytes::from_request(request, &())
            .await
            .map_err(|cause| too_large().with_cause(cause))?;
        Ok(Self(
            url::form_urlencoded::parse(&bytes)
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect(),
        ))
    }
}

fn too_large() -> Problem {
    Problem::new(
        Kind::TooLarge,
        "input.too_large",
        "填写的内容太多，请精简后再提交",
    )
}
