//! What the command line says of the doors, and how many files the system lets this process have open.

use std::net::IpAddr;
use std::time::Duration;

use clap::{Args, ValueEnum};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tongban_base::{Rates, SetRate};
use tongban_ui::{DoorSettings, IpNet, ProxyHeader, this_machine};

/// Files beside connections: databases, objects, connections outward.
const OTHER_FILES: usize = 256;

#[derive(Args, Clone)]
pub struct DoorArgs {
    /// A proxy in front of the server, as address or network; only a named one is believed when it tells for whom it
    /// asks. May be given several times, or with commas.
    #[arg(long = "trusted-proxy", value_delimiter = ',', value_parser = net, env = "TONGBAN_TRUSTED_PROXIES")]
    pub proxies: Vec<IpNet>,
    /// The header in which the proxies write it; the other is not read.
    #[arg(long, value_enum, default_value_t = Header::XForwardedFor, env = "TONGBAN_PROXY_HEADER")]
    pub proxy_header: Header,
    /// Connections in all; fewer where the system allows fewer open files.
    #[arg(long, default_value_t = DoorSettings::default().connections, env = "TONGBAN_CONNECTIONS")]
    pub connections: usize,
    /// Connections from one address that is no trusted proxy.
    #[arg(long, default_value_t = DoorSettings::default().connections_per_address, env = "TONGBAN_CONNECTIONS_PER_ADDRESS")]
    pub connections_per_address: usize,
    /// How often public doors may be used, as NAME=BURST/PER_HOUR or NAME=unlimited; all stands for every one of them.
    #[arg(long = "budget", value_delimiter = ',', env = "TONGBAN_BUDGETS")]
    pub budgets: Vec<SetRate>,
    /// Seconds that requests under way are given when the server is told to stop.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u64).range(0..=8), env = "TONGBAN_GRACE")]
    pub grace: u64,
    /// Who may read /metrics, as addresses or networks; without it, this machine only.
    #[arg(long, value_delimiter = ',', value_parser = net, env = "TONGBAN_METRICS_FOR")]
    pub metrics_for: Vec<IpNet>,
    /// Who may read /api/v1/openapi.json; without it, everybody.
    #[arg(long, value_delimiter = ',', value_parser = net, env = "TONGBAN_INTERFACE_FOR")]
    pub interface_for: Vec<IpNet>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Header {
    XForwardedFor,
    Forwarded,
}

impl DoorArgs {
    /// `files` is how many the process may have open.
    pub fn settings(&self, files: usize) -> DoorSettings {
        let mut rates = Rates::default();
        for set in &self.budgets {
            rates.set(set);
        }
        let spare = files.saturating_sub(OTHER_FILES).max(files / 2);
        DoorSettings {
            connections: self.connections.min(spare),
            connections_per_address: self.connections_per_address,
            grace: Duration::from_secs(self.grace),
            proxies: self.proxies.clone(),
            proxy_header: match self.proxy_header {
                Header::XForwardedFor => ProxyHeader::XForwardedFor,
                Header::Forwarded => ProxyHeader::Forwarded,
            },
            metrics_for: match self.metrics_for.is_empty() {
                true => this_machine(),
                false => self.metrics_for.clone(),
            },
            rates,
            interface_for: self.interface_for.clone(),
            ..DoorSettings::default()
        }
    }
}

/// An address stands for the network that has no other.
fn net(text: &str) -> Result<IpNet, String> {
    let one = || text.parse::<IpAddr>().map(IpNet::from);
    text.parse()
        .or_else(|_| one())
        .map_err(|_| "写成地址或者网段，例如 10.0.0.5、10.0.0.0/8".to_owned())
}

/// As many open files as the system allows at all; gives their number.
pub fn raise_file_limit() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    let current = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(cause) => {
            tracing::warn!(%cause, "the number of open files could not be raised");
            limit.current
        }
    };
    current.map_or(usize::MAX, |most| {
        usize::try_from(most).unwrap_or(usize::MAX)
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        doors: DoorArgs,
    }

    fn settings(arguments: &[&str], files: usize) -> DoorSettings {
        let line = [&["tongban"], arguments].concat();
        Line::try_parse_from(line).unwrap().doors.settings(files)
    }

    #[test]
    fn proxies_are_addresses_and_networks() {
        let doors = settings(&["--trusted-proxy", "10.0.0.0/8,192.0.2.7"], 4096);
        let proxies: Vec<String> = doors.proxies.iter().map(ToString::to_string).collect();
        assert_eq!(proxies, ["10.0.0.0/8", "192.0.2.7/32"]);
        assert!(Line::try_parse_from(["tongban", "--trusted-proxy", "proxy"]).is_err());
    }

    #[test]
    fn there_are_never_more_connections_than_files() {
        assert_eq!(settings(&[], 1_000_000).connections, 8_192);
        assert_eq!(settings(&[], 1_024).connections, 768);
        assert_eq!(settings(&[], 256).connections, 128);
    }
}
