//! Which holds restrict a person on a day, out of the register of holds. What they forbid stands in each record, and
//! the items' rules ask for it.

use serde_json::{Value as Json, json};
use tongban_base::{Date, Result};
use tongban_registers::Registers;
use tongban_store::Tx;

/// The register's code in the pack.
pub const REGISTER: &str = "hold";

/// Holds that are in force: not lifted, begun, not past their end. None where the pack has no such register.
pub async fn active_holds(
    tx: &mut Tx,
    registers: &Registers,
    id_number: &str,
    today: Date,
) -> Result<Vec<Json>> {
    if registers.definitions().get(REGISTER).is_none() {
        return Ok(Vec::new());
    }
    let records = registers
        .find_all(tx, REGISTER, ("id_number", id_number))
        .await?;
    let holds = records.into_iter().map(|record| Json::Object(record.data));
    Ok(holds
        .filter(|hold| is_active(hold, &today.to_string()))
        .map(|mut hold| {
            if hold["acts"].is_null() {
                hold["acts"] = json!([]);
            }
            hold
        })
        .collect())
}

/// ISO dates compare as texts. An objection does not suspend.
fn is_active(hold: &Json, today: &str) -> bool {
    let text = |name: &str| hold[name].as_str();
    text("status") != Some("lifted")
        && text("from").is_none_or(|from| from <= today)
        && text("to").is_none_or(|to| to >= today)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hold_restricts_from_its_first_to_its_last_day_unless_it_is_lifted() {
        let hold = json!({"status": "active", "from": "2026-05-01", "to": "2026-05-31"});
        let on = |day: &str| is_active(&hold, day);
        assert_eq!(
            ["2026-04-30", "2026-05-01", "2026-05-31", "2026-06-01"].map(on),
            [false, true, true, false]
        );
        let lifted = json!({"status": "lifted", "from": "2026-05-01"});
        assert!(!is_active(&lifted, "2026-05-10"));
        let open = json!({"status": "objected", "from": "2026-05-01"});
        assert!(is_active(&open, "2036-05-10"));
    }
}
