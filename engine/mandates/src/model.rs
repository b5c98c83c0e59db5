//! What a mandate is and how it stands on a day. Knows no table.

use tongban_base::{Date, Timestamp, Uuid};

tongban_base::id!(MandateId);
tongban_store::store_ids!(MandateId);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Whoever is to act has not answered.
    Invited,
    Confirmed,
    Declined,
    /// By one of the two, or because its last day has passed.
    Ended,
}

const STATES: [State; 4] = [
    State::Invited,
    State::Confirmed,
    State::Declined,
    State::Ended,
];

impl State {
    pub fn code(self) -> &'static str {
        match self {
            State::Invited => "invited",
            State::Confirmed => "confirmed",
            State::Declined => "declined",
            State::Ended => "ended",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            State::Invited => "等待确认",
            State::Confirmed => "有效",
            State::Declined => "已谢绝",
            State::Ended => "已结束",
        }
    }

    pub(crate) fn of(code: &str) -> Option<Self> {
        STATES.into_iter().find(|state| state.code() == code)
    }

    /// It can still come to count, or does.
    pub fn is_open(self) -> bool {
        matches!(self, State::Invited | State::Confirmed)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndedBy {
    Principal,
    Agent,
    /// Its last day has passed.
    Time,
}

const ENDINGS: [EndedBy; 3] = [EndedBy::Principal, EndedBy::Agent, EndedBy::Time];

impl EndedBy {
    pub fn code(self) -> &'static str {
        match self {
            EndedBy::Principal => "principal",
            EndedBy::Agent => "agent",
            EndedBy::Time => "time",
        }
    }

    pub(crate) fn of(code: &str) -> Option<Self> {
        ENDINGS.into_iter().find(|by| by.code() == code)
    }
}

#[derive(Clone, Debug)]
pub struct Mandate {
    pub id: MandateId,
    /// The account of whoever is helped.
    pub principal: Uuid,
    pub(crate) principal_digest: String,
    pub principal_name: String,
    pub(crate) agent_digest: String,
    pub agent_name: String,
    pub agent_number: String,
    /// The account that has confirmed.
    pub agent: Option<Uuid>,
    /// The items that it is for; none where it is for all.
    pub items: Option<Vec<String>>,
    /// On this day it still counts.
    pub last_day: Date,
    pub(crate) state: State,
    pub invited_at: Timestamp,
    pub answered_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub ended_by: Option<EndedBy>,
}

impl Mandate {
    /// What is over by time is ended, whether anybody has noted it or not.
    pub fn state_on(&self, day: Date) -> State {
        match self.state.is_open() && self.last_day < day {
            true => State::Ended,
            false => self.state,
        }
    }

    /// The same two people, items and last day.
    pub(crate) fn says_as(&self, other: &Self) -> bool {
        (&self.agent_digest, &self.agent_name, &self.items)
            == (&other.agent_digest, &other.agent_name, &other.items)
            && (self.principal, self.last_day) == (other.principal, other.last_day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mandate_counts_on_its_last_day_and_not_after_it() {
        let day = |text: &str| text.parse::<Date>().unwrap_or_default();
        let mandate = Mandate {
            id: MandateId::new(),
            principal: Uuid::nil(),
            principal_digest: String::new(),
            principal_name: String::new(),
            agent_digest: String::new(),
            agent_name: String::new(),
            agent_number: String::new(),
            agent: None,
            items: None,
            last_day: day("2026-12-31"),
            state: State::Confirmed,
            invited_at: Timestamp(0),
            answered_at: None,
            ended_at: None,
            ended_by: None,
        };
        assert_eq!(mandate.state_on(day("2026-12-31")), State::Confirmed);
        assert_eq!(mandate.state_on(day("2027-01-01")), State::Ended);
        let declined = Mandate {
            state: State::Declined,
            ..mandate
        };
        assert_eq!(declined.state_on(day("2027-01-01")), State::Declined);
    }
}
