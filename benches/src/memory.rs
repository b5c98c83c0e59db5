//! What the server itself takes: its program's size, its memory at rest and under load, how soon it answers.
//! Measured on a process of its own, so that the client's memory is not counted.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use tongban_base::{Problem, Result};

use crate::client::get;
use crate::load::load;
use crate::program::{Program, UNLIMITED};
use crate::{Figure, Report, town};

const LOADED: Duration = Duration::from_secs(5);
const START: f64 = 2.0;

/// `program` is `tongban` itself, `folder` an empty one for its data.
pub async fn memory(program: &Path, folder: &Path) -> Result<Report> {
    let mut report = Report::new("memory");
    let size = std::fs::metadata(program).map_err(Problem::internal)?.len();
    report.add(Figure::new("program", size as f64 / 1e6, "MB"));
    let (child, _, first) = Program::start(program, folder, UNLIMITED).await?;
    child.end().await?;
    report.add(Figure::new("first start, data made", first, "s"));
    let (child, server, second) = Program::start(program, folder, UNLIMITED).await?;
    report.add(Figure::new("second start", second, "s").at_most(START));
    let outcome = loaded(&mut report, &child, server).await;
    child.end().await?;
    outcome?;
    Ok(report)
}

async fn loaded(report: &mut Report, child: &Program, server: SocketAddr) -> Result<()> {
    report.add(Figure::new("memory at rest", child.told("VmRSS:")?, "MB"));
    let item = town::application()?.item;
    for path in ["/items".to_owned(), format!("/items/{item}")] {
        load(server, &get(&path, None), LOADED).await?;
    }
    let (most, after) = (child.told("VmHWM:")?, child.told("VmRSS:")?);
    report.add(Figure::new("memory under load, the most", most, "MB"));
    report.add(Figure::new("memory after it", after, "MB"));
    Ok(())
}
