//! Where the pages of whoever applies stand: citizens' in the portal, officers' in the workbench.

use std::fmt::Display;

use crate::service::applying::Application;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    drafts: &'static str,
    /// The list of the own cases, and what it is called.
    pub cases: &'static str,
    pub title: &'static str,
    pub is_workbench: bool,
}

const PORTAL: Place = Place {
    drafts: "/me/drafts",
    cases: "/me/cases",
    title: "我的办件",
    is_workbench: false,
};

const WORKBENCH: Place = Place {
    drafts: "/workbench/drafts",
    cases: "/workbench/mine",
    title: "我发起的",
    is_workbench: true,
};

impl Place {
    pub fn of(application: &Application) -> Self {
        Self::of_officers(application.in_workbench)
    }

    pub fn of_officers(officers: bool) -> Self {
        match officers {
            true => WORKBENCH,
            false => PORTAL,
        }
    }

    pub fn draft(self, id: impl Display) -> String {
        format!("{}/{id}", self.drafts)
    }

    pub fn case(self, id: impl Display) -> String {
        format!("{}/{id}", self.cases)
    }
}
