//! A publication that is interrupted between its portions shows nothing, and the next start goes on where it stood.

use serde_json::json;
use tongban::wiring::{build, load_pack};
use tongban_base::Timestamp;
use tongban_packs::{Folder, Offer, Offered, ReleaseHash, offered_from, pack_stamp, publish};
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::on_both_databases;

use crate::house::{ITEM, Site, migrations, plan};

const KIND: &str = "example";

/// More than one portion of releases.
fn offers() -> Vec<Offer> {
    let offer = |n: usize| {
        let file = format!("items/shili-{n}.toml");
        let files = Folder::default().with(&file, format!("code = \"shili-{n}\"\n"));
        Offer {
            code: format!("shili-{n}"),
            begins: MONDAY_MORNING.date(),
            ends: None,
            hash: ReleaseHash::of_files(&file, &files),
            face: json!({}),
            file,
            files,
        }
    };
    (0..700).map(offer).collect()
}

async fn offered(site: &Site) -> (Vec<Offered>, i64) {
    let read = site.db().read((), |tx, ()| {
        Box::pin(async move {
            let offered = offered_from(tx, KIND, MONDAY_MORNING.date()).await?;
            Ok((offered, pack_stamp(tx).await?))
        })
    });
    read.await.unwrap()
}

/// From now on no row of this table is taken while the condition holds.
async fn refuse(site: &Site, table: &str, condition: &str) {
    if site.db().is_postgres() {
        site.beside(&format!(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             IF {condition} THEN RAISE EXCEPTION 'refused'; END IF; RETURN NEW; END $$"
        ))
        .await;
        site.beside(&format!(
            "CREATE TRIGGER refused BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION refuse()"
        ))
        .await;
    } else {
        site.beside(&format!(
            "CREATE TRIGGER refused BEFORE INSERT ON {table} WHEN {condition}
             BEGIN SELECT RAISE(ABORT, 'refused'); END"
        ))
        .await;
    }
}

async fn allow(site: &Site) {
    match site.db().is_postgres() {
        true => site.beside("DROP FUNCTION refuse() CASCADE").await,
        false => site.beside("DROP TRIGGER refused").await,
    }
}

async fn published(site: &Site, now: Timestamp) -> tongban_base::Result<()> {
    publish(site.db(), KIND, (offers(), None), now).await
}

on_both_databases! {
    &migrations();

    async fn releases_that_were_written_ahead_are_offered_by_nobody_until_the_rest_is_there(db: Db) {
        let site = Site::on(db).await;
        let (_, stamp) = offered(&site).await;
        refuse(&site, "release", "(SELECT COUNT(*) FROM release WHERE kind = 'example') >= 500").await;
        published(&site, MONDAY_MORNING).await.unwrap_err();
        assert_eq!(site.count("SELECT COUNT(*) FROM release WHERE kind = 'example'").await, 500);
        assert_eq!(offered(&site).await, (Vec::new(), stamp));
        assert_eq!(site.count("SELECT COUNT(*) FROM publication WHERE kind = 'example'").await, 0);

        allow(&site).await;
        published(&site, MONDAY_MORNING.plus_minutes(1)).await.unwrap();
        let (all, later) = offered(&site).await;
        assert_eq!(all.len(), 700);
        assert!(later > stamp);
        // What was there was not written again.
        let times = "SELECT COUNT(*) FROM release WHERE kind = 'example' AND published_at =
            (SELECT MIN(published_at) FROM release WHERE kind = 'example')";
        assert_eq!(site.count(times).await, 500);
        published(&site, MONDAY_MORNING.plus_minutes(2)).await.unwrap();
        assert_eq!(offered(&site).await.1, later, "the same once more changes nothing");
    }

    async fn a_start_that_ended_before_the_index_was_written_is_made_good_by_the_next(db: Db) {
        let mut site = Site::on(db).await;
        let file = format!("items/{ITEM}.toml");
        let pack = tongban::packs::transport();
        let text = pack.text(&file).unwrap().replacen("补领一本新证，有效期不变。\"", "换了说法。\"", 1);
        let changed = pack.with(&file, text);
        refuse(&site, "publication", "1 = 1").await;
        let started = build(&site.data, load_pack(changed.clone()).unwrap(), plan()).await;
        assert!(started.is_err());
        let summary = |site: &Site| {
            let today = site.house.app.now().date();
            let offered = site.house.desk.catalog.offered(ITEM, today).unwrap();
            offered.face.parts["summary"].as_str().unwrap().to_owned()
        };
        let today = site.house.app.now().date();
        site.house.desk.catalog.refresh(site.db(), today).await.unwrap();
        assert!(!summary(&site).contains("换了说法"));
        let in_force = site.db().read(changed.clone(), |tx, pack| Box::pin(tongban_packs::is_in_force(tx, pack)));
        assert!(!in_force.await.unwrap());

        allow(&site).await;
        site.republish(changed).await;
        assert!(summary(&site).contains("换了说法"));
    }
}
