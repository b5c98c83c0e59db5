//! A PostgreSQL of the tests' own: in a temporary folder, on a free port, gone with the process that started it.
//! Touches no server that is there already.

use std::fs::Permissions;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// Test data is worth nothing after a crash: no waiting for the disk.
const SETTINGS: &[&str] = &[
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=400",
    "shared_buffers=128MB",
    "listen_addresses=127.0.0.1",
    "ssl=on",
    "log_min_messages=panic",
    "log_min_error_statement=panic",
];
const START: Duration = Duration::from_secs(60);

pub struct Cluster {
    process: Child,
    folder: PathBuf,
    port: u16,
    programs: PathBuf,
}

impl Cluster {
    /// Errors: PostgreSQL is not installed, or does not start.
    pub fn start() -> Result<Self> {
        let programs = programs().context("PostgreSQL is not installed")?;
        let folder = folder()?;
        let mut initdb = as_user(&programs.join("initdb"))?;
        initdb
            .args(["--auth=trust", "--username=postgres", "--encoding=UTF8"])
            .args(["--no-locale", "--no-sync", "--pgdata"])
            .arg(folder.join("data"));
        output(&mut initdb)?;
        certify(&folder.join("data"))?;
        let port = free_port()?;
        let process = spawned(&programs, &folder, port)?;
        let mut cluster = Self {
            process,
            folder,
            port,
            programs,
        };
        cluster.wait_until_ready()?;
        Ok(cluster)
    }

    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// As a machine that runs out of memory would: nothing is finished, nothing is said.
    pub fn kill(&mut self) -> Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }

    pub fn start_again(&mut self) -> Result<()> {
        let begun = Instant::now();
        loop {
            self.process = spawned(&self.programs, &self.folder, self.port)?;
            match self.wait_until_ready() {
                // Processes of the one before may still hold its memory.
                Err(_) if begun.elapsed() < START => {
                    std::thread::sleep(Duration::from_millis(50));
                }
                outcome => return outcome,
            }
        }
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let begun = Instant::now();
        let port = self.port.to_string();
        loop {
            let mut probe = Command::new(self.programs.join("pg_isready"));
            probe.args(["-q", "-U", "postgres", "-h", "127.0.0.1", "-p", &port]);
            if ran(&mut probe)?.status.success() {
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

    fn stop(&self) -> Result<()> {
        let mut stop = as_user(&self.programs.join("pg_ctl"))?;
        stop.args(["stop", "-s", "-m", "immediate", "-D"])
            .arg(self.folder.join("data"));
        output(&mut stop).map(drop)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if self.stop().is_err()
            && let Err(error) = self.process.kill()
        {
            eprintln!("postgres is left running: {error}");
        }
        // Reaps the process; how an immediately stopped server ends says nothing.
        let _ = self.process.wait();
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            eprintln!("{} is left: {error}", self.folder.display());
        }
    }
}

/// The folder of the server's programs. Debian keeps them off the path, a folder per version.
pub fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let mut folders: Vec<PathBuf> = versions
        .flatten()
        .map(|version| version.path().join("bin"))
        .filter(|folder| folder.join("initdb").is_file())
        .collect();
    folders.sort_by_key(|folder| version_of(folder));
    folders.pop().or_else(on_path)
}

fn version_of(folder: &Path) -> Option<u32> {
    folder.parent()?.file_name()?.to_str()?.parse().ok()
}

fn on_path() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let mut found = std::env::split_paths(&path).map(|folder| folder.join("initdb"));
    let initdb = found.find(|program| program.is_file())?;
    initdb.canonicalize().ok()?.parent().map(Path::to_owned)
}

fn spawned(programs: &Path, folder: &Path, port: u16) -> Result<Child> {
    let mut postgres = as_user(&programs.join("postgres"))?;
    postgres.arg("-D").arg(folder.join("data"));
    postgres.arg("-p").arg(port.to_string());
    postgres.arg("-k").arg(folder);
    for setting in SETTINGS {
        postgres.arg("-c").arg(setting);
    }
    let process = postgres.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
    process.context("postgres does not start")
}

/// PostgreSQL refuses to run as root. The server is told to stop when this process dies.
fn as_user(program: &Path) -> Result<Command> {
    let mut command = Command::new("setpriv");
    command.arg("--pdeathsig=INT");
    if is_root()? {
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
    Ok(command)
}

fn folder() -> Result<PathBuf> {
    let told = output(Command::new("mktemp").args([
        "--directory",
        "--tmpdir",
        "tongban-postgres-XXXXXX",
    ]))?;
    let folder = PathBuf::from(told.trim());
    if is_root()? {
        output(Command::new("chown").arg("postgres:").arg(&folder))?;
    }
    Ok(folder)
}

/// A certificate for `localhost`, under the names that the server looks for. It is its own authority.
fn certify(data: &Path) -> Result<()> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    let (key, certificate) = (data.join("server.key"), data.join("server.crt"));
    std::fs::write(&key, made.signing_key.serialize_pem())?;
    std::fs::set_permissions(&key, Permissions::from_mode(0o600))?;
    std::fs::write(&certificate, made.cert.pem())?;
    if is_root()? {
        let mut chown = Command::new("chown");
        output(chown.arg("postgres:").args([key, certificate]))?;
    }
    Ok(())
}

fn is_root() -> Result<bool> {
    Ok(output(Command::new("id").arg("-u"))?.trim() == "0")
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn ran(command: &mut Command) -> Result<Output> {
    let ran = command.stdin(Stdio::null()).output();
    ran.with_context(|| format!("cannot run {command:?}"))
}

fn output(command: &mut Command) -> Result<String> {
    let ran = ran(command)?;
    if !ran.status.success() {
        let error = String::from_utf8_lossy(&ran.stderr);
        bail!("failed: {command:?}\n{}", error.trim());
    }
    Ok(String::from_utf8(ran.stdout)?)
}
