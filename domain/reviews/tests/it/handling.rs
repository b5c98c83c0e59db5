//! The two ways of a bad rating: not true and answered, or true, put right and answered.

use serde_json::json;
use tongban_base::Kind;
use tongban_packs::{NewSetting, change_setting};
use tongban_reviews::{
    Feedback, Finding, QueueFilter, QueueView, ReviewState, Verification, feed_back,
    item_statistics, list_reviews, open_review, verify,
};
use tongban_testkit::{actors, covers, on_both_databases};

use crate::house::{House, day, migrations};

fn found(finding: Finding, order: &str, reply: &str) -> Verification {
    Verification {
        finding: Some(finding),
        note: "向窗口了解，情况属实".into(),
        order: order.into(),
        reply: reply.into(),
    }
}

fn put_right() -> Feedback {
    Feedback {
        feedback: "已更新样本".into(),
        reply: "样本已更正，感谢您指出".into(),
    }
}

async fn view(house: &House, view: QueueView) -> Vec<String> {
    let filter = QueueFilter { view, after: None };
    let (page, _) = list_reviews(&house.db, &house.supervisor, filter)
        .await
        .unwrap();
    page.rows.into_iter().map(|r| r.case_number).collect()
}

on_both_databases! {
    &migrations();

    async fn a_true_complaint_is_ordered_put_right_and_answered_within_working_days(db: Db) {
        covers!("HD-214");
        let house = House::new(db);
        let id = house.rated("A1", 5).await;
        house.rated("A2", 3).await;
        let order = found(Finding::True, "三日内更新样本", "");
        let ordered = verify(&house.reviews, &house.supervisor, id, order).await.unwrap();
        assert_eq!(ordered.state, ReviewState::Rectifying);
        // Fifteen working days after Monday 23 November, without weekends and the holiday of the 26th.
        assert_eq!(ordered.due_on, Some(day("2026-12-15")));
        assert!(!ordered.is_overdue(day("2026-12-15")) && ordered.is_overdue(day("2026-12-16")));
        assert_eq!(view(&house, QueueView::Rectifying).await, ["A1"]);
        assert!(view(&house, QueueView::ToVerify).await.is_empty());
        assert!(house.told(ordered.case_id).await.is_empty());

        let answered = feed_back(&house.reviews, &house.supervisor, id, put_right()).await.unwrap();
        assert_eq!(answered.state, ReviewState::Answered);
        assert_eq!(answered.reply, "样本已更正，感谢您指出");
        assert!(answered.closed_at.is_some() && !answered.is_overdue(day("2027-01-01")));
        assert_eq!(view(&house, QueueView::Closed).await, ["A1"]);
        assert_eq!(house.told(answered.case_id).await, ["评价已答复"]);
        let events = house.audited().await;
        assert_eq!(events[2..], ["review.verified done", "review.answered done"]);
    }

    async fn an_untrue_complaint_is_answered_and_counts_in_no_level(db: Db) {
        let house = House::new(db);
        house.rated("A1", 1).await;
        house.rated("A2", 4).await;
        let id = house.rated("A3", 5).await;
        let dismissal = found(Finding::NotTrue, "", "经查并未多收材料");
        let dismissed = verify(&house.reviews, &house.supervisor, id, dismissal).await.unwrap();
        assert_eq!(dismissed.state, ReviewState::Dismissed);
        assert_eq!(house.told(dismissed.case_id).await, ["评价已答复"]);
        let items = item_statistics(&house.db, &house.supervisor).await.unwrap();
        assert_eq!(items.len(), 1);
        assert_eq!((items[0].counts, items[0].dismissed), ([1, 0, 0, 1, 0], 1));
        assert_eq!(items[0].satisfied_percent(), Some(50));
    }

    async fn nothing_is_left_half_done(db: Db) {
        let house = House::new(db);
        let id = house.rated("A1", 5).await;
        let by = &house.supervisor;
        let pointers = async |verification: Verification| -> Vec<String> {
            let problem = verify(&house.reviews, by, id, verification).await.unwrap_err();
            problem.field_errors().iter().map(|f| f.pointer.clone()).collect()
        };
        assert_eq!(pointers(Verification::default()).await, ["/note", "/finding"]);
        assert_eq!(pointers(found(Finding::True, " ", "不看这个")).await, ["/order"]);
        assert_eq!(pointers(found(Finding::NotTrue, "不看这个", "")).await, ["/reply"]);
        let early = feed_back(&house.reviews, by, id, put_right()).await.unwrap_err();
        assert_eq!(early.code(), "review.moved_on");
        assert_eq!(view(&house, QueueView::ToVerify).await, ["A1"]);
        verify(&house.reviews, by, id, found(Finding::True, "整改", "")).await.unwrap();
        let empty = feed_back(&house.reviews, by, id, Feedback::default()).await.unwrap_err();
        assert_eq!(empty.field_errors().len(), 2);
        assert_eq!(view(&house, QueueView::Rectifying).await, ["A1"]);
    }

    async fn of_two_supervisors_at_once_one_decides_and_the_other_is_told(db: Db) {
        let house = House::new(db);
        let id = house.rated("A1", 5).await;
        let other = actors::supervisor(&["review.supervise"]);
        let (one, two) = tokio::join!(
            verify(&house.reviews, &house.supervisor, id, found(Finding::True, "整改", "")),
            verify(&house.reviews, &other, id, found(Finding::NotTrue, "", "不属实")),
        );
        let refused: Vec<_> = [one, two].into_iter().filter_map(Result::err).collect();
        assert_eq!(refused.len(), 1);
        assert_eq!(refused[0].code(), "review.moved_on");
    }

    async fn another_office_finds_nothing_and_an_officer_without_the_right_may_not(db: Db) {
        let house = House::new(db);
        let id = house.rated("A1", 5).await;
        let rights = ["review.supervise"];
        let foreign = actors::staff_of("health", actors::SHANGHAI, "supervisor", "测试", &rights);
        let refused = open_review(&house.reviews, &foreign, id).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::NotFound);
        let answer = found(Finding::NotTrue, "", "不属实");
        let refused = verify(&house.reviews, &foreign, id, answer.clone()).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::NotFound);
        let clerk = actors::counter(&["case.accept"]);
        let refused = verify(&house.reviews, &clerk, id, answer.clone()).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Forbidden);
        // The applicant owns the row, but not its handling.
        let refused = verify(&house.reviews, &house.citizen, id, answer).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Forbidden);
    }

    async fn an_office_may_shorten_the_days(db: Db) {
        let house = House::new(db);
        let id = house.rated("A1", 4).await;
        house.db.write(house.supervisor.clone(), |tx, ctx| Box::pin(async move {
            change_setting(tx, ctx, NewSetting { code: "rectification_days", value: &json!(2), reason: "试" }).await
        })).await.unwrap();
        let order = found(Finding::True, "整改", "");
        let ordered = verify(&house.reviews, &house.supervisor, id, order).await.unwrap();
        assert_eq!(ordered.due_on, Some(day("2026-11-25")));
    }
}
