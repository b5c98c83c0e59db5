//! Sessions as their owner sees them.

use tongban_base::{Timestamp, id};

id!(SessionId);
tongban_store::store_ids!(SessionId);

/// Which of the two doors: people of the town, or people of the office.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionKind {
    Citizen,
    Staff,
}

impl SessionKind {
    pub fn code(self) -> &'static str {
        match self {
            SessionKind::Citizen => "citizen",
            SessionKind::Staff => "staff",
        }
    }

    pub(crate) fn of(code: &str) -> Option<Self> {
        [SessionKind::Citizen, SessionKind::Staff]
            .into_iter()
            .find(|kind| kind.code() == code)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionView {
    pub id: SessionId,
    pub created_at: Timestamp,
    pub seen_at: Timestamp,
    pub address: String,
    /// The browser's own words.
    pub agent: String,
    /// The one that asks.
    pub current: bool,
}

/// `Windows 电脑，Edge`: enough to recognise one's own device.
pub fn agent_words(agent: &str) -> String {
    const DEVICES: [(&str, &str); 7] = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("HarmonyOS", "鸿蒙手机"),
        ("Android", "安卓手机"),
        ("Windows", "Windows 电脑"),
        ("Mac OS", "Mac 电脑"),
        ("Linux", "Linux 电脑"),
    ];
    const BROWSERS: [(&str, &str); 5] = [
        ("MicroMessenger", "微信"),
        ("Edg", "Edge"),
        ("Firefox", "Firefox"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    ];
    let find = |list: &[(&str, &'static str)]| {
        let found = list.iter().find(|(mark, _)| agent.contains(mark));
        found.map(|(_, words)| *words)
    };
    match (find(&DEVICES), find(&BROWSERS)) {
        (Some(device), Some(browser)) => format!("{device}，{browser}"),
        (Some(device), None) => device.to_owned(),
        (None, Some(browser)) => browser.to_owned(),
        (None, None) => "其他设备".to_owned(),
    }
}
