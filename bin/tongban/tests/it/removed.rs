//! Rows that somebody takes away beside the program are missed by the walk through everything.

use tongban_audit::{Lasting, gone};
use tongban_cases::{JournalFault, walk_journals};
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::on_both_databases;

use crate::at_once::decide;
use crate::house::{PDF, Site, migrations};

async fn missed(site: &Site, lasting: Lasting) -> usize {
    gone(site.db(), lasting).await.unwrap().len()
}

on_both_databases! {
    &migrations();

    async fn a_file_or_a_letter_that_the_journal_tells_of_is_missed(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        decide(&site, &site.officer_at("acceptor", MONDAY_MORNING).await, case, "accept").await;
        site.drain().await;
        let walk = async || walk_journals(site.db(), &site.data.ring).await.unwrap().1;
        assert_eq!(walk().await, []);
        site.meddle("DELETE FROM case_document").await;
        site.meddle("DELETE FROM material_file").await;
        let found = walk().await;
        let files = found.iter().filter(|journal| journal.fault == JournalFault::Gone("原证.pdf".into()));
        assert_eq!(files.count(), 1, "{found:?}");
        assert!(found.len() > 1, "{found:?}");
    }

    async fn an_account_an_officer_or_a_case_that_the_log_names_is_missed(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        site.submitted(&citizen, 1).await;
        for table in ["assurance_change", "real_name_check"] {
            site.meddle(format!("DELETE FROM {table} WHERE account_id IN (SELECT id FROM account WHERE login = 'ceshi5')").leak()).await;
        }
        let [account, _, staff] = tongban_identity::LASTING;
        for (lasting, delete) in [
            (staff, "DELETE FROM staff WHERE login = 'supervisor'"),
            (account, "DELETE FROM account WHERE login = 'ceshi5'"),
        ] {
            assert_eq!(missed(&site, lasting).await, 0, "{lasting:?}");
            site.meddle(delete).await;
            assert_eq!(missed(&site, lasting).await, 1, "{lasting:?}");
        }
    }

    async fn what_was_begun_and_is_still_there_is_not_missed_whatever_else_the_log_tells_of_it(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        decide(&site, &site.officer_at("acceptor", MONDAY_MORNING).await, case, "accept").await;
        // Whoever is known verifies a file: the log tells of it under the number of a licence, or under none.
        site.citizen("ceshi2").await.upload("/api/v1/licences/verify", "a.pdf", PDF).await;
        assert!(site.audited("licence.verified", "done").await > 0);
        for lasting in [
            tongban_cases::LASTING,
            tongban_licences::LASTING,
            tongban_mandates::LASTING,
            tongban_registers::LASTING,
            tongban_reviews::LASTING,
        ].into_iter().chain(tongban_identity::LASTING) {
            assert_eq!(missed(&site, lasting).await, 0, "{lasting:?}");
        }
    }
}
