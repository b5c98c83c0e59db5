//! A PostgreSQL of the tests' own: in a temporary folder, on a free port, gone with the process that started it.
//! Touches no server that is there already.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::{command, setup};

/// Test data is worth nothing after a crash: no waiting for the disk.
const SETTINGS: &[&str] = &[
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=400",
    "shared_buffers=128MB",
    "listen_addresses=127.0.0.1",
    "log_min_messages=panic",
    "log_min_error_statement=panic",
];
const START: Duration = Duration::from_secs(60);

pub struct Server {
    process: Child,
    folder: PathBuf,
    port: u16,
    programs: PathBuf,
}

impl Server {
    pub fn start() -> Result<Self> {
        let programs = setup::postgres()?;
        let folder = folder()?;
        let data = folder.join("data");
        let mut initdb = as_user(&programs.join("initdb"));
        initdb
            .args(["--auth=trust", "--username=postgres", "--encoding=UTF8"])
            .args(["--no-locale", "--no-sync", "--pgdata"])
            .arg(&data);
        command::output(&mut initdb)?;
        let port = free_port()?;
        let mut postgres = as_user(&programs.join("postgres"));
        postgres
            .arg("-D")
            .arg(&data)
            .arg("-p")
            .arg(port.to_string());
        postgres.arg("-k").arg(&folder);
        for setting in SETTINGS {
            postgres.arg("-c").arg(setting);
        }
        let process = postgres.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
        let process = process.context("postgres does not start")?;
        let mut server = Self {
            process,
            folder,
            port,
            programs,
        };
        server.wait_until_ready()?;
        Ok(server)
    }

    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let begun = Instant::now();
        loop {
            let mut probe = Command::new(self.programs.join("pg_isready"));
            probe.args([
                "-q",
                "-U",
                "postgres",
                "-h",
                "127.0.0.1",
                "-p",
                &self.port.to_string(),
            ]);
            if command::succeeds(&mut probe)? {
                return Ok(());
            }
            if let Some(status) = self.process.try_wait()? {
                bail!("postgres ended at once: {status}");
            }
            if begun.elapsed() > START {
                bail!("postgres does not answer after {} s", START.as_secs());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let mut stop = as_user(&self.programs.join("pg_ctl"));
        stop.args(["stop", "-s", "-m", "immediate", "-D"])
            .arg(self.folder.join("data"));
        let stopped = command::succeeds(&mut stop).unwrap_or(false);
        if !stopped && let Err(error) = self.process.kill() {
            eprintln!("postgres is left running: {error}");
        }
        // Reaps the process; how an immediately stopped server ends says nothing.
        let _ = self.process.wait();
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            eprintln!("{} is left: {error}", self.folder.display());
        }
    }
}

/// Runs until its input ends or it is interrupted.
pub fn serve() -> Result<()> {
    let server = Server::start()?;
    println!("export TONGBAN_TEST_POSTGRES={}", server.url());
    eprintln!("Ctrl-D stops it.");
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink())?;
    Ok(())
}

/// PostgreSQL refuses to run as root. The server is told to stop when this process dies.
fn as_user(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.arg("--pdeathsig=INT");
    if command::is_root() {
        command.args([
            "--reuid=postgres",
            "--regid=postgres",
            "--init-groups",
            "--inh-caps=-all",
        ]);
    }
    command.arg("--").arg(program);
    // A folder that the other user may not enter would be complained of.
    command.current_dir("/");
    command
}

fn folder() -> Result<PathBuf> {
    let folder = command::output(Command::new("mktemp").args([
        "--directory",
        "--tmpdir",
        "tongban-postgres-XXXXXX",
    ]))?;
    let folder = PathBuf::from(folder.trim());
    if command::is_root() {
        command::run(Command::new("chown").arg("postgres:").arg(&folder))?;
    }
    Ok(folder)
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
