//! What browsers send: fields that may repeat.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
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
