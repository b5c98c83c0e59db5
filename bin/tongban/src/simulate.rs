//! `tongban simulate NAME`: counterparts that no one here can reach, played on real sockets by their contracts.

use std::future::Future;
use std::net::SocketAddr;
use std::process::ExitCode;

use tokio::net::TcpListener;
use tongban_base::{Clock, Date};
use tongban_identity::simulator::PopulationSimulator;
use tongban_outward::Counterpart;
use tongban_packs::Pack;

use crate::failure::Failure;
use crate::log::say;
use crate::outward::Outward;
use crate::wiring::load_pack;
use crate::{demo, sms};

/// Name and key of this application at the simulated counterparts; worth nothing elsewhere.
pub const APPLICATION: &str = "tongban-demo";
pub const KEY: &[u8] = b"simulated counterpart, no secret";

pub async fn simulate(name: &str, listen: SocketAddr) -> Result<ExitCode, Failure> {
    let listener = TcpListener::bind(listen).await?;
    say(&format!(
        "模拟对端 {name}：http://{}",
        listener.local_addr()?
    ));
    let stop = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    match name {
        "population" => {
            let pack = load_pack(crate::packs::transport())?;
            population(&pack, Clock::machine().now().date())?
                .serve(listener, stop)
                .await?;
        }
        "sms" => {
            sms::simulator().serve(listener, stop).await?;
        }
        other => {
            return Err(Failure::new(format!(
                "没有叫 {other} 的模拟对端；可用：population、sms"
            )));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn population(pack: &Pack, today: Date) -> Result<PopulationSimulator, Failure> {
    let people = demo::population(pack, today)?;
    Ok(PopulationSimulator::new(APPLICATION, KEY, people))
}

/// The demonstration asks a simulated register on a free port of its own.
pub async fn spawn_population(
    pack: &Pack,
    today: Date,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<Counterpart, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let simulator = population(pack, today)?;
    tokio::spawn(async move {
        if let Err(problem) = simulator.serve(listener, stop).await {
            tracing::error!(%problem, "the simulated population register stopped");
        }
    });
    Outward::default().counterpart("模拟人口库", &format!("http://{address}"))
}
