//! A rating, its five levels, where it was given, and how far its handling has come. Knows no table and no page.

use serde::{Deserialize, Serialize};
use tongban_base::{Date, Scoped, Timestamp, Uuid};

use crate::TagSet;

tongban_base::id!(ReviewId);
tongban_store::store_ids!(ReviewId);

/// 1 very satisfied … 5 very dissatisfied (GB/T 39046-2020, A.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Level(u8);

impl Level {
    pub const ALL: [Level; 5] = [Level(1), Level(2), Level(3), Level(4), Level(5)];

    pub fn new(value: i64) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|level| i64::from(level.0) == value)
    }

    pub fn value(self) -> u8 {
        self.0
    }

    /// 不满意 and 非常不满意: someone must look into it.
    pub fn is_bad(self) -> bool {
        self.0 >= 4
    }

    /// The words of the standard; a pack may word its form otherwise.
    pub fn title(self) -> &'static str {
        match self.0 {
            1 => "非常满意",
            2 => "满意",
            3 => "基本满意",
            4 => "不满意",
            _ => "非常不满意",
        }
    }

    /// The national exchange interface counts the other way: 5 very satisfied … 1 very dissatisfied.
    pub fn to_exchange(self) -> u8 {
        6 - self.0
    }

    pub fn from_exchange(value: i64) -> Option<Self> {
        Self::new(6_i64.checked_sub(value)?)
    }
}

/// Where a rating is given. A case is rated once on each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Web,
    Mobile,
    QrCode,
    HallTablet,
    HallTerminal,
    Telephone,
    Sms,
}

impl Channel {
    pub const ALL: [Channel; 7] = [
        Channel::Web,
        Channel::Mobile,
        Channel::QrCode,
        Channel::HallTablet,
        Channel::HallTerminal,
        Channel::Telephone,
        Channel::Sms,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Channel::Web => "web",
            Channel::Mobile => "mobile",
            Channel::QrCode => "qr_code",
            Channel::HallTablet => "hall_tablet",
            Channel::HallTerminal => "hall_terminal",
            Channel::Telephone => "telephone",
            Channel::Sms => "sms",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Channel::Web => "网上",
            Channel::Mobile => "手机",
            Channel::QrCode => "扫码",
            Channel::HallTablet => "大厅平板",
            Channel::HallTerminal => "大厅其他终端",
            Channel::Telephone => "电话",
            Channel::Sms => "短信",
        }
    }

    /// The value of `pf` at the national exchange interface.
    pub fn to_exchange(self) -> u8 {
        match self {
            Channel::Web => 1,
            Channel::Mobile => 2,
            Channel::QrCode => 3,
            Channel::HallTablet => 4,
            Channel::HallTerminal => 5,
            Channel::Telephone => 6,
            Channel::Sms => 7,
        }
    }

    pub(crate) fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.code() == code)
    }
}

/// A remark with the code of the national interface, in the words it had when it was chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tag {
    pub code: String,
    pub text: String,
}

/// What the caller tells of the case that is rated.
#[derive(Clone, Debug)]
pub struct Reviewable {
    pub case_id: Uuid,
    pub case_number: String,
    /// The applicant's account.
    pub account: Uuid,
    pub item_code: String,
    pub item_name: String,
    pub organisation: String,
    /// 12 digits.
    pub division: String,
    pub finished: bool,
    /// The item's own set.
    pub tag_set: TagSet,
}

impl Scoped for Reviewable {
    fn owner(&self) -> Option<Uuid> {
        Some(self.account)
    }
    fn organisation(&self) -> Option<&str> {
        Some(&self.organisation)
    }
    fn division(&self) -> Option<&str> {
        Some(&self.division)
    }
}

