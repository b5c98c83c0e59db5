//! `tongban bench jobs`: two houses, one of them with an SMS gateway that takes connections and says nothing.

use std::net::SocketAddr;
use std::path::Path;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tongban_benches::{Drained, Queued, Report};
use tongban_messages::GatewayConfig;
use tongban_store::{LaneSettings, Start};

use super::{house_with, measured};
use crate::data::starts_folder;
use crate::failure::Failure;
use crate::outward::Outward;
use crate::serve;

pub(super) async fn jobs(folder: &Path) -> Result<Report, Failure> {
    let sound = drained(&folder.join("sound"), None).await?;
    // Nobody ever accepts what the system has let in.
    let silent = TcpListener::bind("127.0.0.1:0").await?;
    let gateway = GatewayConfig {
        counterpart: Outward::default()
            .counterpart("短信网关", &format!("http://{}", silent.local_addr()?))?,
        receipts: "http://127.0.0.1:1".to_owned(),
        account: "bench".to_owned(),
        secret: "bench".to_owned(),
        signature: "测试".to_owned(),
    };
    let hanging = drained(&folder.join("hanging"), Some(gateway)).await?;
    Ok(tongban_benches::jobs(&sound, &hanging))
}

async fn drained(folder: &Path, gateway: Option<GatewayConfig>) -> Result<Drained, Failure> {
    let mut house = house_with(folder, None, gateway).await?;
    let queued = Queued::of(measured(&mut house)).await?;
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let listener = tongban_ui::listen(address)?;
    let address = listener.local_addr()?;
    let pages = queued.house();
    let (doors, router) = (pages.doors.clone(), pages.router.clone());
    let serving = tongban_ui::serve(doors, router, listener, std::future::pending());
    tokio::spawn(serving);
    let (stop, stopped) = watch::channel(false);
    let start = Start::begin(&starts_folder(folder))?;
    let work = serve::background(&house, start, LaneSettings::default(), &stopped)?;
    let outcome = queued.drained(address).await;
    let _ = stop.send(true);
    for task in work {
        let _ = task.await;
    }
    outcome.map_err(Failure::from)
}
