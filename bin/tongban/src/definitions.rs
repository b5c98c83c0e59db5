//! Every reader of a pack's definitions, once: what `check` tells, what `serve` starts with and what is published come
//! from the same list, and no finding is dropped.

use std::collections::BTreeSet;

use tongban_base::{Date, Problem};
use tongban_cases::CaseCalls;
use tongban_documents::Typesetter;
use tongban_identity::Client;
use tongban_items::LocalGuide;
use tongban_licences::{LicenceTypes, check_types};
use tongban_messages::MessageTemplates;
use tongban_packs::{Findings, Folder, NumberRules, Pack, Packs, ReleaseHash, sound_from};
use tongban_procedures::{Checked, Known, RELEASE_KIND};
use tongban_registers::{RegisterDefinitions, check_choices, check_lookups, check_references};
use tongban_reviews::ReviewSets;
use tongban_store::Db;
use tongban_transport::seed::Seed;

use crate::failure::Failure;
use crate::{clients, modules, packs};

/// What a pack defines, read and checked. Houses that are built of it share what is compiled.
#[derive(Clone)]
pub struct Definitions {
    pub pack: Pack,
    pub checked: Checked,
    pub licences: LicenceTypes,
    pub messages: MessageTemplates,
    pub registers: RegisterDefinitions,
    pub reviews: ReviewSets,
    pub guides: Vec<LocalGuide>,
    /// Each with whether it is an example.
    pub clients: Vec<(bool, Client)>,
}

impl Definitions {
    /// Everything that is wrong with a pack; the definitions only of one without a fault. Its papers are tried when a
    /// typesetter is given: those of a pack that is in force were tried when it was published.
    pub fn read(folder: Folder, typesetter: Option<&Typesetter>) -> Result<Self, Findings> {
        Self::read_beside(folder, typesetter, &Known::new())
    }

    /// The same; releases that are known are not compiled again.
    pub fn read_beside(
        folder: Folder,
        typesetter: Option<&Typesetter>,
        known: &Known,
    ) -> Result<Self, Findings> {
        Self::made(folder, typesetter, Some(known))
    }

    /// Of a pack that is in force as it is: its releases were checked when they were published.
    fn in_force(folder: Folder) -> Result<Self, Findings> {
        Self::made(folder, None, None)
    }

    fn made(
        folder: Folder,
        typesetter: Option<&Typesetter>,
        known: Option<&Known>,
    ) -> Result<Self, Findings> {
        let mut findings = Findings::default();
        let Some(pack) = Pack::load(folder, &mut findings) else {
            return Err(findings);
        };
        let definitions = Self::of(pack, known, &mut findings);
        if let Some(typesetter) = typesetter.filter(|_| findings.is_empty()) {
            definitions.try_papers(typesetter, &mut findings);
        }
        if findings.is_empty() {
            Ok(definitions)
        } else {
            Err(findings)
        }
    }

    /// The same of several packs: each is read with what it names and nothing else, so that none leans on a pack that it
    /// does not name; then all together.
    pub fn of_packs(packs: &Packs, typesetter: Option<&Typesetter>) -> Result<Self, Findings> {
        let linked = packs.linked()?;
        Self::each_alone(packs, &Known::new())?;
        Self::read(linked, typesetter)
    }

    /// What is wrong with one of several packs when it is read with what it names and nothing else; a known release has
    /// the same files, so it leans on nothing more.
    pub fn each_alone(packs: &Packs, known: &Known) -> Result<(), Findings> {
        if packs.codes().nth(1).is_some() {
            let mut findings = Findings::default();
            for code in packs.codes() {
                if let Err(faults) = Self::read_beside(packs.seen_by(code)?, None, known) {
                    for fault in faults.0 {
                        let words = format!("{}（业务包 {code}）", fault.message);
                        let element = fault.element.as_deref();
                        findings.at(&fault.file, fault.line, element, words);
                    }
                }
            }
            if !findings.is_empty() {
                return Err(findings);
            }
        }
        Ok(())
    }

    /// The same of a pack that was changed: the papers of releases that are among `known` hold.
    pub fn try_changed_papers(
        mut self,
        typesetter: &Typesetter,
        known: &BTreeSet<ReleaseHash>,
    ) -> Findings {
        let mut findings = Findings::default();
        self.checked
            .releases
            .retain(|release| !known.contains(release.hash()));
        if !self.checked.releases.is_empty() {
            self.try_papers(typesetter, &mut findings);
        }
        findings
    }

    fn try_papers(&self, typesetter: &Typesetter, findings: &mut Findings) {
        let releases = self.checked.releases.as_slice();
        tongban_cases::try_letters(typesetter, &self.pack, releases, findings);
        tongban_cases::try_messages(&self.pack, releases, findings);
        let faces = (releases, &self.licences);
        tongban_licences::try_faces(typesetter, &self.pack, faces, findings);
    }

