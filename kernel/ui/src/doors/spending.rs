//! What a request spends of the budget of its route: by the address it comes from, or by the account where the route is
//! for whoever is logged in.

use std::net::IpAddr;

use axum::extract::Request;
use axum::response::Response;
use tongban_base::{Budget, Ctx, Result, Spender};

use super::Visitor;
use crate::App;

/// Given back when the budget counts failures and this was none.
pub(crate) struct Spent {
    app: App,
    budget: Budget,
    address: Option<IpAddr>,
    account: Option<String>,
}

impl Spent {
    /// None where nothing is counted. Errors: the budget is used up, and is not one that lets on.
    pub(crate) fn of(request: &mut Request, budget: Option<Budget>) -> Result<Option<Self>> {
        let extensions = request.extensions();
        let (Some(app), Some(ctx), Some(budget)) =
            (extensions.get::<App>(), extensions.get::<Ctx>(), budget)
        else {
            return Ok(None);
        };
        let account = ctx.actor.account.map(|account| account.to_string());
        let spent = Self {
            app: app.clone(),
            budget,
            address: extensions.get::<Visitor>().and_then(|v| v.address),
            account,
        };
        let budgets = app.doors().budgets();
        let taken = spent
            .spenders()
            .try_for_each(|spender| budgets.spend(budget, spender, ctx.now));
        match taken {
            Ok(()) => return Ok(Some(spent)),
            Err(over) => {
                app.doors().counters().over_budget();
                if !budget.lets_on() {
                    return Err(over);
                }
            }
        }
        if let Some(ctx) = request.extensions_mut().get_mut::<Ctx>() {
            ctx.is_crowded = true;
        }
        Ok(None)
    }

    fn spenders(&self) -> impl Iterator<Item = Spender<'_>> {
        let account = self.account.as_deref().map(Spender::Subject);
        let address = self.address.map(Spender::Address);
        match self.budget {
            // A hall full of people has one address.
            Budget::Present | Budget::Search | Budget::RealName => account.or(address),
            _ => address,
        }
        .into_iter()
    }

    pub(crate) fn settle(self, response: &Response) {
        let status = response.status();
        if self.budget.counts_failures_only() && (status.is_success() || status.is_redirection()) {
            for spender in self.spenders() {
                self.app.doors().budgets().give_back(self.budget, spender);
            }
        }
    }
}
