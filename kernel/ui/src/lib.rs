//! Modules, routes, shells and components of pages, and how a problem is shown. Knows no business.

// Templates of other crates name our functions by this path; ours must be able to as well.
extern crate self as tongban_ui;

mod additions;
mod app;
pub mod assets;
mod cookie;
pub mod csrf;
mod doors;
mod extract;
mod fault;
pub mod filters;
pub mod flash;
mod guard;
pub mod markup;
mod metrics;
mod module;
mod openapi;
mod own;
mod page;
mod places;
pub mod preferences;
pub mod problem;
mod ready;
mod render;
pub mod security;
mod server;
mod sheet;
mod shell;
pub mod view;

pub use additions::{Addition, Additions, Highlight};
pub use app::{App, AppBuilder, AskOffice, Authenticator, Office, SiteSettings};
pub use doors::{DoorSettings, Doors, Patience, ProxyHeader, listen, serve, this_machine};
pub use extract::Visit;
pub use fault::{Answer, Fault, FormFaults, mendable};
pub use flash::Flash;
pub use guard::{DEVICE_COOKIE, SESSION_COOKIE, comes_from_our_pages, session_token};
pub use ipnet::IpNet;
pub use module::{Access, Module, NavEntry, Operation, PermissionDef, RouteInfo, Routes, Shell};
pub use own::{AskOwn, OwnGroup, OwnKind, OwnPart, OwnParts, OwnThing, own_groups};
pub use page::{MenuEntry, MenuGroup, Page, Site, Visitor};
pub use preferences::{Mode, Preferences, Theme};
pub use ready::{Check, Finding, Readiness};
pub use server::router;
pub use sheet::{Sheet, Upload, csv, download, sheet, uploads};
pub(crate) use shell::problem_page;
pub use shell::{MenuCount, MenuCounts, MenuGuard, MenuGuards, PageKey};
