//! The service that the wiring makes once and every request reaches. Holds keys, settings and caches; the use cases
//! stand in `service/`.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use tongban_audit::{AuditKey, ReadLog};
use tongban_base::{
    Actor, Budget, Budgets, Ctx, Kind, Problem, Rates, Result, SessionDigest, Spender, Timestamp,
    Uuid,
};
use tongban_crypto::{KeyRing, PasswordStrength};
use tongban_store::{Db, Tx};
use tongban_ui::Authenticator;

use crate::keys::Keys;
use crate::model::{Owner, Person, Roles, StaffRecord};
use crate::openid::{Client, OpenId};
use crate::passwords::Passwords;
use crate::population::PopulationRegister;
use crate::service;
use crate::service::join::AfterJoin;
use crate::service::send_code::CodeMessages;
use crate::session_cache::SessionCache;
use crate::settings::{AskSettings, LockSettings, LoginSettings, SessionSettings, SmsLogin};

/// An account that the demonstration's login page offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoAccount {
    pub login: String,
    pub password: String,
    pub name: String,
    /// What one can try with it.
    pub note: String,
    pub staff: bool,
}

/// The roles of the installation as they stand.
pub type AskRoles = Arc<dyn Fn() -> Arc<Roles> + Send + Sync>;

/// What the wiring decides.
pub struct IdentityOptions {
    pub settings: AskSettings,
    pub password_strength: PasswordStrength,
    pub roles: AskRoles,
    pub register: Arc<dyn PopulationRegister>,
    /// Empty outside a demonstration.
    pub demo_accounts: Vec<DemoAccount>,
    /// The applications that people may log in to with their account here.
    pub clients: Vec<Client>,
    /// How often may be asked about one number.
    pub rates: Rates,
    /// Where it is noted what applications read.
    pub reads: Option<ReadLog>,
    /// What moves with an account that is joined to the one of a window.
    pub after_join: Option<AfterJoin>,
}

impl IdentityOptions {
    pub fn new(roles: Roles, register: Arc<dyn PopulationRegister>) -> Self {
        let roles = Arc::new(roles);
        Self {
            settings: Arc::new(LoginSettings::default),
            password_strength: PasswordStrength::Normal,
            roles: Arc::new(move || Arc::clone(&roles)),
            register,
            demo_accounts: Vec::new(),
            clients: Vec::new(),
            rates: Rates::default(),
            reads: None,
            after_join: None,
        }
    }
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Identity {
    pub(crate) db: Db,
    pub(crate) keys: Arc<Keys>,
    pub(crate) passwords: Arc<Passwords>,
    pub(crate) cache: Arc<SessionCache>,
    settings: AskSettings,
    roles: AskRoles,
    pub(crate) register: Arc<dyn PopulationRegister>,
    pub(crate) openid: Arc<OpenId>,
    pub(crate) budgets: Arc<Budgets>,
    pub(crate) reads: Option<ReadLog>,
    pub(crate) after_join: Option<AfterJoin>,
    demo_accounts: Arc<[DemoAccount]>,
}

impl Identity {
    /// `audit` is the key of the house.
    pub fn new(db: Db, ring: &KeyRing, audit: AuditKey, options: IdentityOptions) -> Result<Self> {
        Ok(Self {
            db,
            keys: Arc::new(Keys::of(ring, audit)?),
            passwords: Arc::new(Passwords::new(options.password_strength)?),
            cache: Arc::default(),
            settings: options.settings,
            roles: options.roles,
            register: options.register,
            openid: Arc::new(OpenId::new(ring, options.clients)?),
            budgets: Arc::new(Budgets::new(options.rates)),
            reads: options.reads,
            after_join: options.after_join,
            demo_accounts: options.demo_accounts.into(),
        })
    }

    pub(crate) fn sessions(&self) -> SessionSettings {
        (self.settings)().sessions
    }

    pub(crate) fn lock(&self) -> LockSettings {
        (self.settings)().lock
    }

    pub(crate) fn logs_in_by_sms(&self) -> bool {
        (self.settings)().sms == SmsLogin::On
    }

    /// What a telephone would show of a code, where no SMS leaves the house.
    pub(crate) async fn shown_by_code(
        &self,
        codes: &Arc<CodeMessages>,
        id: Uuid,
    ) -> Result<Option<String>> {
        let input = (Arc::clone(codes), id);
        self.db
            .read(input, |tx, (codes, id)| {
                Box::pin(async move {
                    match &codes.shown {
                        Some(shown) => shown(tx, *id).await,
                        None => Ok(None),
                    }
                })
            })
            .await
    }

    pub fn demo_accounts(&self) -> &[DemoAccount] {
        &self.demo_accounts
    }

    /// As they stand.
    pub fn roles(&self) -> Arc<Roles> {
        (self.roles)()
    }

