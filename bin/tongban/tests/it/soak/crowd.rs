//! People who apply and withdraw without a pause, at whichever server is there, and remember what they were told.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value as Json, json};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tongban_identity::{DEMO_PASSWORD, demo_people};

use crate::server::Client;

/// Two at once for each person; of one family only one case may be open.
const ITEMS: [[&str; 2]; 2] = [
    ["road-driver-cancel", "ride-hailing-cancel"],
    ["road-driver-change", "ride-hailing-cancel"],
];
const PEOPLE: usize = 5;
/// Nobody hears of them any more: what broke does not come back.
const PATIENCE: Duration = Duration::from_secs(240);
const BREATH: Duration = Duration::from_millis(5);

/// What a server said yes to.
#[derive(Clone, Default)]
pub struct Acknowledged {
    pub submitted: BTreeSet<String>,
    pub withdrawn: BTreeSet<String>,
}

struct Shared {
    servers: Mutex<Vec<String>>,
    acknowledged: Mutex<Acknowledged>,
    submitted: watch::Sender<usize>,
    is_over: AtomicBool,
}

pub struct Crowd {
    shared: Arc<Shared>,
    people: JoinSet<()>,
}

impl Crowd {
    /// They log in at the first of the servers and go on at all of them.
    pub async fn at(servers: &[String]) -> Self {
        let tokens = log_in(&servers[0]).await;
        let shared = Arc::new(Shared {
            servers: Mutex::new(servers.to_vec()),
            acknowledged: Mutex::default(),
            submitted: watch::Sender::new(0),
            is_over: AtomicBool::new(false),
        });
        let mut people = JoinSet::new();
        for (person, token) in (1..).zip(tokens) {
            for item in ITEMS[person % 2] {
                let (shared, token) = (Arc::clone(&shared), token.clone());
                people.spawn(async move { shared.works(&token, person, item).await });
            }
        }
        Self { shared, people }
    }

    pub fn goes_to(&self, servers: &[String]) {
        *self.shared.servers.lock().unwrap() = servers.to_vec();
    }

    /// Until so many more were taken.
    pub async fn submits(&self, more: usize) {
        let mut submitted = self.shared.submitted.subscribe();
        let enough = *submitted.borrow() + more;
        let filled = submitted.wait_for(|count| *count >= enough);
        let filled = tokio::time::timeout(PATIENCE, filled).await;
        assert!(filled.is_ok(), "nothing is taken any more");
    }

    pub fn knows(&self) -> Acknowledged {
        self.shared.acknowledged.lock().unwrap().clone()
    }

    pub async fn goes_home(self) -> Acknowledged {
        self.shared.is_over.store(true, Ordering::SeqCst);
        self.people.join_all().await;
        self.shared.acknowledged.lock().unwrap().clone()
    }
}

async fn log_in(address: &str) -> Vec<String> {
    let mut client = Client::connect(address).await.unwrap();
    let mut tokens = Vec::new();
    for person in 1..=PEOPLE {
        let wish = json!({ "kind": "citizen", "login": format!("ceshi{person}"), "password": DEMO_PASSWORD });
        let opened = client.call("POST", "/api/v1/sessions", Some(&wish)).await;
        tokens.push(opened.unwrap().1["token"].as_str().unwrap().to_owned());
    }
    tokens
}

impl Shared {
    async fn works(&self, token: &str, person: usize, item: &str) {
        let mut turn = person;
        while !self.is_over.load(Ordering::SeqCst) {
            let address = {
                let servers = self.servers.lock().unwrap();
                servers.get(turn % servers.len().max(1)).cloned()
            };
            turn += 1;
            if let Some(address) = address {
                self.goes_on(&address, token, person, item).await;
            }
            tokio::time::sleep(BREATH).await;
        }
    }

    /// Until the server is gone, or cannot say that something was kept.
    async fn goes_on(&self, address: &str, token: &str, person: usize, item: &str) -> Option<()> {
        let mut client = Client::connect(address).await?;
        client.token = token.to_owned();
        let open = kept(&mut client, "GET", "/api/v1/cases?status=submitted", None).await?;
        let open = open["cases"].as_array()?.iter();
        for case in open.filter(|case| case["item"] == item) {
            self.withdraw(&mut client, case["id"].as_str()?).await?;
        }
        while !self.is_over.load(Ordering::SeqCst) {
            let wish = json!({ "item": item });
            let begun = kept(&mut client, "POST", "/api/v1/drafts", Some(&wish)).await?;
            let draft = format!("/api/v1/drafts/{}", begun["draft"].as_str()?);
            let filled = application(person, item);
            let saved = kept(&mut client, "POST", &draft, Some(&filled)).await?;
            let nothing_wrong = json!({ "errors": [], "refusals": [] });
            assert_eq!(saved, nothing_wrong, "{item} of {person}");
            let done = kept(&mut client, "POST", &format!("{draft}/submit"), None).await?;
            let case = done["case"].as_str()?.to_owned();
            let count = {
                let mut acknowledged = self.acknowledged.lock().unwrap();
                acknowledged.submitted.insert(case.clone());
                acknowledged.submitted.len()
            };
            self.submitted.send_replace(count);
            self.withdraw(&mut client, &case).await?;
        }
        Some(())
    }

    async fn withdraw(&self, client: &mut Client, case: &str) -> Option<()> {
        let address = format!("/me/cases/{case}/withdraw");
        let (status, said) = client.form(&address, "reason=test").await?;
        if status == 503 {
            return None;
        }
        assert_eq!(status, 303, "{said}");
        let mut acknowledged = self.acknowledged.lock().unwrap();
        acknowledged.withdrawn.insert(case.to_owned());
        Some(())
    }
}

/// None where the server says that it could not keep it, or does not know.
async fn kept(client: &mut Client, method: &str, path: &str, body: Option<&Json>) -> Option<Json> {
    let (status, said) = client.call(method, path, body).await?;
    if status == 503 {
        return None;
    }
    assert_eq!(status, 200, "{method} {path}: {said}");
    Some(said)
}

pub fn application(person: usize, item: &str) -> Json {
    let known = &demo_people()[person - 1];
    if item.ends_with("-cancel") {
        json!({
            "answers": { "reason": "own", "paper": "no" },
            "form": { "mobile": known.mobile, "understand": true, "commitment": true },
        })
    } else {
        json!({
            "answers": { "matter": "driving_class" },
            "form": { "new_driving_class": "C1", "delivery": "electronic", "commitment": true },
        })
    }
}
