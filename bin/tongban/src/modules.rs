//! The modules of the house, in one place. Adding a domain is one line here.

use tongban_cases::{Known, ModuleInfo};
use tongban_store::{Marked, Migration};
use tongban_ui::Module;

pub fn all() -> Vec<Module> {
    vec![
        tongban_audit::module(),
        tongban_upkeep::module(),
        tongban_identity::module(),
        tongban_items::module(),
        tongban_installation::module(),
        tongban_messages::MODULE,
        tongban_mandates::MODULE,
        tongban_licences::module(),
        tongban_reviews::MODULE,
        tongban_registers::module(),
        tongban_cases::module(),
    ]
}

/// What modules bring to procedures and their cases.
const BROUGHT: &[ModuleInfo] = &[
    tongban_items::INFO,
    tongban_licences::INFO,
    tongban_reviews::INFO,
    ACCOUNTS,
    ModuleInfo {
        operations: tongban_registers::OPERATIONS,
        sources: &[],
        parts: tongban_registers::PARTS,
        links: &[],
    },
];

const ACCOUNTS: ModuleInfo = ModuleInfo {
    operations: tongban_accounts::OPERATIONS,
    sources: &[],
    parts: &[tongban_accounts::PART],
    links: &[],
};

/// All that a definition may call, ask and say.
pub fn known() -> Known {
    Known::of(BROUGHT)
}

/// Migrations in the order of the modules; engines without pages first, but for seals, whose tables older databases
/// have from the licences.
pub fn migrations(modules: &[Module]) -> Vec<Migration> {
    let engines = tongban_flows::MIGRATIONS.iter();
    let engines = engines.chain(tongban_procedures::MIGRATIONS);
    let parts = modules.iter().flat_map(|module| module.migrations);
    let parts = parts.chain(tongban_seals::MIGRATIONS);
    engines.chain(parts).copied().collect()
}

/// The tables whose rows carry a mark, of engines without pages too.
pub fn marked(modules: &[Module]) -> Vec<&'static Marked> {
    let engines = tongban_flows::MARKED.iter().chain(tongban_seals::MARKED);
    let engines = engines.chain(tongban_procedures::MARKED);
    let parts = modules.iter().flat_map(|module| module.marked);
    engines.chain(parts).copied().collect()
}
