//! The inbox belongs to its account.

use axum::http::StatusCode;
use tongban_base::{Kind, Uuid};
use tongban_messages::{
    InboxFilter, MODULE, MessageId, list_inbox, mark_all_read, mark_read, unread_count,
};
use tongban_store::params;
use tongban_testkit::{actors, covers, mark_anew, on_both_databases};

use crate::house::{House, NO_QUIET_HOURS, migrations};

async fn with_messages(db: tongban_store::Db, count: usize) -> House {
    let house = House::new(db, NO_QUIET_HOURS, None);
    for number in 1..=count {
        let to = house.recipient();
        house
            .tell(&actors::system(), to, &format!("A{number}"))
            .await;
    }
    house
        .dispatcher(|| actors::MONDAY_MORNING)
        .drain()
        .await
        .unwrap();
    house
}

on_both_databases! {
    &migrations();

    async fn the_inbox_pages_by_key_with_the_newest_first(db: Db) {
        let house = with_messages(db, 23).await;
        let subjects = |page: &tongban_store::KeyPage<tongban_messages::MessageView>| {
            page.rows.iter().map(|m| m.subject_id.clone()).collect::<Vec<_>>()
        };
        let first = list_inbox(&house.db, &house.citizen, InboxFilter::default()).await.unwrap();
        assert_eq!((subjects(&first)[0].as_str(), first.rows.len()), ("A23", 20));
        // A message that comes meanwhile moves nothing.
        house.tell(&actors::system(), house.recipient(), "A24").await;
        let filter = InboxFilter { after: first.next.clone(), unread_only: false };
        let second = list_inbox(&house.db, &house.citizen, filter).await.unwrap();
        assert_eq!(subjects(&second), ["A3", "A2", "A1"]);
        let filter = InboxFilter { after: second.previous.clone(), unread_only: false };
        let back = list_inbox(&house.db, &house.citizen, filter).await.unwrap();
        assert_eq!(subjects(&back), subjects(&first));
        house.dispatcher(|| actors::MONDAY_MORNING).drain().await.unwrap();
    }

    async fn the_words_of_another_put_into_an_inbox_by_hand_are_not_shown(db: Db) {
        let house = with_messages(db, 2).await;
        let ids = [house.told("A1").await[0].id, house.told("A2").await[0].id];
        let words = async || {
            let page = list_inbox(&house.db, &house.citizen, InboxFilter::default()).await.unwrap();
            let words = page.rows.iter().map(|message| message.words(house.messaging.templates()));
            words.collect::<Result<Vec<_>, _>>()
        };
        assert_eq!(words().await.unwrap().len(), 2);
        let sql = "UPDATE message SET text = (SELECT m.text FROM message m WHERE m.id = $1) WHERE id = $2";
        house.db.write(ids, move |tx, [from, to]| {
            Box::pin(async move { tx.execute(sql, params![*from, *to]).await })
        }).await.unwrap();
        assert_eq!(words().await.unwrap(), ["您的办件A1（补发）已受理"]);
        // Nor do they open in a row that lay there before.
        mark_anew(&house.db, MODULE.marked[0]).await;
        assert!(words().await.is_err());
    }

    async fn only_the_recipient_reads_a_message_and_reading_counts_once(db: Db) {
        let house = with_messages(db, 3).await;
        let id: MessageId = house.told("A2").await[0].id;
        let stranger = actors::citizen();
        let refused = mark_read(&house.messaging, &stranger, id).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::NotFound);
        let seen = list_inbox(&house.db, &stranger, InboxFilter::default()).await.unwrap();
        assert!(seen.rows.is_empty());
        assert_eq!(unread_count(&house.db, &house.citizen).await.unwrap(), 3);
        for _ in 0..2 {
            let link = mark_read(&house.messaging, &house.citizen, id).await.unwrap();
            assert_eq!(link, "/me/cases/A2");
        }
        assert_eq!(unread_count(&house.db, &house.citizen).await.unwrap(), 2);
        let events = "SELECT COUNT(*) FROM audit_entry WHERE event = 'message.read'";
        assert_eq!(house.count(events).await, 1);
        assert_eq!(mark_all_read(&house.messaging, &house.citizen).await.unwrap(), 2);
        assert_eq!(unread_count(&house.db, &house.citizen).await.unwrap(), 0);
        let nobody = actors::anonymous();
        let refused = list_inbox(&house.db, &nobody, InboxFilter::default()).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Unauthenticated);
    }
}

#[tokio::test]
async fn the_page_shows_words_marks_what_is_unread_and_leads_to_the_case() {
    covers!("XC-397");
    let database = tongban_testkit::sqlite(&migrations()).await;
    let house = with_messages(database.db(), 2).await;
    let account = house.citizen.actor.account.unwrap();
    let page = house.page("/me/messages").await;
    assert_eq!(page.texts("tr[data-unread] strong"), ["申请已受理"; 2]);
    assert_eq!(
        page.texts("tr[data-message] .tb-small"),
        ["您的办件A2（补发）已受理", "您的办件A1（补发）已受理"]
    );
    let action = page.all("td form")[0]
        .attribute("action")
        .unwrap()
        .to_owned();
    let answer = house.request("POST", &action, account).await;
    assert_eq!(answer, (StatusCode::SEE_OTHER, "/me/cases/A2".into()));
    assert_eq!(
        house
            .page("/me/messages?unread=1")
            .await
            .all("tr[data-message]")
            .len(),
        1
    );
    assert_eq!(house.json("/api/v1/messages/unread").await["count"], 1);
    let list = house.json("/api/v1/messages").await;
    assert_eq!(list["messages"][0]["text"], "您的办件A2（补发）已受理");

    let (status, _) = house.request("POST", &action, Uuid::now_v7()).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (status, _) = house.request("GET", "/workbench/messages", account).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let (status, _) = house
        .request("GET", "/me/messages?after=%25", account)
        .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let empty = house.request("GET", "/me/messages", Uuid::now_v7()).await.1;
    assert_eq!(
        tongban_testkit::Html::parse(&empty).text(".tb-empty-title"),
        "还没有消息"
    );
}
