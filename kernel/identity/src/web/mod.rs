//! Pages and interface of this crate: extract, call one use case, render. No SQL, no decision.

mod api;
mod codes;
mod cookie;
mod openid;
mod own_part;
mod pages;
mod routes;

pub use own_part::own_part;
pub(crate) use pages::officers::PATH as OFFICERS;
pub(crate) use pages::proofs::PATH as PROOFS;
pub(crate) use routes::routes;
