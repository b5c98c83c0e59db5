//! One person out of a number: who it is, what the registers say, which licence there is.

use chrono::{Days, Months};
use serde_json::{Map, Value as Json, json};
use tongban_base::Date;
use tongban_base::numbers::{Sex, resident_id_check_character};
use tongban_licences::{Ended, ExistingLicence, Status};

use super::chance::Chance;
use super::file::HoldKind;
use super::{Practitioner, Seed};

/// Birth dates times the sequences kept for each.
pub(super) const MOST: u32 = 100_000;
/// Spreads neighbours over the calendar; shares no factor with a number of days that a person's life could have.
const STRIDE: u64 = 7_919;
/// Nobody is licensed younger.
const YOUNGEST: u32 = 21;

/// What is known of somebody before licences.
pub(super) struct Someone {
    pub number: u32,
    pub name: String,
    pub id_number: String,
    pub sex: Sex,
    pub birth_date: Date,
}

/// A licence in plain terms.
pub(super) struct Wish<'w> {
    pub kind: &'w str,
    pub categories: &'w [String],
    pub driving_class: Option<&'w str>,
    pub status: &'w str,
    pub valid_to: Date,
}

impl Seed {
    pub(super) fn random_person(&self, number: u32, today: Date) -> Option<Practitioner> {
        let mut chance = Chance::new(self.file.seed, number);
        let someone = self.someone(number, &mut chance)?;
        let division = chance.share(&self.file.division.shares, |s| s.share)?;
        let licence = chance.share(&self.file.licence.shares, |s| s.share)?;
        let validity = chance.share(&self.file.validity.shares, |s| s.share)?;
        let days = chance.between(validity.from_days, validity.to_days);
        let wish = Wish {
            kind: &licence.kind,
            categories: &licence.categories,
            driving_class: chance.one(&licence.driving).map(String::as_str),
            status: &validity.status,
            valid_to: shifted(today, days)?,
        };
        let mut person =
            self.practitioner(&someone, Some(&wish), &division.code, today, &mut chance)?;
        if chance.percent(self.file.hold.share) {
            let kind = chance.share(&self.file.hold.kinds, |k| k.share)?;
            person.hold = self.hold(&someone, kind, &kind.acts, today);
        }
        Some(person)
    }

    /// No two numbers give the same birth date and sequence, so no two people share an identity number.
    fn someone(&self, number: u32, chance: &mut Chance) -> Option<Someone> {
        let rule = &self.file.id_number;
        let days = u64::try_from((rule.birth_to - rule.birth_from).num_days()).ok()? + 1;
        let day = u64::from(number) * STRIDE % days;
        let birth_date = rule.birth_from.checked_add_days(Days::new(day))?;
        let round = i64::try_from(u64::from(number) / days).ok()?;
        let female = chance.percent(rule.female_share);
        // Even for women. From 100 on: the numbers below are the fixed people's.
        let sequence = 100 + 2 * (round * 50 + chance.between(0, 49)) + i64::from(!female);
        let front = format!("{}{}{sequence:03}", rule.area, birth_date.format("%Y%m%d"));
        Some(Someone {
            number,
            name: self.name(chance),
            id_number: format!("{front}{}", resident_id_check_character(&front)?),
            sex: if female { Sex::Female } else { Sex::Male },
            birth_date,
        })
    }

    fn name(&self, chance: &mut Chance) -> String {
        let rule = &self.file.name;
        let length = chance.between(rule.min_length, rule.max_length);
        let mut left: Vec<&str> = rule.numerals.iter().map(String::as_str).collect();
        let mut name = rule.prefix.clone();
        for _ in 0..length {
            let last = i64::try_from(left.len()).unwrap_or(0) - 1;
            let at = usize::try_from(chance.between(0, last)).unwrap_or(0);
            if at < left.len() {
                name.push_str(left.remove(at));
            }
        }
        name
    }

    pub(super) fn practitioner(
        &self,
        someone: &Someone,
        wish: Option<&Wish<'_>>,
        division: &str,
        today: Date,
        chance: &mut Chance,
    ) -> Option<Practitioner> {
        let rule = &self.file.address;
        let address = rule
            .text
            .replace("{division}", self.division_name(division))
            .replace(
                "{number}",
                &chance.between(rule.number_min, rule.number_max).to_string(),
            )
            .replace(
                "{room}",
                &chance.between(rule.room_min, rule.room_max).to_string(),
            );
        let mobile = format!("{}{:07}", self.file.mobile.prefix, someone.number);
        let mut person = Practitioner {
            name: someone.name.clone(),
            id_number: someone.id_number.clone(),
            mobile,
            address,
            organisation: String::new(),
            division: division.to_owned(),
            login: None,
            about: String::new(),
            record: None,
            licence: None,
            hold: None,
        };
        let Some(wish) = wish else {
            person.organisation = self.terms.values().next()?.issuer.clone();
            return Some(person);
        };
        person.organisation = self.term(wish.kind)?.issuer.clone();
        let (licence, first_issued_on) = self.licence(&person, someone, wish, today, chance)?;
        person.record = Some(self.record(&person, someone, wish, first_issued_on, chance)?);
        person.licence = Some(licence);
        Some(person)
    }

