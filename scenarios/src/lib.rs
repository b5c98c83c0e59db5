//! Scenarios: the acceptance tests that a pack brings along. Each tells a story that a house plays over its own router,
//! with people, time and counterparts under control. Knows no wiring: houses are handed to it, ready.

mod bite;
mod choosing;
mod claims;
mod digest;
mod fixture;
mod form;
mod house;
mod notation;
mod page;
mod play;
mod report;
mod sights;
mod things;
mod time;
mod troupe;
mod values;
mod verbs;
mod visitor;

pub use bite::{Bitten, Outcome};
pub use claims::claims;
pub use digest::{Known, digest};
pub use house::{Door, House, OpenTask, Opening, Sent as SentSms, Sms, Stage, Tasks, Tick};
pub use notation::{Carrier, Claimed, FOLDER, Kind, Scenario, Stranger, read};
pub use report::{Fallen, Played, Why};
pub use troupe::{bite_all, play_all};