    /// Roles have changed: what anybody may do is read anew.
    pub fn forget_rights(&self) {
        self.cache.forget_all();
    }

    pub(crate) fn audit_key(&self) -> &AuditKey {
        &self.keys.audit
    }

    /// What is known of the owner of a citizen's account; "not found" for staff and strangers.
    pub async fn person_of(&self, account: Uuid) -> Result<Person> {
        let input = (self.clone(), account);
        self.db
            .read(input, |tx, (identity, account)| {
                Box::pin(identity.person_in(tx, *account))
            })
            .await
    }

    /// Whether it is known whose an account is: a citizen has proven it, an officer was entered by an office.
    pub async fn is_proven(&self, tx: &mut Tx, account: Uuid) -> Result<bool> {
        Ok(match self.owner_in(tx, account).await? {
            Owner::Citizen(person) => person.assurance.is_real_name(),
            Owner::Officer(_) => true,
        })
    }

    /// Whose an account is. Errors: nobody's, or the entry of an officer was changed beside the program.
    pub async fn owner_in(&self, tx: &mut Tx, account: Uuid) -> Result<Owner> {
        match self.person_in(tx, account).await {
            Ok(person) => Ok(Owner::Citizen(Box::new(person))),
            Err(problem) if problem.kind() == Kind::NotFound => {
                let officer = crate::store::staff::genuine(tx, account).await?;
                Ok(Owner::Officer(Box::new(officer)))
            }
            Err(problem) => Err(problem),
        }
    }

    /// The account that has proven this number with this name.
    pub async fn proven_by(
        &self,
        tx: &mut Tx,
        name: &str,
        id_number: &str,
    ) -> Result<Option<Uuid>> {
        let account = crate::store::account::by_id_number(tx, &self.keys, id_number).await?;
        let Some(account) = account else {
            return Ok(None);
        };
        let person = self.person_in(tx, account).await?;
        Ok((person.name.as_deref() == Some(name)).then_some(account))
    }

    /// Spends of what an address or somebody has. Errors: it is used up.
    pub fn spend(&self, budget: Budget, spender: Spender, now: Timestamp) -> Result<()> {
        self.budgets.spend(budget, spender, now)
    }

    /// The officers of an organisation who hold a right: account and name.
    pub async fn officers_in(
        &self,
        tx: &mut Tx,
        organisation: &str,
        permission: &str,
    ) -> Result<Vec<(Uuid, String)>> {
        let staff = crate::store::staff::of_organisation(tx, organisation).await?;
        let roles = self.roles();
        Ok(staff
            .into_iter()
            .filter(|s| roles.permissions(&s.roles).contains(permission))
            .map(|s| (s.id, s.name))
            .collect())
    }

    /// Everybody who was ever entered for an organisation, with whether their account is in use.
    pub async fn staff_of(&self, tx: &mut Tx, organisation: &str) -> Result<Vec<StaffRecord>> {
        crate::store::staff::all_of_organisation(tx, organisation).await
    }

    /// In which organisation how many officers in use have a role.
    pub async fn holders_of(&self, tx: &mut Tx, role: &str) -> Result<Vec<(String, usize)>> {
        let held = crate::store::staff::holders(tx, role).await?;
        let counted = |(office, count)| (office, usize::try_from(count).unwrap_or(usize::MAX));
        Ok(held.into_iter().map(counted).collect())
    }

    /// How many officers in use work in a division.
    pub async fn officers_of_division(&self, tx: &mut Tx, division: &str) -> Result<usize> {
        let count = crate::store::staff::count_of_division(tx, division).await?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }

    /// Who asks, as a transaction that writes must know it: the session has not ended, and an officer has the rights
    /// of this moment. What jobs and the command line do has no session.
    pub async fn as_of(&self, tx: &mut Tx, ctx: &Ctx) -> Result<Ctx> {
        service::authenticate::as_of(self, tx, ctx).await
    }

    /// The same in a transaction that is already open.
    pub async fn person_in(&self, tx: &mut Tx, account: Uuid) -> Result<Person> {
        crate::store::account::person(tx, &self.keys, account).await
    }
}

impl Authenticator for Identity {
    fn authenticate<'a>(
        &'a self,
        token: &'a str,
        now: Timestamp,
    ) -> Pin<Box<dyn Future<Output = Result<Option<Actor>>> + Send + 'a>> {
        Box::pin(service::authenticate::authenticate(self, token, now))
    }

    fn note_refusal<'a>(
        &'a self,
        ctx: &'a Ctx,
        path: &'a str,
        problem: &'a Problem,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(service::note_refusal::note_refusal(
            self, ctx, path, problem,
        ))
    }

    fn digest(&self, token: &str) -> Option<SessionDigest> {
        Some(SessionDigest(self.keys.session_digest(token)))
    }
}
