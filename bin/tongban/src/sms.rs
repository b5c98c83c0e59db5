//! Which SMS gateway the server uses: the configured one, or in the demonstration a simulated one beside it.

use std::future::Future;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::net::TcpListener;
use tongban_messages::GatewayConfig;
use tongban_messages::simulator::SmsSimulator;
use tongban_ui::SiteSettings;

use crate::cli::SmsArgs;
use crate::failure::Failure;
use crate::outward::Outward;
use crate::simulate::{APPLICATION, KEY};

/// Only there, so that it stands neither on a command line nor in a file of ours.
const SECRET: &str = "TONGBAN_SMS_SECRET";

/// What the installation says of its gateway; none where it names no address. An address without account or secret
/// is a fault: nothing would ever be taken.
pub fn configured(
    args: &SmsArgs,
    outward: &Outward,
    site: &SiteSettings,
) -> Result<Option<GatewayConfig>, Failure> {
    let Some(url) = &args.gateway else {
        return Ok(None);
    };
    let missing = |what: &str| Failure::new(format!("配置了短信网关 {url}，还要给出{what}"));
    let account = args.account.clone();
    let secret = std::env::var(SECRET).ok().filter(|text| !text.is_empty());
    Ok(Some(GatewayConfig {
        counterpart: outward.counterpart("短信网关", url)?,
        receipts: site.public_url.clone(),
        account: account.ok_or_else(|| missing("账号（--sms-account）"))?,
        secret: secret.ok_or_else(|| missing(&format!("密钥（环境变量 {SECRET}）")))?,
        signature: signature(args),
    }))
}

/// Without one, messages are signed with the name of the site.
fn signature(args: &SmsArgs) -> String {
    args.signature.clone().unwrap_or_default()
}

/// The gateway that `tongban simulate sms` plays: account and secret as `serve` reads them, else those of the
/// demonstration.
pub fn simulator() -> SmsSimulator {
    let given = |name: &str, otherwise: &str| std::env::var(name).unwrap_or(otherwise.to_owned());
    SmsSimulator::new(
        &given("TONGBAN_SMS_ACCOUNT", APPLICATION),
        &given(SECRET, &String::from_utf8_lossy(KEY)),
    )
}

/// A gateway on a free port of its own, until `stop` resolves. Its receipts come to where the house itself listens.
pub async fn spawn_simulated(
    args: &SmsArgs,
    listening: SocketAddr,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<GatewayConfig, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let secret = String::from_utf8_lossy(KEY).into_owned();
    let simulator = SmsSimulator::new(APPLICATION, &secret);
    tokio::spawn(async move {
        if let Err(problem) = simulator.serve(listener, stop).await {
            tracing::error!(%problem, "the simulated SMS gateway stopped");
        }
    });
    Ok(GatewayConfig {
        counterpart: Outward::default().counterpart("模拟网关", &format!("http://{address}"))?,
        receipts: format!("http://{}", on_this_machine(listening)),
        account: APPLICATION.to_owned(),
        secret,
        signature: signature(args),
    })
}

/// Who listens everywhere is reached on this machine too.
fn on_this_machine(mut listening: SocketAddr) -> SocketAddr {
    match listening {
        SocketAddr::V4(address) if address.ip().is_unspecified() => {
            listening.set_ip(Ipv4Addr::LOCALHOST.into());
        }
        SocketAddr::V6(address) if address.ip().is_unspecified() => {
            listening.set_ip(Ipv6Addr::LOCALHOST.into());
        }
        _ => {}
    }
    listening
}
