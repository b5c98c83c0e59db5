//! Whatever is sent to the doors, no request makes the house fail, and the next one is answered.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use axum::Form;
use axum::extract::{Multipart, Query};
use axum::response::IntoResponse;
use tokio::runtime::Runtime;
use tongban_base::{Problem, typed};
use tongban_store::Cursor;
use tongban_testkit::{Fuzz, TestDatabase, actors};
use tongban_ui::{
    Access, Answer, AppBuilder, DoorSettings, PageKey, Routes, SiteSettings, listen, router, serve,
};

use crate::key;

const MOST: usize = 64 << 20;
const SENT: &str = "test.sent";
const WORDS: [&str; 34] = [
    "\r\n",
    "\n",
    "\r\n\r\n",
    "\0",
    "host: tongban\r\n",
    "content-length: 18446744073709551616\r\n",
    "content-length: 3\r\n",
    "content-length: -1\r\n",
    "transfer-encoding: chunked\r\n",
    "transfer-encoding: gzip, chunked\r\n",
    "expect: 100-continue\r\n",
    "connection: close\r\n",
    "upgrade: h2c\r\n",
    "range: bytes=0-99999999999999999999\r\n",
    "accept: application/json\r\n",
    "accept-encoding: gzip;q=1e9, br;q=-0\r\n",
    "cookie: tongban_flash=e30.e30; tongban_mode=elder; tongban_session=\r\n",
    "x-forwarded-for: [::1]:99999, ,\r\n",
    "forwarded: for=\"[;proto=\"\r\n",
    "origin: null\r\n",
    "sec-fetch-site: same-origin\r\n",
    "content-type: multipart/form-data; boundary=x\r\n",
    "content-type: multipart/form-data; boundary=\r\n",
    "content-disposition: form-data; name=\"a\"; filename*=UTF-8''%\r\n",
    "--x",
    "--x--\r\n",
    "ffffffffffffffff\r\n",
    "0\r\n\r\n",
    "%",
    "%00",
    "%ff",
    "\u{202e}",
    "HTTP/1.0",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
];

