//! The machine's clock was set back while nothing ran.

use tongban::wiring::{build, load_pack};
use tongban_audit::{Entry, attempt};
use tongban_base::Ctx;
use tongban_testkit::on_both_databases;

use crate::house::{Site, migrations, plan};

on_both_databases! {
    &migrations();

    async fn a_house_begins_no_earlier_than_what_is_on_record(db: Db) {
        let site = Site::on(db).await;
        let tomorrow = site.house.app.now().plus_minutes(24 * 60);
        let entry = Entry::done(tongban_cases::EVENTS[0], "case", "a case of tomorrow");
        let ctx = Ctx::system(tomorrow);
        attempt(site.db(), &ctx, &site.house.audit_key, entry).await.unwrap();

        let pack = load_pack(tongban_transport::pack()).unwrap();
        let next = build(&site.data, pack, plan()).await.unwrap();
        assert!(next.app.now() >= tomorrow);
        let first = next.app.now();
        assert!(next.app.now() >= first);
    }
}
