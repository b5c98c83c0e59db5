//! The real program as a child process on a real socket, and a client that speaks to it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value as Json;
use tokio::net::TcpStream;

const BREATH: Duration = Duration::from_millis(5);

/// Killed at the latest when the test ends.
pub struct Server {
    child: Child,
    pub address: String,
    /// Kept open: a program whose words nobody can hear any more ends.
    said: BufReader<ChildStdout>,
}

pub fn program(data: &Path, database: Option<&str>, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tongban"));
    command.args(arguments).arg("--data").arg(data);
    if let Some(url) = database {
        command.args(["--database", url]);
    }
    command
        .env("RUST_LOG", "error")
        .env("TONGBAN_DEMO_PEOPLE", "0");
    command
}

/// As an argument.
pub fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// What a command says that is refused.
pub fn refused(data: &Path, database: Option<&str>, arguments: &[&str]) -> String {
    let Output { status, stderr, .. } = program(data, database, arguments).output().unwrap();
    let said = String::from_utf8(stderr).unwrap();
    assert!(!status.success(), "{said}");
    said
}

/// Runs a command to its end; what it printed.
pub fn run(data: &Path, database: Option<&str>, arguments: &[&str]) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = program(data, database, arguments).output().unwrap();
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap()
}

impl Server {
    pub fn start(data: &Path, database: Option<&str>) -> Self {
        let serve = ["serve", "--demo", "--listen", "127.0.0.1:0"];
        Self::of(program(data, database, &serve))
    }

    /// Any command that serves and says where.
    pub fn of(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let address = address(&mut said);
        Self {
            child,
            address,
            said,
        }
    }

    /// The next address that it names.
    pub fn next_address(&mut self) -> String {
        address(&mut self.said)
    }

    /// As an administrator would.
    pub fn terminate(&self) {
        let id = self.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status();
        assert!(told.unwrap().success());
    }

    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// Nobody reads its log any more.
    pub fn stop_listening(&mut self) {
        drop(self.child.stderr.take());
    }

    /// As a power cut would: nothing is finished, nothing is said.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Host and port of the next address that a program names.
fn address(said: &mut impl BufRead) -> String {
    let mut line = String::new();
    while !line.contains("http://") {
        line.clear();
        assert!(said.read_line(&mut line).unwrap() > 0, "the server ended");
    }
    let address = line.trim().rsplit_once("http://").unwrap().1;
    address.split('/').next().unwrap().to_owned()
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One connection; every call gives nothing once the server is gone.
pub struct Client {
    connection: SendRequest<Full<Bytes>>,
    host: String,
    pub token: String,
}

impl Client {
    pub async fn connect(address: &str) -> Option<Self> {
        let stream = TcpStream::connect(address).await.ok()?;
        let (connection, serving) = handshake(TokioIo::new(stream)).await.ok()?;
        tokio::spawn(serving);
        Some(Self {
            connection,
            host: address.to_owned(),
            token: String::new(),
        })
    }

    pub async fn call(
        &mut self,
        method: &str,
        path: &str,
        body: Option<&Json>,
    ) -> Option<(u16, Json)> {
        let sent = body.map(Json::to_string).unwrap_or_default();
        self.send(method, path, "application/json", sent).await
    }

    pub async fn form(&mut self, path: &str, body: &str) -> Option<(u16, Json)> {
        let kind = "application/x-www-form-urlencoded";
        self.send("POST", path, kind, body.to_owned()).await
    }

    pub async fn upload(&mut self, path: &str, name: &str, text: &str) -> Option<(u16, Json)> {
        let body = format!(
            "--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             content-type: application/octet-stream\r\n\r\n{text}\r\n--edge--\r\n"
        );
        self.send("POST", path, "multipart/form-data; boundary=edge", body)
            .await
    }

    /// A server that is too busy says so, has kept nothing, and is asked again.
    async fn send(
        &mut self,
        method: &str,
        path: &str,
        kind: &str,
        body: String,
    ) -> Option<(u16, Json)> {
        loop {
            let (status, said) = self.ask(method, path, kind, body.clone()).await?;
            if said["code"] != "store.unavailable" {
                return Some((status, said));
            }
            tokio::time::sleep(BREATH).await;
        }
    }

    async fn ask(
        &mut self,
        method: &str,
        path: &str,
        kind: &str,
        body: String,
    ) -> Option<(u16, Json)> {
        let request = hyper::Request::builder()
            .method(method)
            .uri(path)
            .header("host", &self.host)
            .header("accept", "application/json")
            .header("content-type", kind)
            .header("authorization", format!("Bearer {}", self.token))
            .body(Full::new(Bytes::from(body)))
            .unwrap();
        self.connection.ready().await.ok()?;
        let response = self.connection.send_request(request).await.ok()?;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.ok()?.to_bytes();
        Some((status, serde_json::from_slice(&body).unwrap_or(Json::Null)))
    }
}

/// A new database on the test server.
pub async fn new_database() -> String {
    let server = std::env::var("TONGBAN_TEST_POSTGRES").unwrap();
    new_database_on(&server, "RESET ALL").await
}

/// With a setting of its own.
pub async fn new_database_on(server: &str, setting: &str) -> String {
    let name = format!("soak_{}", tongban_base::Uuid::now_v7().simple());
    let client = administrator(server).await;
    for sql in [
        format!("CREATE DATABASE {name}"),
        format!("ALTER DATABASE {name} {setting}"),
    ] {
        client.batch_execute(&sql).await.unwrap();
    }
    format!("{}/{name}", server.rsplit_once('/').unwrap().0)
}

/// The address of a database on the test server for encrypted connections only; whom to trust lies in `folder`.
pub async fn encrypted(database: &str, folder: &Path) -> String {
    let client = administrator(database).await;
    let row = client.query_one("SELECT pg_read_file('server.crt')", &[]);
    let file = folder.join("database.pem");
    std::fs::write(&file, row.await.unwrap().get::<_, String>(0)).unwrap();
    let database = database.replacen("127.0.0.1", "localhost", 1);
    format!("{database}?sslmode=require&sslrootcert={}", file.display())
}

async fn administrator(server: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(server, tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    client
}
