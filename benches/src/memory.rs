//! What the server itself takes: its program's size, its memory at rest and under load, how soon it answers.
//! Measured on a process of its own, so that the client's memory is not counted.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tongban_base::{Problem, Result};

use crate::client::{Connection, get};
use crate::load::load;
use crate::{Figure, Report, town};

const LOADED: Duration = Duration::from_secs(5);
const START: f64 = 2.0;

/// `program` is `tongban` itself, `folder` an empty one for its data.
pub async fn memory(program: &Path, folder: &Path) -> Result<Report> {
    let mut report = Report::new("memory");
    let size = std::fs::metadata(program).map_err(Problem::internal)?.len();
    report.add(Figure::new("program", size as f64 / 1e6, "MB"));
    let (mut child, _, first) = start(program, folder).await?;
    end(&mut child).await?;
    report.add(Figure::new("first start, data made", first, "s"));
    let (mut child, server, second) = start(program, folder).await?;
    report.add(Figure::new("second start", second, "s").at_most(START));
    let outcome = loaded(&mut report, &child, server).await;
    end(&mut child).await?;
    outcome?;
    Ok(report)
}

async fn loaded(report: &mut Report, child: &Child, server: SocketAddr) -> Result<()> {
    report.add(Figure::new("memory at rest", told(child, "VmRSS:")?, "MB"));
    let item = town::application()?.item;
    for path in ["/items".to_owned(), format!("/items/{item}")] {
        load(server, &get(&path, None), LOADED).await?;
    }
    let (most, after) = (told(child, "VmHWM:")?, told(child, "VmRSS:")?);
    report.add(Figure::new("memory under load, the most", most, "MB"));
    report.add(Figure::new("memory after it", after, "MB"));
    Ok(())
}

/// The server, its address, and the seconds until it answered for the first time.
async fn start(program: &Path, folder: &Path) -> Result<(Child, SocketAddr, f64)> {
    let begun = Instant::now();
    let mut child = Command::new(program)
        .args(["serve", "--demo", "--listen", "127.0.0.1:0", "--data"])
        .arg(folder)
        .env_remove("TONGBAN_DATABASE")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(Problem::internal)?;
    let output = child.stdout.take();
    let output = output.ok_or_else(|| Problem::internal("the server has no output"))?;
    let mut lines = BufReader::new(output).lines();
    while let Some(line) = lines.next_line().await.map_err(Problem::internal)? {
        let Some((_, address)) = line.split_once("http://") else {
            continue;
        };
        let server: SocketAddr = address.trim().parse().map_err(Problem::internal)?;
        Connection::open(server).await?.ask(&get("/", None)).await?;
        return Ok((child, server, begun.elapsed().as_secs_f64()));
    }
    Err(Problem::internal("the server ended before it listened"))
}

/// Told to stop as an operator tells it.
async fn end(child: &mut Child) -> Result<()> {
    if let Some(id) = child.id() {
        let asked = Command::new("kill").arg(id.to_string()).status().await;
        asked.map_err(Problem::internal)?;
    }
    child.wait().await.map_err(Problem::internal)?;
    Ok(())
}

/// What the system tells of a process's memory, in MB.
fn told(child: &Child, what: &str) -> Result<f64> {
    let id = child
        .id()
        .ok_or_else(|| Problem::internal("the server has ended"))?;
    let status =
        std::fs::read_to_string(format!("/proc/{id}/status")).map_err(Problem::internal)?;
    let line = status.lines().find_map(|line| line.strip_prefix(what));
    let kilobytes = line.and_then(|rest| rest.trim().split(' ').next()?.parse::<f64>().ok());
    kilobytes
        .map(|kilobytes| kilobytes * 1024.0 / 1e6)
        .ok_or_else(|| Problem::internal("the memory of a process is not told here"))
}
