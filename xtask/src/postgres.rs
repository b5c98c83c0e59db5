//! A PostgreSQL for tests, installed when it is not there.

use anyhow::Result;
use tongban_cluster::Cluster;

use crate::setup;

pub fn start() -> Result<Cluster> {
    setup::postgres()?;
    Cluster::start()
}

/// Runs until its input ends or it is interrupted.
pub fn serve() -> Result<()> {
    let cluster = start()?;
    println!("export TONGBAN_TEST_POSTGRES={}", cluster.url());
    eprintln!("Ctrl-D stops it.");
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink())?;
    Ok(())
}
