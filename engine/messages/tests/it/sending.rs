//! A message is a fact beside its event, on both databases.

use serde_json::json;
use tongban_base::{Problem, Timestamp};
use tongban_messages::{Channel, Recipient, State, Subject, send};
use tongban_packs::{NewSetting, change_setting};
use tongban_store::params;
use tongban_testkit::{actors, on_both_databases};

use crate::house::{House, MOBILE, NO_QUIET_HOURS, gateway, migrations};

/// 2026-11-23 23:00, 2026-11-24 07:59 and 08:00 in Asia/Shanghai.
const LATE: Timestamp = Timestamp(1_795_446_000_000);
const EARLY: Timestamp = Timestamp(LATE.0 + 539 * 60_000);
const EIGHT: Timestamp = Timestamp(LATE.0 + 540 * 60_000);

on_both_databases! {
    &migrations();

    async fn the_case_shows_who_was_told_what_and_storage_shows_it_to_nobody(db: Db) {
        let house = House::new(db, NO_QUIET_HOURS, None);
        let ids = house.tell(&actors::system(), house.recipient(), "A1").await;
        let told = house.told("A1").await;
        assert_eq!(ids, told.iter().map(|m| m.id.to_string()).collect::<Vec<_>>());
        let words = house.messaging.words(&told[0]).unwrap();
        assert_eq!(words, "您的办件A1（补发）已受理");
        assert_eq!(told[0].recipient, "测试一");
        let states: Vec<String> = told.iter().map(|m| m.state_words()).collect();
        assert_eq!(states, ["站内消息：未读", "短信 138****0001：待发送"]);
        let stored = house.db.read((), |tx, ()| Box::pin(async move {
            let row = tx.query_one("SELECT * FROM message WHERE channel = 'sms'", params![]).await?;
            Ok(format!("{:?}", row.values()))
        })).await.unwrap();
        assert!(!stored.contains("受理。") && !stored.contains("办件") && !stored.contains(MOBILE), "{stored}");
        house.dispatcher(|| actors::MONDAY_MORNING).drain().await.unwrap();
    }

    async fn without_a_gateway_an_sms_says_so_and_is_never_called_sent(db: Db) {
        let house = House::new(db, NO_QUIET_HOURS, None);
        house.tell(&actors::system(), house.recipient(), "A1").await;
        house.dispatcher(|| actors::MONDAY_MORNING).drain().await.unwrap();
        let sms = house.sms("A1").await;
        assert_eq!((sms.state, sms.sent_at), (State::NoGateway, None));
        assert_eq!(sms.state_words(), "短信 138****0001：未配置短信网关");
    }

    async fn a_recipient_without_a_mobile_number_still_finds_the_message_inside(db: Db) {
        let house = House::new(db, NO_QUIET_HOURS, None);
        let to = Recipient { mobile: None, ..house.recipient() };
        house.tell(&actors::system(), to, "A1").await;
        let told = house.told("A1").await;
        let states: Vec<(Channel, State)> = told.iter().map(|m| (m.channel, m.state)).collect();
        assert_eq!(states, [(Channel::Site, State::Delivered), (Channel::Sms, State::NoMobile)]);
        assert_eq!(house.count("SELECT COUNT(*) FROM job").await, 0);
    }

    async fn a_change_that_is_rolled_back_has_told_nobody(db: Db) {
        let house = House::new(db, NO_QUIET_HOURS, None);
        let templates = house.messaging.templates().clone();
        let outcome = house.db.write((templates, house.recipient()), |tx, (templates, to)| Box::pin(async move {
            let subject = Subject { kind: "case", id: "A1".into(), link: "/".into() };
            let ctx = actors::system();
            send(tx, &ctx, templates, "case.accepted", to, &subject, &json!({})).await?;
            Err::<(), _>(Problem::conflict("test", "有意失败"))
        })).await;
        assert_eq!(outcome.unwrap_err().code(), "test");
        assert_eq!(house.count("SELECT COUNT(*) FROM message").await, 0);
        assert_eq!(house.count("SELECT COUNT(*) FROM job").await, 0);
    }

    async fn at_night_an_sms_waits_until_eight_and_the_office_may_change_the_hours(db: Db) {
        // Nothing listens there: an attempt is told by its failure.
        let house = House::new(db, "", Some(gateway("http://127.0.0.1:1")));
        let mut night = actors::system();
        night.now = LATE;
        house.tell(&night, house.recipient(), "A1").await;
        // Looked at once, and put back.
        assert_eq!(house.dispatcher(|| LATE).drain().await.unwrap(), 1);
        assert_eq!(house.sms("A1").await.detail, "");
        assert_eq!(house.dispatcher(|| EARLY).drain().await.unwrap(), 0);
        assert_eq!(house.dispatcher(|| EIGHT).drain().await.unwrap(), 1);
        assert!(house.sms("A1").await.detail.starts_with("第 1 次没有发出"));

        house.db.write(night.clone(), |tx, ctx| Box::pin(async move {
            change_setting(tx, ctx, NewSetting { code: "sms_quiet_from", value: &json!(0), reason: "试" }).await?;
            change_setting(tx, ctx, NewSetting { code: "sms_quiet_until", value: &json!(0), reason: "试" }).await
        })).await.unwrap();
        house.tell(&night, house.recipient(), "A2").await;
        assert_eq!(house.dispatcher(|| LATE).drain().await.unwrap(), 1);
        assert!(house.sms("A2").await.detail.starts_with("第 1 次没有发出"));
    }

    async fn an_urgent_sms_goes_out_at_night(db: Db) {
        let house = House::urgent(db, gateway("http://127.0.0.1:1"));
        let mut night = actors::system();
        night.now = LATE;
        house.tell(&night, house.recipient(), "A1").await;
        assert_eq!(house.dispatcher(|| LATE).drain().await.unwrap(), 1);
        assert!(house.sms("A1").await.detail.starts_with("第 1 次没有发出"));
    }
}
