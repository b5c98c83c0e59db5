//! What tests share: databases of their own, actors, pages read by CSS selection, damaged inputs, claims of requirements.
//! Only for tests: no production crate may depend on it.

pub mod actors;
pub mod certificates;
mod claims;
mod databases;
mod fuzz;
mod html;

pub use claims::Guard;
pub use databases::{TestDatabase, mark_anew, postgres, sqlite};
pub use fuzz::Fuzz;
pub use html::{Html, Part};

/// Says which requirements this test proves: `covers!("SH-073", "SH-074");` as its first line.
/// The claim counts only when the test reaches its end without a panic.
#[macro_export]
macro_rules! covers {
    ($($id:literal),+ $(,)?) => {
        let _covers = $crate::Guard::new(file!(), module_path!(), &[$($id),+]);
    };
}

/// Writes one test and runs it on both databases, as `name::sqlite` and `name::postgres`:
///
/// ```ignore
/// on_both_databases! {
///     MIGRATIONS;
///     async fn a_released_slot_can_be_booked_again(db: Db) { … }
/// }
/// ```
#[macro_export]
macro_rules! on_both_databases {
    ($migrations:expr; $($(#[$note:meta])* async fn $name:ident($db:ident: Db) $body:block)+) => {$(
        mod $name {
            #[allow(unused_imports, reason = "a test may need nothing of its file")]
            use super::*;

            $(#[$note])*
            async fn run($db: $crate::reexport::Db) $body

            #[test]
            fn sqlite() {
                $crate::reexport::block_on(async {
                    let database = $crate::sqlite($migrations).await;
                    run(database.db()).await;
                });
            }

            #[test]
            fn postgres() {
                $crate::reexport::block_on(async {
                    let database = $crate::postgres($migrations).await;
                    run(database.db()).await;
                });
            }
        }
    )+};
}

/// For the macros of this crate.
#[doc(hidden)]
pub mod reexport {
    pub use tongban_store::Db;

    /// Two workers, so that a write and a read can truly meet.
    #[expect(clippy::expect_used, reason = "a test without a runtime cannot go on")]
    pub fn block_on(future: impl Future<Output = ()>) {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("the runtime of a test")
            .block_on(future);
    }
}
