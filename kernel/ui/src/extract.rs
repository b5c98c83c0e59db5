//! What handlers take out of a request besides axum's own extractors.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use tongban_base::{Actor, Ctx, Timestamp};

/// The context that the outer layer made for this request.
pub struct Visit(pub Ctx);

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let ctx = parts.extensions.get::<Ctx>().cloned();
        Ok(Self(ctx.unwrap_or_else(|| {
            Ctx::new(Actor::anonymous(), Timestamp(0))
        })))
    }
}
