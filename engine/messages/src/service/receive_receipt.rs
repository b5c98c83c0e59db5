//! A gateway tells what became of an SMS. The caller has checked the gateway's mark. Receipts come late, twice and
//! in any order; what is delivered stays delivered.

use tongban_audit::{Entry, record};
use tongban_base::{Ctx, Problem, Result, Timestamp};
use tongban_store::Tx;

use crate::audit;
use crate::gateway::contract::{Receipt, ReceiptState};
use crate::messaging::Messaging;
use crate::model::{MessageId, State};
use crate::store::delivery;

/// The state of the message after the receipt. Not found: no SMS of ours has this reference.
pub(crate) async fn receive_receipt(
    messaging: &Messaging,
    ctx: &Ctx,
    receipt: Receipt,
) -> Result<State> {
    let id: MessageId = receipt.reference.parse()?;
    let input = (id, receipt, ctx.clone(), messaging.audit_key.clone());
    messaging
        .db
        .write(input, |tx, (id, receipt, ctx, key)| {
            Box::pin(async move {
                let changed = write(tx, *id, receipt).await?;
                if changed {
                    let detail = serde_json::json!({ "state": receipt.state });
                    let entry = Entry::done(audit::RECEIPT, "message", id).with_detail(detail);
                    record(tx, ctx, key, entry).await?;
                }
                delivery::state(tx, *id)
                    .await?
                    .ok_or_else(Problem::not_found)
            })
        })
        .await
}

async fn write(tx: &mut Tx, id: MessageId, receipt: &Receipt) -> Result<bool> {
    match receipt.state {
        ReceiptState::Delivered => delivery::delivered(tx, id, Timestamp(receipt.at)).await,
        ReceiptState::Failed => {
            let reason: String = receipt.reason.chars().take(200).collect();
            let words = match reason.as_str() {
                "" => "网关回执：未送达",
                reason => reason,
            };
            delivery::failed(tx, id, words).await
        }
    }
}
