//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use tongban_audit::AnchorCopy;
use tongban_store::{LaneLimits, LaneSettings};

use crate::bench::BenchArgs;
use crate::doors::DoorArgs;
use crate::failure::Failure;
use crate::scenarios::ScenariosArgs;

/// 通办：政务服务平台
#[derive(Parser)]
#[command(name = "tongban", version, about)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Serves all modules.
    Serve(Box<ServeArgs>),
    /// Checks packs and tells everything that is wrong with them; what they use of the built-in ones is taken from there.
    /// Without a folder, the built-in ones.
    Check { packs: Vec<PathBuf> },
    /// Draws an approval chain as BPMN, to go on with it in a drawing tool; without a file for it, prints it.
    Flow {
        chain: PathBuf,
        /// A file that does not exist yet.
        #[arg(long, value_name = "FILE")]
        bpmn: Option<PathBuf>,
    },
    /// Verifies a sealed OFD or PDF: prints JSON; exit 0 valid, 1 invalid, 2 unreadable.
    Verify {
        file: PathBuf,
        #[command(flatten)]
        data: DataArgs,
    },
    /// The audit log.
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// The machine's clock and what is on record.
    Clock {
        #[command(subcommand)]
        command: ClockCommand,
    },
    /// Plays a counterpart on a real socket.
    Simulate {
        name: String,
        #[arg(long, default_value = "127.0.0.1:0")]
        listen: SocketAddr,
    },
    /// Copies database and objects while the server runs; the keys stay behind.
    Backup {
        target: PathBuf,
        /// Takes the keys along, encrypted under the passphrase in the first line of this file.
        #[arg(long, value_name = "FILE")]
        with_keys: Option<PathBuf>,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Brings a backup back into an empty data folder, and an empty database if one is named.
    Restore {
        source: PathBuf,
        #[command(flatten)]
        keys: KeysArgs,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Finds files that are missing or damaged, and says what they belong to; exit 1 when there are any.
    CheckData {
        #[command(flatten)]
        data: DataArgs,
    },
    /// The jobs that failed so often that they are not tried any more.
    Jobs {
        #[command(subcommand)]
        command: JobsCommand,
    },
    /// Prints what definitions may have done and ask.
    Operations,
    /// Plays the acceptance tests of a pack.
    Scenarios(ScenariosArgs),
    /// Measures the house beside peers of the same run.
    Bench(BenchArgs),
    /// Which requirements are proved by the tests that ran.
    Coverage {
        #[arg(long)]
        json: bool,
    },
}

#[derive(Subcommand)]
pub enum AuditCommand {
    /// Finds changed, removed or reordered entries, rows and journals; exit 1 when there are any.
    Verify {
        /// A copy of the anchor kept elsewhere, to be compared too.
        #[arg(long = "anchor")]
        anchors: Vec<PathBuf>,
        #[command(flatten)]
        data: DataArgs,
    },
    /// The file that keeps the end of the log outside the database is lost for good: the next start begins another.
    BeginAnchor {
        #[command(flatten)]
        data: DataArgs,
    },
}

#[derive(Subcommand)]
pub enum ClockCommand {
    /// The clock is right now and was ahead before; run it while nothing serves.
    Accept {
        #[command(flatten)]
        data: DataArgs,
    },
}

#[derive(Subcommand)]
pub enum JobsCommand {
    /// Prints them: id, kind, since when, and why.
    List {
        #[command(flatten)]
        data: DataArgs,
    },
    /// Has one run once more, or all of a kind; a server that runs takes them up.
    Repeat {
        /// The id or the kind, as `list` prints them.
        what: String,
        #[command(flatten)]
        data: DataArgs,
    },
}

#[derive(Args, Clone)]
pub struct KeysArgs {
    /// The folder of the keys, kept apart from the backup.
    #[arg(long, value_name = "FOLDER", conflicts_with = "with_keys")]
    pub keys: Option<PathBuf>,
    /// The passphrase under which the backup holds them, in the first line of this file.
    #[arg(long, value_name = "FILE")]
    pub with_keys: Option<PathBuf>,
}

#[derive(Args, Clone)]
pub struct DataArgs {
    /// Folder of database, objects and keys.
    #[arg(long, default_value = "data", env = "TONGBAN_DATA")]
    pub data: PathBuf,
    /// PostgreSQL; without it, the embedded database in the data folder. On another machine the address ends with
    /// ?sslmode=verify-full&sslrootcert=FILE, a PEM file with the authority that vouches for the server.
    #[arg(long, env = "TONGBAN_DATABASE")]
    pub database: Option<String>,
}

#[derive(Args, Clone)]
pub struct ServeArgs {
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    #[command(flatten)]
    pub data: DataArgs,
    /// Fictional people, offices and licences, with accounts to try.
    #[arg(long)]
    pub demo: bool,
    /// At most so many fictional practitioners in the registers of the demonstration.
    #[arg(long, default_value_t = 10_000, env = "TONGBAN_DEMO_PEOPLE")]
    pub people: u32,
    /// A folder of definitions instead of the built-in ones, of which it may use some. May be given several times.
    #[arg(long)]
    pub pack: Vec<PathBuf>,
    /// Address under which visitors reach the server; QR codes carry it.
    #[arg(long)]
    pub public_url: Option<String>,
    /// A second place for the end of the audit log: a file on another disk, or syslog:/dev/log. May be given twice; servers
    /// that share a data folder name the same.
    #[arg(long, env = "TONGBAN_AUDIT_ANCHOR", value_delimiter = ',')]
    pub audit_anchor: Vec<AnchorCopy>,
    /// The hour (0 to 23) in which all rows are compared with their marks and sums, once a day.
    #[arg(long, env = "TONGBAN_WALK_AT", default_value_t = 3, value_parser = clap::value_parser!(u32).range(0..24))]
    pub walk_at: u32,
    #[command(flatten)]
    pub doors: DoorArgs,
    #[command(flatten)]
    pub sms: SmsArgs,
    #[command(flatten)]
    pub outward: OutwardArgs,
    #[command(flatten)]
    pub lanes: LaneArgs,
}

/// Whom the server trusts when it asks others.
#[derive(Args, Clone, Default)]
pub struct OutwardArgs {
    /// A PEM file with the authorities that vouch for the population register and the SMS gateway. Without it their
    /// addresses can only be on this machine.
    #[arg(long = "counterpart-ca", env = "TONGBAN_COUNTERPART_CA")]
    pub authorities: Option<PathBuf>,
}

/// What runs behind the answers: in each lane so many jobs at once, each for so many seconds at most.
#[derive(Args, Clone, Default)]
pub struct LaneArgs {
    /// Changes lanes, as `papers=6/60,counterpart=8/30` (also short, looks); what is not named keeps its default.
    #[arg(long = "lanes", env = "TONGBAN_LANES", value_delimiter = ',')]
    pub lanes: Vec<String>,
}

impl LaneArgs {
    pub fn settings(&self) -> Result<LaneSettings, Failure> {
        let mut settings = LaneSettings::default();
        for wish in &self.lanes {
            let fault = || Failure::new(format!("通道设置 {wish} 不对，应形如 papers=6/60"));
            let (name, limits) = lane(wish).ok_or_else(fault)?;
            *settings.of_name(name).ok_or_else(fault)? = limits;
        }
        Ok(settings)
    }
}

fn lane(wish: &str) -> Option<(&str, LaneLimits)> {
    let (name, limits) = wish.trim().split_once('=')?;
    let (width, seconds) = limits.split_once('/')?;
    let (width, seconds): (usize, u64) = (width.parse().ok()?, seconds.parse().ok()?);
    (width > 0 && seconds > 0).then(|| (name, LaneLimits::new(width, seconds)))
}

/// The gateway's secret has no option: what stands on a command line can be read by others.
#[derive(Args, Clone, Default)]
pub struct SmsArgs {
    /// Address of the SMS gateway, https://host:port; its secret in TONGBAN_SMS_SECRET. Without one no SMS leaves the
    /// house; the demonstration simulates one.
    #[arg(long = "sms-gateway", env = "TONGBAN_SMS_GATEWAY")]
    pub gateway: Option<String>,
    /// The name under which the gateway knows this installation.
    #[arg(long = "sms-account", env = "TONGBAN_SMS_ACCOUNT")]
    pub account: Option<String>,
    /// What stands before every SMS in 【】; without it, the name of the site.
    #[arg(long = "sms-signature", env = "TONGBAN_SMS_SIGNATURE")]
    pub signature: Option<String>,
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn lanes_are_as_wide_and_patient_as_the_setting_says() {
        let of = |lanes: &[&str]| {
            let lanes = lanes.iter().map(|&wish| wish.to_owned()).collect();
            LaneArgs { lanes }.settings()
        };
        let settings = of(&["papers=6/90", "counterpart=2/10"]).unwrap();
        assert_eq!(settings.papers, LaneLimits::new(6, 90));
        assert_eq!(settings.counterpart, LaneLimits::new(2, 10));
        assert_eq!(settings.short, LaneSettings::default().short);
        for wrong in ["papers", "papers=0/9", "papers=6", "letters=6/90"] {
            assert!(of(&[wrong]).is_err(), "{wrong}");
        }
    }
}