fn requests() -> Vec<String> {
    let cookie = "cookie: tongban_theme=dark; tongban_mode=elder; tongban_session=abc";
    let body = "--x\r\ncontent-disposition: form-data; name=\"csrf\"\r\n\r\na\r\n--x\r\n\
                content-disposition: form-data; name=\"file\"; filename=\"测试.pdf\"\r\n\
                content-type: application/pdf\r\n\r\n%PDF-1.7\r\n--x--\r\n";
    let multipart = format!(
        "POST /files HTTP/1.1\r\nhost: tongban\r\n{cookie}\r\ncontent-type: multipart/form-data; boundary=x\r\n\
         origin: http://tongban\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let after = Cursor::after(vec![17.into(), "甲".into()]).encode();
    let plain = [
        format!("GET /list?after={after}&q=%E6%B5%8B HTTP/1.1\r\nhost: tongban\r\n{cookie}\r\naccept: text/html\r\n\r\n"),
        "GET /preferences?mode=elder&theme=dark&next=%2Flist HTTP/1.1\r\nhost: tongban\r\n\r\n".to_owned(),
        "GET /assets/app.css HTTP/1.1\r\nhost: tongban\r\naccept-encoding: gzip;q=0.5, br\r\nif-none-match: \"x\"\r\n\r\n"
            .to_owned(),
        "HEAD /readyz HTTP/1.1\r\nhost: tongban\r\nx-forwarded-for: 192.0.2.1, 127.0.0.1\r\nx-forwarded-proto: https\r\n\
         authorization: Bearer abc\r\n\r\n"
            .to_owned(),
        "POST /form HTTP/1.1\r\nhost: tongban\r\nsec-fetch-site: same-origin\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: 17\r\n\r\na=%E6%B5%8B&b=1+2"
            .to_owned(),
        "POST /form HTTP/1.1\r\nhost: tongban\r\norigin: http://tongban\r\ntransfer-encoding: chunked\r\n\
         content-type: application/x-www-form-urlencoded\r\n\r\n3\r\na=1\r\n4;x=y\r\n&b=2\r\n0\r\nmore: 1\r\n\r\n"
            .to_owned(),
        "GET /api/v1/openapi.json HTTP/1.1\r\nhost: tongban\r\n\r\nOPTIONS * HTTP/1.1\r\nhost: tongban\r\n\r\n".to_owned(),
    ];
    plain.into_iter().chain([multipart]).collect()
}

async fn list(Query(asked): Query<HashMap<String, String>>) -> Answer {
    let after = Cursor::from_query(asked.get("after").map(String::as_str))?;
    Ok(format!("{after:?}").into_response())
}

async fn form(Form(fields): Form<Vec<(String, String)>>) -> Answer {
    Ok(format!("{}", fields.len()).into_response())
}

async fn files(mut parts: Multipart) -> Answer {
    let unreadable = |cause| Problem::invalid("input.unreadable", "读不出来").with_cause(cause);
    let mut said = Vec::new();
    while let Some(part) = parts.next_field().await.map_err(unreadable)? {
        let name = typed::file_name(part.file_name().unwrap_or_default());
        let content = part.bytes().await.map_err(unreadable)?;
        said.push(format!("{name} {}", content.len()));
    }
    Ok(said.join("\n").into_response())
}

/// The doors with three routes behind them, on a socket.
struct House {
    address: SocketAddr,
    _running: (Runtime, TestDatabase),
}

impl House {
    fn open() -> Self {
        let running = Runtime::new().unwrap();
        let database = running.block_on(tongban_testkit::sqlite(&[]));
        let routes = Routes::new()
            .get("/list", Access::Public, list)
            .post("/form", Access::Public, SENT, form)
            .post("/files", Access::Public, SENT, files)
            .takes_files();
        let site = SiteSettings {
            doors: DoorSettings {
                proxies: vec!["127.0.0.0/8".parse().unwrap()],
                ..DoorSettings::default()
            },
            ..SiteSettings::default()
        };
        let app = AppBuilder::new(database.db(), actors::clock(), site)
            .with(Arc::new(PageKey(key())))
            .routes(routes.table().to_vec())
            .build();
        let doors = app.doors().clone();
        let router = router(app, vec![routes]);
        let address = running.block_on(async {
            let listener = listen("127.0.0.1:0".parse().unwrap()).unwrap();
            let address = listener.local_addr().unwrap();
            tokio::spawn(serve(doors, router, listener, std::future::pending()));
            address
        });
        Self {
            address,
            _running: (running, database),
        }
    }

    /// What is answered until the connection ends.
    fn ask(&self, request: &[u8]) -> String {
        self.asked(request).0
    }

    /// The same, and whether the connection was broken off.
    fn asked(&self, request: &[u8]) -> (String, bool) {
        let mut visitor = loop {
            // Where thousands of connections just ended, there may be no free port for a moment.
            match TcpStream::connect(self.address) {
                Ok(stream) => break stream,
                Err(_) => std::thread::yield_now(),
            }
        };
        // Whoever is refused is not listened to any longer.
        let _ = visitor.write_all(request);
        let _ = visitor.shutdown(std::net::Shutdown::Write);
        let mut said = Vec::new();
        let read = visitor.read_to_end(&mut said);
        (String::from_utf8_lossy(&said).into_owned(), read.is_err())
    }
}

#[test]
fn whatever_is_sent_makes_nothing_fail() {
    let house = House::open();
    let whole = "GET /list HTTP/1.1\r\nhost: tongban\r\nconnection: close\r\n\r\n";
    Fuzz::of(requests())
        .words(&WORDS)
        .cases(1_000)
        .memory(MOST)
        .feed(|bytes| {
            let said = house.ask(bytes);
            assert!(!said.starts_with("HTTP/1.1 5"), "{said}");
        });
    // Those that have just ended may still count against the address: then the door refuses the connection.
    let mut asked = std::iter::repeat_with(|| house.asked(whole.as_bytes())).take(50);
    let (said, _) = asked
        .find(|(_, is_refused)| !is_refused)
        .unwrap_or_default();
    assert!(said.starts_with("HTTP/1.1 200 "), "{said}");
}
