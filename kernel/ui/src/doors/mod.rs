//! The doors of the house: how many may come, how long they may take, how much they may bring and how often. What they
//! allow stands in [`DoorSettings`]; what they do is counted. Knows no session and no page.

mod bodies;
mod connections;
mod counters;
mod pace;
mod places;
mod spending;
mod visitor;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use tongban_base::{Budgets, Rates};

pub(crate) use bodies::account;
pub use connections::{listen, serve};
pub(crate) use counters::Counters;
pub use pace::Patience;
pub(crate) use spending::Spent;
pub use visitor::ProxyHeader;
pub(crate) use visitor::Visitor;

use bodies::Bodies;
use places::Places;

/// What an installation may set.
#[derive(Clone, Debug)]
pub struct DoorSettings {
    pub patience: Patience,
    /// Connections in all.
    pub connections: usize,
    pub connections_per_address: usize,
    /// Bytes of all bodies that are being taken in or worked on.
    pub bodies: usize,
    /// How long requests under way may take when the server is told to stop.
    pub grace: Duration,
    /// Whoever stands between visitors and the server and is believed when it tells who they are.
    pub proxies: Vec<IpNet>,
    pub proxy_header: ProxyHeader,
    /// How often public doors may be used.
    pub rates: Rates,
    /// Who may read the figures for monitoring.
    pub metrics_for: Vec<IpNet>,
    /// Who may read the description of the interface; empty for everybody.
    pub interface_for: Vec<IpNet>,
}

impl Default for DoorSettings {
    fn default() -> Self {
        Self {
            patience: Patience::default(),
            connections: 8_192,
            connections_per_address: 100,
            bodies: 192 * 1024 * 1024,
            grace: Duration::from_secs(8),
            proxies: Vec::new(),
            proxy_header: ProxyHeader::XForwardedFor,
            rates: Rates::default(),
            metrics_for: this_machine(),
            interface_for: Vec::new(),
        }
    }
}

/// The addresses by which a machine speaks to itself.
pub fn this_machine() -> Vec<IpNet> {
    ["127.0.0.0/8", "::1/128"]
        .iter()
        .filter_map(|net| net.parse().ok())
        .collect()
}

pub(crate) fn is_among(nets: &[IpNet], address: IpAddr) -> bool {
    let address = address.to_canonical();
    nets.iter().any(|net| net.contains(&address))
}

/// Cheap to clone; one for each house.
#[derive(Clone)]
pub struct Doors(Arc<Inner>);

struct Inner {
    settings: DoorSettings,
    counters: Arc<Counters>,
    places: Arc<Places>,
    bodies: Arc<Bodies>,
    budgets: Budgets,
}

impl Doors {
    pub fn new(settings: DoorSettings) -> Self {
        let counters = Arc::<Counters>::default();
        Self(Arc::new(Inner {
            places: Arc::new(Places::new(
                settings.connections,
                settings.connections_per_address,
                Arc::clone(&counters),
            )),
            bodies: Arc::new(Bodies::new(settings.bodies)),
            budgets: Budgets::new(settings.rates.clone()),
            counters,
            settings,
        }))
    }

    pub(crate) fn settings(&self) -> &DoorSettings {
        &self.0.settings
    }

    pub(crate) fn budgets(&self) -> &Budgets {
        &self.0.budgets
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.0.counters
    }

    /// In the text format of Prometheus.
    pub fn figures(&self) -> String {
        let mut text = String::new();
        self.0.counters.write(&mut text);
        let open = self.0.places.taken();
        let bytes = self.0.bodies.held();
        text.push_str(&format!(
            "# TYPE tongban_connections gauge\ntongban_connections {open}\n\
             # TYPE tongban_body_bytes gauge\ntongban_body_bytes {bytes}\n"
        ));
        text
    }
}
