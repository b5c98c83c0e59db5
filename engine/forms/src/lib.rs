//! Forms: JSON Schema plus layout; reading what people send, in words when it is wrong; pages that work
//! without JavaScript. Knows no case, no item, no storage and no route.

mod api;
mod bench;
mod coerce;
mod correction;
mod definition;
mod division;
mod environment;
mod error;
mod field;
mod form;
mod format;
mod input;
mod known;
mod layout;
mod layout_records;
mod lost;
mod meaning;
mod mending;
mod messages;
mod offer;
mod prefill;
mod preview;
mod read;
mod sample;
mod schema;
mod values;
mod view;

pub use bench::validations_per_second;
pub use division::{is_division, offer_divisions};
pub use error::FormError;
pub use field::{Choice, Field, FieldKind, Widget};
pub use form::{Form, Step};
pub use format::Format;
pub use input::Input;
pub use known::Known;
pub use meaning::Meaning;
pub use mending::{Mending, Mendings, SourceChange};
pub use offer::{Offer, OfferedRecord, Offers, Sought};
pub use prefill::{Prefilled, Source};
pub use read::StepReading;
pub use sample::Sample;
pub use values::Values;
pub use view::{
    FieldProblem, FieldView, Keeping, OptionView, ReadGroup, ReadItem, ReadOptions, ReadView,
    RecordsView, StepView, read_problems,
};
