//! The fixed people of the seed file: one for each situation that the demonstration shows.

use tongban_base::Date;
use tongban_base::numbers::ResidentId;

use super::chance::Chance;
use super::file::FixedPerson;
use super::person::{Someone, Wish, shifted};
use super::{Practitioner, Seed};

/// Mobiles of the fixed people; the others count from zero.
const FIRST: u32 = 9_000_000;

impl Seed {
    pub(super) fn fixed_person(
        &self,
        number: u32,
        fixed: &FixedPerson,
        today: Date,
    ) -> Option<Practitioner> {
        let mut chance = Chance::new(self.file.seed, FIRST + number);
        let id = ResidentId::parse(&fixed.id_number, today).ok()?;
        let someone = Someone {
            number: FIRST + number,
            name: fixed.name.clone(),
            id_number: fixed.id_number.clone(),
            sex: id.sex,
            birth_date: id.birth_date,
        };
        let wish = match &fixed.licence {
            None => None,
            Some(licence) => Some(Wish {
                kind: &licence.kind,
                categories: &licence.categories,
                driving_class: licence.driving_class.as_deref(),
                status: &licence.status,
                valid_to: shifted(today, licence.valid_to_days)?,
            }),
        };
        let division = &self.file.division.shares.first()?.code;
        let mut person =
            self.practitioner(&someone, wish.as_ref(), division, today, &mut chance)?;
        if let Some(hold) = &fixed.hold {
            let kinds = &self.file.hold.kinds;
            let kind = kinds.iter().find(|kind| kind.kind == hold.kind)?;
            person.hold = self.hold(&someone, kind, &hold.acts, today);
        }
        person.login = Some(fixed.login.clone());
        person.about.clone_from(&fixed.about);
        Some(person)
    }
}
