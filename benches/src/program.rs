//! The program itself as a process of its own, so that what measures it is not measured with it.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStderr, Command};
use tokio::task::JoinHandle;
use tongban_base::{Problem, Result};

use crate::client::{Connection, get};

/// All who ask come from one address.
pub const UNLIMITED: &[&str] = &["--budget", "all=unlimited"];

/// So many lines of a server that ended tell why.
const TOLD: usize = 5;

/// Killed at the latest when it is dropped.
pub struct Program(Child);

impl Program {
    /// The server of the demonstration, its address, and the seconds until it answered for the first time.
    pub async fn start(
        program: &Path,
        folder: &Path,
        options: &[&str],
    ) -> Result<(Self, SocketAddr, f64)> {
        let begun = Instant::now();
        let mut child = Command::new(program)
            .args(["serve", "--demo", "--listen", "127.0.0.1:0"])
            .args(options)
            .arg("--data")
            .arg(folder)
            .env_remove("TONGBAN_DATABASE")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(Problem::internal)?;
        let told = told(child.stderr.take());
        let output = child.stdout.take();
        let output = output.ok_or_else(|| Problem::internal("the server has no output"))?;
        let mut lines = BufReader::new(output).lines();
        while let Some(line) = lines.next_line().await.map_err(Problem::internal)? {
            let Some((_, address)) = line.split_once("http://") else {
                continue;
            };
            let server: SocketAddr = address.trim().parse().map_err(Problem::internal)?;
            Connection::open(server).await?.ask(&get("/", None)).await?;
            return Ok((Self(child), server, begun.elapsed().as_secs_f64()));
        }
        let why = told.await.map_err(Problem::internal)?;
        Err(Problem::internal(format!(
            "the server ended before it listened: {why}"
        )))
    }

    /// Told to stop as an operator tells it.
    pub async fn end(mut self) -> Result<()> {
        if let Some(id) = self.0.id() {
            let asked = Command::new("kill").arg(id.to_string()).status().await;
            asked.map_err(Problem::internal)?;
        }
        self.0.wait().await.map_err(Problem::internal)?;
        Ok(())
    }

    /// What the system tells of its memory, in MB.
    pub fn told(&self, what: &str) -> Result<f64> {
        let id = self.0.id();
        let id = id.ok_or_else(|| Problem::internal("the server has ended"))?;
        let status =
            std::fs::read_to_string(format!("/proc/{id}/status")).map_err(Problem::internal)?;
        let line = status.lines().find_map(|line| line.strip_prefix(what));
        let kilobytes = line.and_then(|rest| rest.trim().split(' ').next()?.parse::<f64>().ok());
        kilobytes
            .map(|kilobytes| kilobytes * 1024.0 / 1e6)
            .ok_or_else(|| Problem::internal("the memory of a process is not told here"))
    }
}

/// The last lines that a server tells; read all the time, so that it never waits to be heard.
fn told(errors: Option<ChildStderr>) -> JoinHandle<String> {
    tokio::spawn(async move {
        let mut last = VecDeque::with_capacity(TOLD);
        if let Some(errors) = errors {
            let mut lines = BufReader::new(errors).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                if last.len() == TOLD {
                    last.pop_front();
                }
                last.push_back(line);
            }
        }
        Vec::from(last).join("\n")
    })
}
