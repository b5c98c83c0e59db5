//! Accounts, sessions, real names, officers and their scopes; who asks, and how surely.
//! Knows no item, case or licence.

mod audit;
mod demo;
mod identity;
mod jobs;
mod keys;
mod mandates;
mod model;
mod module;
mod openid;
mod passwords;
mod permissions;
mod population;
mod service;
mod session_cache;
mod settings;
pub mod simulator;
mod store;
mod web;

pub use audit::{EVENTS, LASTING, SUBJECTS};
pub use demo::{
    DEMO_PASSWORD, DemoCitizen, FICTIONAL_AREA, demo_accounts, demo_citizens, demo_people,
    demo_register, fictional_id_number, seed_citizens, seed_demo,
};
pub use identity::{AskRoles, DemoAccount, Identity, IdentityOptions};
pub use jobs::job_handlers;
pub use mandates::{AskMandates, Power};
pub use model::{
    Assurance, AssuranceChange, CodePurpose, Match, NewStaff, Owner, Person, ProofState,
    RealNameProof, Role, Roles, SessionId, SessionKind, SessionView, StaffRecord,
};
pub use module::{MIGRATIONS, module};
pub use openid::{Client, NewClient};
pub use permissions::MANAGE_ROLES;
pub use population::{HttpPopulationRegister, PopulationQuery, PopulationRegister, Reply};
pub use service::ask_code::{OwnMobile, ask_code};
pub use service::ask_real_name::{RealName, ask_real_name, name_and_number};
pub use service::assign_roles::{assign_as_seen, assign_roles};
pub use service::change_contact::{Contact, change_contact};
pub use service::change_password::{NewPassword, change_password};
pub use service::end_all_sessions::end_all_sessions;
pub use service::ensure_staff::ensure_staff;
pub use service::enter_code::{DoneByCode, EnteredCode, enter_code};
pub use service::forget_what_is_to_come::forget_what_is_to_come;
pub use service::join::{AfterJoin, Joined};
pub use service::log_in::{LogIn, OpenedSession, log_in};
pub use service::log_out::log_out;
pub use service::manage_staff::{
    Officer, OfficerQuery, end_officers_sessions, list_officers, switch_officer,
};
pub use service::meet::{Known, Met};
pub use service::open_officer::{NewOfficer, OpenedOfficer};
pub use service::read_proof::{ProfileView, own_profile};
pub use service::register_account::{NewAccount, register_account};
pub use service::release_proof::{
    AfterRelease, Proof, Release, Released, end_citizens_sessions, find_proof, release_proof,
};
pub use service::revoke_session::revoke_session;
pub use service::send_code::{
    CodeMessage, CodeMessages, ReadMessage, SendMessage, SentCode, send_code_again, sent_code,
};
pub use service::sessions::own_sessions;
pub use service::take_up::{TakeUp, take_up};
pub use settings::{AskSettings, LockSettings, LoginSettings, SessionSettings, SmsLogin};
pub use web::own_part;