/// A rating as the visitor gives it; nothing of it is believed yet.
#[derive(Clone, Debug, Default)]
pub struct NewReview {
    pub level: i64,
    /// Codes of tags that belong to the level.
    pub tags: Vec<String>,
    pub words: String,
    pub channel: Option<Channel>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewState {
    /// Good enough: nobody needs to act.
    Noted,
    /// A bad rating that nobody has looked into yet.
    ToVerify,
    /// Not true: told to the applicant with reasons; not counted.
    Dismissed,
    /// True: the office was ordered to put it right.
    Rectifying,
    /// Put right and answered.
    Answered,
}

const STATES: [ReviewState; 5] = [
    ReviewState::Noted,
    ReviewState::ToVerify,
    ReviewState::Dismissed,
    ReviewState::Rectifying,
    ReviewState::Answered,
];

impl ReviewState {
    pub fn code(self) -> &'static str {
        match self {
            ReviewState::Noted => "noted",
            ReviewState::ToVerify => "to_verify",
            ReviewState::Dismissed => "dismissed",
            ReviewState::Rectifying => "rectifying",
            ReviewState::Answered => "answered",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            ReviewState::Noted => "已评价",
            ReviewState::ToVerify => "待核实",
            ReviewState::Dismissed => "不属实，已答复",
            ReviewState::Rectifying => "整改中",
            ReviewState::Answered => "已整改，已答复",
        }
    }

    pub(crate) fn of(code: &str) -> Option<Self> {
        STATES.into_iter().find(|state| state.code() == code)
    }
}

/// A rating with everything that was done about it.
#[derive(Clone, Debug)]
pub struct ReviewView {
    pub id: ReviewId,
    pub case_id: Uuid,
    pub case_number: String,
    pub account: Uuid,
    pub item_code: String,
    pub item_name: String,
    pub organisation: String,
    pub division: String,
    pub channel: Channel,
    pub level: Level,
    pub tags: Vec<Tag>,
    pub words: String,
    pub state: ReviewState,
    pub created_at: Timestamp,
    /// What the supervisor found.
    pub finding: String,
    /// What the office was ordered to do, and until when.
    pub ordered: String,
    pub due_on: Option<Date>,
    pub verified_at: Option<Timestamp>,
    pub verified_by: String,
    pub feedback: String,
    /// What the applicant reads.
    pub reply: String,
    pub closed_at: Option<Timestamp>,
    pub closed_by: String,
}

impl ReviewView {
    /// Ordered to be put right, and the last day for it has passed.
    pub fn is_overdue(&self, today: Date) -> bool {
        self.state == ReviewState::Rectifying && self.due_on.is_some_and(|due| due < today)
    }
}

impl Scoped for ReviewView {
    fn owner(&self) -> Option<Uuid> {
        Some(self.account)
    }
    fn organisation(&self) -> Option<&str> {
        Some(&self.organisation)
    }
    fn division(&self) -> Option<&str> {
        Some(&self.division)
    }
}

/// The parts of the supervisor's queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QueueView {
    #[default]
    ToVerify,
    Rectifying,
    Closed,
}

/// How one item was rated. Ratings that proved untrue are counted apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ItemStatistics {
    pub item_code: String,
    pub item_name: String,
    /// By level, the first very satisfied.
    pub counts: [i64; 5],
    pub dismissed: i64,
}

impl ItemStatistics {
    pub fn total(&self) -> i64 {
        self.counts.iter().sum()
    }

    pub fn bad(&self) -> i64 {
        self.counts.iter().skip(3).sum()
    }

    /// Levels 1 to 3 in hundred; none where nothing was rated.
    pub fn satisfied_percent(&self) -> Option<i64> {
        let total = self.total();
        (total > 0).then(|| (total - self.bad()) * 100 / total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exchange_interface_counts_levels_the_other_way() {
        let there: Vec<u8> = Level::ALL.into_iter().map(Level::to_exchange).collect();
        assert_eq!(there, [5, 4, 3, 2, 1]);
        for level in Level::ALL {
            assert_eq!(
                Level::from_exchange(i64::from(level.to_exchange())),
                Some(level)
            );
        }
        for outside in [0, 6, -1, i64::MIN, i64::MAX] {
            assert_eq!(Level::from_exchange(outside), None);
            assert_eq!(Level::new(outside), None);
        }
    }

    #[test]
    fn the_share_of_satisfied_ratings_needs_ratings() {
        let mut item = ItemStatistics {
            item_code: "a".into(),
            item_name: "甲".into(),
            counts: [0; 5],
            dismissed: 2,
        };
        assert_eq!(item.satisfied_percent(), None);
        item.counts = [5, 1, 1, 2, 1];
        assert_eq!((item.bad(), item.satisfied_percent()), (3, Some(70)));
    }
}
