//! The people of the demonstration, as `registers/practitioner-seed.toml` describes them: all fictional, the same
//! people from the same seed, their dates counted from the day of the demonstration. Knows no page and no case.

mod chance;
mod file;
mod fill;
mod fixed;
mod person;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value as Json};
use tongban_base::Date;
use tongban_licences::ExistingLicence;
use tongban_packs::{Diagnostic, Division, Pack};

use file::SeedFile;
pub use fill::Batch;

const FILE: &str = "registers/practitioner-seed.toml";

/// Reads people out of the seed; any of them at any time, without those before.
#[derive(Clone, Debug)]
pub struct Seed {
    file: SeedFile,
    divisions: BTreeMap<String, Division>,
    terms: BTreeMap<String, Term>,
}

/// What a licence type says of its licences.
#[derive(Clone, Debug, Deserialize)]
struct Term {
    validity_years: u32,
    issuer: String,
}

/// A fictional person with what the registers know.
#[derive(Clone, Debug)]
pub struct Practitioner {
    pub name: String,
    pub id_number: String,
    pub mobile: String,
    pub address: String,
    /// The organisation that keeps the records.
    pub organisation: String,
    pub division: String,
    /// Only the fixed people have one.
    pub login: Option<String>,
    /// What this person's account is good to try.
    pub about: String,
    /// What the practitioners' register says; None for somebody who has not been licensed yet.
    pub record: Option<Map<String, Json>>,
    pub licence: Option<ExistingLicence>,
    pub hold: Option<Map<String, Json>>,
}

impl Seed {
    /// Whether a pack describes people at all.
    pub fn is_in(pack: &Pack) -> bool {
        pack.folder.bytes(FILE).is_some()
    }

    /// Errors: what is wrong with the file, with its line.
    pub fn read(pack: &Pack) -> Result<Self, Diagnostic> {
        let folder = &pack.folder;
        let mut terms = BTreeMap::new();
        for name in folder.list("licences/", ".toml") {
            let code = name
                .trim_start_matches("licences/")
                .trim_end_matches(".toml");
            terms.insert(code.to_owned(), folder.toml(name)?);
        }
        let seed = Self {
            file: folder.toml(FILE)?,
            divisions: pack.divisions.clone(),
            terms,
        };
        seed.check()?;
        Ok(seed)
    }

    /// The register that is filled.
    pub fn register(&self) -> &str {
        &self.file.register
    }

    /// How many people there are besides the fixed ones.
    pub fn count(&self) -> u32 {
        self.file.count
    }

    /// Who has an account, in the order of the file.
    pub fn fixed(&self, today: Date) -> Vec<Practitioner> {
        let numbered = (1..).zip(&self.file.person);
        numbered
            .filter_map(|(number, person)| self.fixed_person(number, person, today))
            .collect()
    }

    /// The person of a number below `count`.
    pub fn person(&self, number: u32, today: Date) -> Option<Practitioner> {
        self.random_person(number, today)
    }

    fn check(&self) -> Result<(), Diagnostic> {
        let fault = |message: String| {
            Err(Diagnostic {
                file: FILE.to_owned(),
                line: None,
                element: None,
                message,
            })
        };
        let random = self.file.licence.shares.iter().map(|share| &share.kind);
        let fixed = self.file.person.iter().filter_map(|p| p.licence.as_ref());
        for kind in random.chain(fixed.map(|licence| &licence.kind)) {
            if !self.terms.contains_key(kind) {
                return fault(format!("没有证照种类 {kind}"));
            }
        }
        for share in &self.file.division.shares {
            if !self.divisions.contains_key(&share.code) {
                return fault(format!("没有区划 {}", share.code));
            }
        }
        if self.file.count > person::MOST {
            return fault(format!("人数最多 {}", person::MOST));
        }
        Ok(())
    }

    fn term(&self, kind: &str) -> Option<&Term> {
        self.terms.get(kind)
    }

    fn division_name<'a>(&'a self, code: &'a str) -> &'a str {
        let division = self.divisions.get(code);
        division.map_or(code, |division| &division.name)
    }
}
