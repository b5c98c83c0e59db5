//! Counters: gapless ones that count inside a transaction, and blocks for numbers that may have gaps.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use tokio::sync::Mutex;
use tongban_base::Result;

use crate::{Db, Tx, params};

const BLOCK: i64 = 50;

/// The next number of a counter, without gaps: if the transaction fails, the number is free again.
pub async fn next_number(tx: &mut Tx, counter: &str) -> Result<i64> {
    advance(tx, counter, 1).await
}

/// As [`next_number`], for a counter that was called otherwise before: it goes on from the highest of those whose name is
/// like `former` (`%` for any end).
pub async fn next_number_after(tx: &mut Tx, counter: &str, former: &str) -> Result<i64> {
    let next = tx
        .query_opt(
            "UPDATE counter SET value = value + 1 WHERE name = $1 RETURNING value",
            params![counter],
        )
        .await?;
    if let Some(next) = next {
        return next.get("value");
    }
    tx.query_one(
        "INSERT INTO counter (name, value)
         SELECT $1, COALESCE(MAX(value), 0) + 1 FROM counter WHERE name LIKE $2
         RETURNING value",
        params![counter, former],
    )
    .await?
    .get("value")
}

async fn advance(tx: &mut Tx, counter: &str, by: i64) -> Result<i64> {
    tx.query_one(
        "INSERT INTO counter (name, value) VALUES ($1, $2)
         ON CONFLICT (name) DO UPDATE SET value = counter.value + $2 RETURNING value",
        params![counter, by],
    )
    .await?
    .get("value")
}

/// Numbers handed out by this node from blocks, so that thousands do not meet on one row.
/// A restart leaves the rest of a block unused.
#[derive(Clone, Default)]
pub struct NumberBlocks {
    blocks: Arc<Mutex<HashMap<String, Range<i64>>>>,
}

impl NumberBlocks {
    pub fn new() -> Self {
        Self::default()
    }

    pub async fn next(&self, db: &Db, counter: &str) -> Result<i64> {
        let mut blocks = self.blocks.lock().await;
        if let Some(number) = blocks.get_mut(counter).and_then(Iterator::next) {
            return Ok(number);
        }
        let last = db
            .write(counter.to_owned(), |tx, counter| {
                Box::pin(advance(tx, counter, BLOCK))
            })
            .await?;
        let mut block = (last - BLOCK + 1)..(last + 1);
        let number = block.next().unwrap_or(last);
        // Counters of past days are never asked for again.
        if blocks.len() > 64 {
            blocks.clear();
        }
        blocks.insert(counter.to_owned(), block);
        Ok(number)
    }
}
