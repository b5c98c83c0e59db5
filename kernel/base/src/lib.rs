//! Errors, ids, time, working days, numbers of the field, the request context and permits.
//! Knows no database and no page.

mod budget;
pub mod calendar;
mod clock;
mod ctx;
mod id;
mod mask;
pub mod numbers;
mod permit;
mod problem;
mod time;
pub mod typed;

pub use budget::{Budget, Budgets, Rate, Rates, SetRate, Spender, end_site, neighbourhood};
pub use clock::Clock;
pub use ctx::{Actor, ActorKind, Ctx, Locale, SessionDigest, StaffScope};
pub use mask::{mask_name, mask_number};
pub use permit::{Permission, Permit, Scope, Scoped, authorize, authorize_own, division_prefix};
pub use problem::{FieldError, Kind, Problem, Result};
pub use time::{AHEAD_MILLIS, Date, Timestamp, date_words};
pub use uuid::Uuid;
