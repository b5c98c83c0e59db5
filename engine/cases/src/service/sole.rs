//! Of what only one case of a procedure may be open at once: of an account, of a unit, about a record.

use tongban_base::{Problem, Result, Uuid};
use tongban_operations::About;
use tongban_procedures::{Audience, Procedure};
use tongban_store::Tx;

use crate::model::{Case, Draft, OpenCase};
use crate::store::cases::{self, OnlyOne};

pub(crate) fn of_case(procedure: &Procedure, case: &Case) -> OnlyOne {
    let unit = case.unit.as_deref();
    only(procedure, case.account, unit, case.about.as_ref())
}

fn only(
    procedure: &Procedure,
    account: Uuid,
    unit: Option<&str>,
    about: Option<&About>,
) -> OnlyOne {
    if !procedure.is_one_open() {
        return OnlyOne::No;
    }
    match (procedure.audience, about, unit) {
        (_, Some(about), _) => OnlyOne::Of(format!("about {}", about.text())),
        (Audience::Unit, None, Some(unit)) => OnlyOne::Of(format!("unit {unit}")),
        (Audience::Public, ..) => OnlyOne::OfAccount,
        (Audience::Unit | Audience::Staff | Audience::System, ..) => {
            OnlyOne::Of(format!("account {account}"))
        }
    }
}

/// The number of a case that stands in the way of another one; `open` are those of the account.
pub(crate) async fn in_the_way(
    tx: &mut Tx,
    procedure: &Procedure,
    draft: &Draft,
    open: &[OpenCase],
) -> Result<Option<String>> {
    let unit = draft.unit.as_deref();
    match only(procedure, draft.account, unit, draft.about.as_ref()) {
        OnlyOne::No => Ok(None),
        OnlyOne::Of(sole) => cases::open_like(tx, &procedure.code, &sole, draft.id).await,
        OnlyOne::OfAccount => {
            let same = open.iter().find(|case| case.item == procedure.code);
            Ok(same.map(|case| case.number.clone()))
        }
    }
}

/// Why another one cannot be filed now.
pub(crate) fn open_already(procedure: &Procedure, number: Option<&str>) -> Problem {
    let number = number.map_or_else(String::new, |number| format!("（办件号 {number}）"));
    let words = match (procedure.audience, &procedure.about) {
        (_, Some(_)) => {
            format!(
                "这条记录已有一件“{}”正在办理{number}，办结后才能再次发起",
                procedure.name
            )
        }
        (Audience::Unit, None) => {
            format!(
                "本单位已有一件“{}”正在办理{number}，办结后才能再次发起",
                procedure.name
            )
        }
        _ => format!("您已有一件同样的申请正在办理{number}，办结后才能再次申请"),
    };
    Problem::conflict("case.open_already", words)
}
