//! The applications of a pack that people may log in to with their account here.

use tongban_identity::{Client, NewClient};
use tongban_packs::{Findings, Pack};

const FILE: &str = "clients.toml";

/// Every application that is described rightly, each with whether it is an example.
pub fn read(pack: &Pack, findings: &mut Findings) -> Vec<(bool, Client)> {
    let mut clients = Vec::new();
    for client in pack.clients.values() {
        let wish = NewClient {
            code: client.code.clone(),
            title: client.title.clone(),
            redirect_uris: client.redirect_uris.clone(),
            secret_digest: client.secret_digest.clone(),
            public: client.public,
            scopes: client.scopes.clone(),
        };
        match Client::new(wish) {
            Ok(taken) => clients.push((client.example, taken)),
            Err(faults) => {
                for fault in faults {
                    findings.add(FILE, Some(&client.code), fault);
                }
            }
        }
    }
    clients
}