    /// The licence, and when its holder got the first one.
    fn licence(
        &self,
        person: &Practitioner,
        someone: &Someone,
        wish: &Wish<'_>,
        today: Date,
        chance: &mut Chance,
    ) -> Option<(ExistingLicence, Date)> {
        let months = Months::new(12 * self.term(wish.kind)?.validity_years);
        // A licence begins on the day it is issued at the latest; some ask for more days than a term has.
        let latest = today.checked_add_months(months)?.pred_opt()?;
        let valid_to = wish.valid_to.min(latest);
        let valid_from = valid_to.succ_opt()?.checked_sub_months(months)?;
        let rule = &self.file.first_issued;
        let earlier = chance.between(rule.earlier_years_min, rule.earlier_years_max);
        let earlier = Months::new(u32::try_from(earlier).ok()? * 12);
        let of_age = someone
            .birth_date
            .checked_add_months(Months::new(12 * YOUNGEST))?;
        let first = valid_from
            .checked_sub_months(earlier)?
            .max(of_age)
            .min(valid_from);
        let status = match wish.status {
            "cancelled" => Status::Cancelled,
            "revoked" => Status::Revoked,
            _ => Status::Valid,
        };
        let mut face = Map::new();
        face.insert("first_issued_on".into(), first.to_string().into());
        let licence = ExistingLicence {
            kind: wish.kind.to_owned(),
            account: None,
            person: json!({
                "name": person.name, "id_number": person.id_number, "sex": someone.sex.code(),
                "birth_date": someone.birth_date.to_string(), "mobile": person.mobile, "address": person.address,
            }),
            form: json!({
                "categories": wish.categories,
                "driving_class": wish.driving_class.unwrap_or_default(),
            }),
            face,
            division: person.division.clone(),
            issued_on: valid_from,
            valid_from,
            valid_to: Some(valid_to),
            status,
            ended: self.ended(status, valid_from, today.min(valid_to), chance),
        };
        Some((licence, first))
    }

    fn ended(&self, status: Status, from: Date, to: Date, chance: &mut Chance) -> Option<Ended> {
        let words = &self.file.ended;
        let reason = match status {
            Status::Cancelled => &words.cancelled,
            Status::Revoked => &words.revoked,
            _ => return None,
        };
        let on = shifted(from, chance.between(0, (to - from).num_days()))?;
        Some(Ended {
            on,
            by: words.by.clone(),
            basis: words.basis.replace("{year}", &on.format("%Y").to_string()),
            reason: reason.clone(),
        })
    }

    fn record(
        &self,
        person: &Practitioner,
        someone: &Someone,
        wish: &Wish<'_>,
        first_issued_on: Date,
        chance: &mut Chance,
    ) -> Option<Map<String, Json>> {
        let file = &self.file;
        let ended = matches!(wish.status, "cancelled" | "revoked");
        let mut record = json!({
            "name": person.name, "sex": someone.sex.code(), "id_number": person.id_number,
            "birth_date": someone.birth_date.to_string(), "education": chance.share(&file.education.shares, |s| s.share)?.value,
            "mobile": person.mobile, "address": person.address, "division": person.division,
            "categories": wish.categories, "first_issued_on": first_issued_on.to_string(),
            "integrity_grade": chance.share(&file.integrity.shares, |s| s.share)?.value,
            "education_hours": chance.between(file.education_hours.min, file.education_hours.max),
            "status": if ended { "ended" } else { "active" },
        });
        let employer = &file.employer;
        if !chance.percent(employer.none_share) {
            let number = chance.between(employer.number_min, employer.number_max);
            let kind = chance.one(&employer.kinds)?;
            let text = employer.text.replace("{kind}", kind);
            record["employer"] = text.replace("{number}", &number.to_string()).into();
        }
        if let Some(class) = wish.driving_class {
            record["driving_class"] = class.into();
        }
        match record {
            Json::Object(record) => Some(record),
            _ => None,
        }
    }

    pub(super) fn hold(
        &self,
        someone: &Someone,
        kind: &HoldKind,
        acts: &[String],
        today: Date,
    ) -> Option<Map<String, Json>> {
        let words = &self.file.hold;
        let from = today.checked_sub_months(Months::new(kind.months / 2))?;
        let number = format!("H{:07}", someone.number);
        let basis = words
            .basis_number
            .replace("{year}", &from.format("%Y").to_string());
        let mut hold = json!({
            "number": number, "name": someone.name, "id_number": someone.id_number,
            "kind": kind.kind, "source": kind.source,
            "basis_number": basis.replace("{number}", &someone.number.to_string()),
            "body": kind.body, "from": from.to_string(),
            "to": from.checked_add_months(Months::new(kind.months))?.to_string(),
            "measure": if acts.is_empty() { "closer_review" } else { "block" },
            "reason": words.reason, "way_out": words.way_out, "status": "active",
        });
        if !acts.is_empty() {
            hold["acts"] = json!(acts);
        }
        match hold {
            Json::Object(hold) => Some(hold),
            _ => None,
        }
    }
}

/// So many days later, or earlier.
pub(super) fn shifted(date: Date, days: i64) -> Option<Date> {
    date.checked_add_signed(chrono::TimeDelta::try_days(days)?)
}
