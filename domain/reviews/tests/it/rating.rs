//! Who may rate what, how often and with which words.

use tongban_base::Kind;
use tongban_packs::{Findings, Folder};
use tongban_reviews::{
    Channel, Level, NewReview, QueueFilter, ReviewSets, ReviewState, item_statistics, list_reviews,
    review_of_case,
};
use tongban_testkit::{actors, covers, on_both_databases};

use crate::house::{House, migrations, new, pack, standard};

on_both_databases! {
    &migrations();

    async fn an_applicant_rates_a_finished_case_once_per_channel(db: Db) {
        covers!("XC-087");
        let house = House::new(db);
        let case = house.case("A1");
        let first = NewReview {
            tags: vec!["510".into(), "517".into()],
            words: "  很快\r\n谢谢 ".into(),
            ..new(1)
        };
        house.rate(&house.citizen, &case, first).await.unwrap();
        let again = house.rate(&house.citizen, &case, new(5)).await.unwrap_err();
        assert_eq!(again.code(), "review.already_rated");
        let by_phone = NewReview { channel: Some(Channel::Telephone), ..new(2) };
        house.rate(&house.citizen, &case, by_phone).await.unwrap();

        let rated = house.of_case(case.case_id).await;
        let seen: Vec<(u8, Channel)> = rated.iter().map(|r| (r.level.value(), r.channel)).collect();
        assert_eq!(seen, [(1, Channel::Web), (2, Channel::Telephone)]);
        assert_eq!(rated[0].words, "很快\n谢谢");
        assert_eq!(rated[0].tags[1].text, "服务热情效率高");
        assert_eq!(rated[0].state, ReviewState::Noted);
        let newest = house.db.read(case.case_id, |tx, id| Box::pin(review_of_case(tx, *id))).await.unwrap();
        assert_eq!(newest.unwrap().channel, Channel::Telephone);
        let anonymous = house.rate(&actors::anonymous(), &case, new(1)).await.unwrap_err();
        assert_eq!(anonymous.kind(), Kind::Unauthenticated);
    }

    async fn of_two_ratings_at_once_one_stays(db: Db) {
        let house = House::new(db);
        let case = house.case("A1");
        let (one, two) = tokio::join!(
            house.rate(&house.citizen, &case, new(1)),
            house.rate(&house.citizen, &case, new(5)),
        );
        let refused: Vec<_> = [one, two].into_iter().filter_map(Result::err).collect();
        assert_eq!(refused.len(), 1);
        assert_eq!(refused[0].code(), "review.already_rated");
        assert_eq!(house.of_case(case.case_id).await.len(), 1);
    }

    async fn strangers_and_officers_rate_nothing_and_their_attempts_stay_on_record(db: Db) {
        let house = House::new(db);
        let case = house.case("A1");
        let stranger = house.rate(&actors::citizen(), &case, new(5)).await.unwrap_err();
        assert_eq!(stranger.kind(), Kind::NotFound);
        let officer = actors::counter(&["review.rate", "review.supervise"]);
        let officer = house.rate(&officer, &case, new(1)).await.unwrap_err();
        assert_eq!(officer.kind(), Kind::Forbidden);
        let unfinished = tongban_reviews::Reviewable { finished: false, ..case.clone() };
        let early = house.rate(&house.citizen, &unfinished, new(1)).await.unwrap_err();
        assert_eq!(early.code(), "review.not_finished");
        assert!(house.of_case(case.case_id).await.is_empty());
        assert_eq!(house.audited().await, ["review.rated refused"; 2]);
    }

    async fn only_bad_ratings_reach_the_queue_of_their_own_office_and_division(db: Db) {
        let house = House::new(db);
        for level in 1..=5 {
            house.rated(&format!("A{level}"), level).await;
        }
        let seen = |ctx: tongban_base::Ctx| {
            let db = house.db.clone();
            async move {
                let (page, counts) = list_reviews(&db, &ctx, QueueFilter::default()).await.unwrap();
                let numbers: Vec<String> = page.rows.into_iter().map(|r| r.case_number).collect();
                assert_eq!(counts, [numbers.len() as u64, 0]);
                numbers
            }
        };
        let of = |office: &str, division: &str| {
            actors::staff_of(office, division, "supervisor", "测试", &["review.supervise"])
        };
        assert_eq!(seen(house.supervisor.clone()).await, ["A4", "A5"]);
        assert_eq!(seen(of(actors::OFFICE, "310101000000")).await, ["A4", "A5"]);
        assert!(seen(of(actors::OFFICE, "310104000000")).await.is_empty());
        assert!(seen(of("health", actors::SHANGHAI)).await.is_empty());
        for unfit in [actors::counter(&["case.accept"]), house.citizen.clone(), actors::anonymous()] {
            let refused = list_reviews(&house.db, &unfit, QueueFilter::default()).await.unwrap_err();
            assert_eq!(refused.kind(), Kind::Forbidden);
            assert!(item_statistics(&house.db, &unfit).await.is_err());
        }
    }
}

#[tokio::test]
async fn a_level_its_tags_and_the_length_of_words_are_checked_field_by_field() {
    let database = tongban_testkit::sqlite(&migrations()).await;
    let house = House::new(database.db());
    let case = house.case("A1");
    let refused = async |new: NewReview| -> Vec<String> {
        let problem = house.rate(&house.citizen, &case, new).await.unwrap_err();
        let fields = problem.field_errors().iter();
        fields.map(|f| f.pointer.clone()).collect()
    };
    assert_eq!(refused(new(0)).await, ["/level"]);
    assert_eq!(refused(new(6)).await, ["/level"]);
    let of_another_level = NewReview {
        tags: vec!["510".into()],
        ..new(5)
    };
    assert_eq!(refused(of_another_level).await, ["/tags"]);
    let long = NewReview {
        words: "字".repeat(501),
        tags: vec!["x".into()],
        ..new(5)
    };
    assert_eq!(refused(long).await, ["/words", "/tags"]);
    let just_right = NewReview {
        words: "字".repeat(500),
        ..new(5)
    };
    house.rate(&house.citizen, &case, just_right).await.unwrap();
}

#[test]
fn the_codes_of_the_standard_remarks_begin_with_the_level_of_the_exchange_interface() {
    for level in standard().levels() {
        assert_eq!(level.tags.len(), 8);
        assert_eq!(level.title, level.level.title());
        for tag in &level.tags {
            let first = tag.code.chars().next().unwrap();
            assert_eq!(
                first.to_digit(10),
                Some(u32::from(level.level.to_exchange()))
            );
        }
    }
    assert_eq!(Level::from_exchange(5), Level::new(1));
}

#[test]
fn a_set_without_all_five_levels_or_with_a_tag_twice_is_told() {
    let faults = |from: &str, to: &str| {
        let text = pack().text("reviews.toml").unwrap().replacen(from, to, 1);
        let mut findings = Findings::default();
        let folder = Folder::default().with("reviews.toml", text);
        let sets = ReviewSets::read(&folder, &mut findings);
        assert!(sets.get("standard").is_none());
        findings.0[0].message.clone()
    };
    assert!(faults("value = 5", "value = 4").contains("五个等级"));
    assert!(faults("value = 5", "value = 6").contains("1至5"));
    assert!(faults("\"510\"", "\"115\"").contains("115"));
    assert!(faults("title =", "titel =").contains("titel"));
}
