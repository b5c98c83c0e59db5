//! What a crate brings to the house. The binary lists the modules in one place.

use axum::handler::Handler;
use axum::routing::{self, MethodRouter};
use serde_json::Value as Json;
use tongban_base::Budget;
use tongban_store::{JobHandler, Marked, Migration};

use crate::App;

/// Everything the wiring needs to know of a crate.
pub struct Module {
    pub name: &'static str,
    pub migrations: &'static [Migration],
    /// The tables whose rows carry a mark.
    pub marked: &'static [&'static Marked],
    pub permissions: &'static [PermissionDef],
    pub menu: &'static [NavEntry],
    pub routes: fn() -> Routes,
    pub jobs: fn(&App) -> Vec<JobHandler>,
}

/// A right and its title on the page where roles are managed.
#[derive(Clone, Copy, Debug)]
pub struct PermissionDef {
    pub name: &'static str,
    pub title: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    Portal,
    Workbench,
}

/// A line of a navigation, shown to whoever has the right.
#[derive(Clone, Copy, Debug)]
pub struct NavEntry {
    pub shell: Shell,
    pub title: &'static str,
    pub icon: &'static str,
    pub path: &'static str,
    /// Empty for everyone who is signed in.
    pub permission: &'static str,
    pub order: u16,
}

/// Who may reach a route at all; rights over rows are asked in the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Public,
    SignedIn,
    Citizen,
    Staff,
    /// Staff with this right.
    Right(&'static str),
}

/// What the OpenAPI document says of a JSON route.
#[derive(Clone, Debug)]
pub struct Operation {
    pub id: &'static str,
    pub summary: &'static str,
    /// JSON Schema of the body, if it takes one.
    pub request: Option<Json>,
    /// JSON Schema of the answer.
    pub response: Json,
    /// Names and titles of query parameters.
    pub query: &'static [(&'static str, &'static str)],
}

#[derive(Clone, Debug)]
pub struct RouteInfo {
    pub method: &'static str,
    pub path: &'static str,
    pub access: Access,
    /// The audit event that a changing route writes.
    pub audit: Option<&'static str>,
    pub operation: Option<Operation>,
    /// An endpoint of RFC 6749: it takes a form, and its errors are those of that standard.
    pub oauth: bool,
    /// Its body may be as large as a file, not only as a form.
    pub takes_files: bool,
    /// How often it may be used.
    pub budget: Option<Budget>,
}

/// The routes of a module together with the table that tests and OpenAPI read.
#[derive(Default)]
pub struct Routes {
    table: Vec<RouteInfo>,
    /// One for each line of the table.
    handlers: Vec<MethodRouter<App>>,
}

impl Routes {
    pub fn new() -> Self {
        Self::default()
    }

    /// A page or a read-only route.
    pub fn get<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add("GET", path, access, None, routing::get(handler))
    }

    /// A route that changes something and therefore names its audit event.
    pub fn post<H, T>(
        self,
        path: &'static str,
        access: Access,
        audit: &'static str,
        handler: H,
    ) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add("POST", path, access, Some(audit), routing::post(handler))
    }

    /// Describes the route added last for the OpenAPI document.
    pub fn describe(mut self, operation: Operation) -> Self {
        if let Some(last) = self.table.last_mut() {
            last.operation = Some(operation);
        }
        self
    }

    /// The same for an endpoint of RFC 6749.
    pub fn describe_oauth(mut self, operation: Operation) -> Self {
        if let Some(last) = self.table.last_mut() {
            last.oauth = true;
        }
        self.describe(operation)
    }

    /// The route added last takes files.
    pub fn takes_files(mut self) -> Self {
        if let Some(last) = self.table.last_mut() {
            last.takes_files = true;
        }
        self
    }

    /// The route added last spends this.
    pub fn budget(mut self, budget: Budget) -> Self {
        if let Some(last) = self.table.last_mut() {
            last.budget = Some(budget);
        }
        self
    }

    fn add(
        mut self,
        method: &'static str,
        path: &'static str,
        access: Access,
        audit: Option<&'static str>,
        route: MethodRouter<App>,
    ) -> Self {
        self.handlers.push(route);
        self.table.push(RouteInfo {
            method,
            path,
            access,
            audit,
            operation: None,
            oauth: false,
            takes_files: false,
            budget: None,
        });
        self
    }

    pub fn table(&self) -> &[RouteInfo] {
        &self.table
    }

    pub(crate) fn into_parts(self) -> impl Iterator<Item = (RouteInfo, MethodRouter<App>)> {
        self.table.into_iter().zip(self.handlers)
    }
}
