//! The seed file as it is written. Unknown keys are faults.

use serde::Deserialize;
use tongban_base::Date;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SeedFile {
    pub register: String,
    pub count: u32,
    pub seed: u64,
    /// For readers of the file: all of it is.
    #[serde(default, rename = "example")]
    pub _example: bool,
    pub name: Names,
    pub id_number: Numbers,
    pub mobile: Mobiles,
    pub address: Addresses,
    pub employer: Employers,
    pub division: Shares<DivisionShare>,
    pub education: Shares<ValueShare>,
    pub licence: Shares<LicenceShare>,
    pub validity: Shares<ValidityShare>,
    pub first_issued: FirstIssued,
    pub integrity: Shares<ValueShare>,
    pub education_hours: Range,
    pub ended: Ended,
    pub hold: Holds,
    #[serde(default)]
    pub person: Vec<FixedPerson>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Names {
    pub prefix: String,
    pub numerals: Vec<String>,
    pub min_length: i64,
    pub max_length: i64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Numbers {
    pub area: String,
    pub birth_from: Date,
    pub birth_to: Date,
    pub female_share: u32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mobiles {
    pub prefix: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Addresses {
    pub text: String,
    pub number_min: i64,
    pub number_max: i64,
    pub room_min: i64,
    pub room_max: i64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Employers {
    pub text: String,
    pub kinds: Vec<String>,
    pub number_min: i64,
    pub number_max: i64,
    pub none_share: u32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Shares<T> {
    pub shares: Vec<T>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DivisionShare {
    pub code: String,
    pub share: u32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ValueShare {
    pub value: String,
    pub share: u32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LicenceShare {
    #[serde(rename = "type")]
    pub kind: String,
    pub categories: Vec<String>,
    pub driving: Vec<String>,
    pub share: u32,
}

/// The last day of validity, in days from the day of the demonstration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ValidityShare {
    pub status: String,
    pub from_days: i64,
    pub to_days: i64,
    pub share: u32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FirstIssued {
    pub earlier_years_min: i64,
    pub earlier_years_max: i64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Range {
    pub min: i64,
    pub max: i64,
}

/// Words of licences that ended before their last day.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ended {
    pub by: String,
    pub basis: String,
    pub cancelled: String,
    pub revoked: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Holds {
    pub share: u32,
    pub basis_number: String,
    pub reason: String,
    pub way_out: String,
    pub kinds: Vec<HoldKind>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HoldKind {
    pub kind: String,
    pub source: String,
    pub body: String,
    pub acts: Vec<String>,
    pub months: u32,
    pub share: u32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FixedPerson {
    pub name: String,
    pub id_number: String,
    pub login: String,
    pub about: String,
    pub licence: Option<FixedLicence>,
    pub hold: Option<FixedHold>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FixedLicence {
    #[serde(rename = "type")]
    pub kind: String,
    pub categories: Vec<String>,
    #[serde(default)]
    pub driving_class: Option<String>,
    pub status: String,
    pub valid_to_days: i64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FixedHold {
    pub kind: String,
    pub acts: Vec<String>,
}