    fn of(pack: Pack, known: Option<&Known>, findings: &mut Findings) -> Self {
        let calls = CaseCalls(modules::known());
        let checked = known.map(|known| tongban_procedures::check(&pack, &calls, known, findings));
        let mut rules = NumberRules::default();
        tongban_cases::check_letters(&pack, &mut rules, findings);
        let licences = check_types(&pack.folder, findings);
        for kind in licences.iter() {
            let file = format!("licences/{}.toml", kind.code);
            rules.add(&file, &kind.number_rule, findings);
        }
        check_roles(&pack, findings);
        if Seed::is_in(&pack) {
            findings.take(Seed::read(&pack));
        }
        let divisions = tongban_packs::known_divisions(pack.divisions.values());
        let registers = RegisterDefinitions::read(&pack.folder, &divisions, findings);
        check_lookups(&pack.folder, &registers, findings);
        check_choices(&pack.folder, &registers, findings);
        check_references(&pack, &registers, findings);
        Self {
            checked: checked.unwrap_or_default(),
            licences,
            messages: MessageTemplates::read(&pack.folder, findings),
            registers,
            reviews: ReviewSets::read(&pack.folder, findings),
            guides: tongban_items::read_guides(&pack, findings),
            clients: clients::read(&pack, findings),
            pack,
        }
    }
}

/// The definitions of this pack; if it has a fault, those of the one in force, which it changes nothing of.
pub async fn in_force(
    db: &Db,
    folder: Folder,
    typesetter: &Typesetter,
    today: Date,
) -> Result<Definitions, Failure> {
    let known = known(db, &folder, today).await;
    let (is_in_force, known) = known.map_err(unusable)?;
    if is_in_force {
        return Definitions::in_force(folder).map_err(|findings| Failure::new(words(&findings)));
    }
    // What the program brings is tried by its own tests.
    let typesetter = (!is_built_in(&folder)).then_some(typesetter);
    let findings = match Definitions::read_beside(folder, typesetter, &known) {
        Ok(definitions) => return Ok(definitions),
        Err(findings) => findings,
    };
    for fault in &findings.0 {
        tracing::error!(%fault, "the pack was not published");
    }
    let stored = db
        .read((), |tx, ()| Box::pin(tongban_packs::in_force(tx)))
        .await
        .map_err(unusable)?;
    let Some(stored) = stored else {
        return Err(Failure::new(words(&findings)));
    };
    tracing::error!("the pack that was published last stays in force");
    Definitions::in_force(stored).map_err(|findings| Failure::new(words(&findings)))
}

/// Whether a pack is in force as it is, and the releases that were published and count.
pub async fn known(db: &Db, folder: &Folder, today: Date) -> Result<(bool, Known), Problem> {
    db.survey((folder.clone(), today), |tx, (folder, today)| {
        Box::pin(async move {
            let is_in_force = tongban_packs::is_in_force(tx, folder).await?;
            let known = sound_from(tx, RELEASE_KIND, *today).await?.into_iter();
            let known: Known = known.map(|hash| (hash, None)).collect();
            // An older program has published without saying what is offered.
            Ok((is_in_force && !known.is_empty(), known))
        })
    })
    .await
}

fn is_built_in(folder: &Folder) -> bool {
    let all = Packs::of(packs::built_in()).and_then(|packs| packs.linked());
    all.is_ok_and(|all| all == *folder) || *folder == packs::transport()
}

/// What was published must be what this program has published.
pub fn unusable(problem: Problem) -> Failure {
    match problem.code() {
        "store.row_changed" => Failure::new(
            "已发布的业务定义或参数设置在程序之外被改动过，没有启动。日志里写明了是哪张表的哪一条；请从备份恢复",
        ),
        _ => problem.into(),
    }
}

fn words(findings: &Findings) -> String {
    let faults: Vec<String> = findings.0.iter().map(ToString::to_string).collect();
    format!("业务包有问题，没有发布：\n{}", faults.join("\n"))
}

/// A right that nothing asks for grants nothing, whatever its name promises.
fn check_roles(pack: &Pack, findings: &mut Findings) {
    let modules = modules::all();
    let rights = modules.iter().flat_map(|module| module.permissions);
    let mut known: Vec<&str> = rights.map(|right| right.name).collect();
    known.push(tongban_flows::UNDO_BLOCKING);
    for role in pack.roles.values() {
        for right in role
            .permissions
            .iter()
            .filter(|r| !known.contains(&r.as_str()))
        {
            findings.add("roles.toml", Some(&role.code), format!("没有权限 {right}"));
        }
        let mut givers = role.given_by.iter();
        if let Some(giver) = givers.find(|giver| !pack.roles.contains_key(*giver)) {
            findings.add("roles.toml", Some(&role.code), format!("没有岗位 {giver}"));
        }
    }
}
