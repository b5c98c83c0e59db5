//! Who is spoken to and who is not. A server of the test keeps what it was sent.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tongban_outward::{Answer, Authorities, Counterpart, Distrust, Unanswered};
use tongban_testkit::certificates::{CertificateAuthority, Term};

const PATIENCE: Duration = Duration::from_secs(20);
const SECRET: &str = "31000019770711906X";
const ANSWER: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-signature: s\r\n\r\n{}";

/// Answers one request; ends with what it could read.
struct Server {
    port: u16,
    heard: JoinHandle<Vec<u8>>,
}

impl Server {
    async fn start(acceptor: Option<TlsAcceptor>, answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            match acceptor {
                None => serve(stream, answer).await,
                Some(acceptor) => match acceptor.accept(stream).await {
                    Ok(stream) => serve(stream, answer).await,
                    Err(_) => Vec::new(),
                },
            }
        });
        Self { port, heard }
    }
}

async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, answer: &str) -> Vec<u8> {
    let (mut heard, mut piece) = (Vec::new(), [0; 1024]);
    while !heard.ends_with(SECRET.as_bytes()) {
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => return heard,
            Ok(count) => heard.extend_from_slice(&piece[..count]),
        }
    }
    // Whoever asked may have gone.
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
    heard
}

fn trusting(authority: &CertificateAuthority) -> Authorities {
    let folder = tempfile::tempdir().unwrap();
    Authorities::read(&authority.write(folder.path())).unwrap()
}

async fn ask(url: String, trusted: Option<&Authorities>) -> Result<Answer, Unanswered> {
    let counterpart = Counterpart::at(&url, trusted).unwrap();
    let body = SECRET.as_bytes().to_vec();
    let headers = [("x-application", "test")];
    counterpart
        .post(PATIENCE, "/v1/checks", &headers, body)
        .await
}

/// Asks a server of `localhost` whom `vouching` vouches for, trusting `trusted`; nothing may have been sent to it.
async fn refused(acceptor: TlsAcceptor, trusted: &Authorities) -> Distrust {
    let server = Server::start(Some(acceptor), ANSWER).await;
    let outcome = ask(format!("https://localhost:{}", server.port), Some(trusted)).await;
    assert_eq!(server.heard.await.unwrap(), b"");
    match outcome {
        Err(Unanswered::Distrusted(why)) => why,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was believed"),
    }
}

#[tokio::test]
async fn whom_a_named_authority_vouches_for_is_asked() {
    let authority = CertificateAuthority::new("ours");
    let trusted = trusting(&authority);
    for (host, version) in [("localhost", &TLS12), ("127.0.0.1", &TLS13)] {
        let acceptor = authority.server_of(host, Term::Running, &[version]);
        let server = Server::start(Some(acceptor), ANSWER).await;
        let url = format!("https://{host}:{}/register/", server.port);
        let answer = ask(url, Some(&trusted)).await.unwrap();
        assert_eq!((answer.status, &answer.body[..]), (200, &b"{}"[..]));
        assert_eq!(answer.header("x-signature"), Some(&b"s"[..]));
        let heard = String::from_utf8(server.heard.await.unwrap()).unwrap();
        assert!(heard.starts_with("POST /register/v1/checks HTTP/1.1\r\n"));
        assert!(heard.contains(&format!("host: {host}:{}\r\n", server.port)));
        assert!(heard.contains("x-application: test\r\n"), "{heard}");
    }
}

#[tokio::test]
async fn another_authority_another_host_and_another_time_are_refused_before_anything_is_sent() {
    let authority = CertificateAuthority::new("ours");
    let trusted = trusting(&authority);
    for name in ["another", "ours"] {
        let foreign = CertificateAuthority::new(name).server("localhost", Term::Running);
        assert_eq!(refused(foreign, &trusted).await, Distrust::Authority);
    }
    for host in ["other.example", "127.0.0.1"] {
        let misled = authority.server(host, Term::Running);
        assert_eq!(refused(misled, &trusted).await, Distrust::Host);
    }
    let over = authority.server("localhost", Term::Over);
    assert_eq!(refused(over, &trusted).await, Distrust::Over);
    let to_come = authority.server("localhost", Term::ToCome);
    assert_eq!(refused(to_come, &trusted).await, Distrust::ToCome);
}

#[tokio::test]
async fn who_does_not_encrypt_hears_nothing_of_the_request() {
    let trusted = trusting(&CertificateAuthority::new("ours"));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(ANSWER.as_bytes()).await.unwrap();
        let mut heard = Vec::new();
        let _ = stream.read_to_end(&mut heard).await;
        String::from_utf8_lossy(&heard).into_owned()
    });
    let outcome = ask(format!("https://localhost:{port}"), Some(&trusted)).await;
    assert!(matches!(outcome, Err(Unanswered::NoEncryption(_))));
    let heard = heard.await.unwrap();
    assert!(!heard.contains(SECRET) && !heard.contains("POST"));
}

#[tokio::test]
async fn in_clear_on_this_machine_an_answer_has_its_bounds() {
    let server = Server::start(None, ANSWER).await;
    let answer = ask(format!("http://localhost:{}", server.port), None).await;
    assert_eq!(answer.unwrap().status, 200);

    let long = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: 70000\r\n\r\n{}",
        "x".repeat(70_000)
    );
    let server = Server::start(None, long.leak()).await;
    let outcome = ask(format!("http://127.0.0.1:{}", server.port), None).await;
    assert!(matches!(outcome, Err(Unanswered::Incomplete(_))));

    let half = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}";
    let server = Server::start(None, half).await;
    let outcome = ask(format!("http://127.0.0.1:{}", server.port), None).await;
    assert!(matches!(outcome, Err(Unanswered::Incomplete(_))));
}

#[tokio::test]
async fn who_says_nothing_is_waited_for_no_longer_than_agreed() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let counterpart = Counterpart::at(&format!("http://127.0.0.1:{port}"), None).unwrap();
    let outcome = counterpart
        .post(Duration::from_secs(1), "/", &[], Vec::new())
        .await;
    assert!(matches!(outcome, Err(Unanswered::Late(1))));
    drop(silent);
    let outcome = counterpart.post(PATIENCE, "/", &[], Vec::new()).await;
    assert!(matches!(outcome, Err(Unanswered::Unreachable(_))));
}
