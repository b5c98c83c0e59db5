//! How many pages a second, beside a bare "hello" of the same framework; and a crowd that presses at once.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;
use tongban_base::{Problem, Result};

use crate::client::{get, post};
use crate::crowd::{self, Press};
use crate::load::{load, median};
use crate::town::{self, Application, Citizen};
use crate::{Figure, House, Report};

const ROUNDS: usize = 3;
const ROUND: Duration = Duration::from_secs(2);
const WARM: Duration = Duration::from_millis(500);
/// The share of the bare server's rate that a page must reach.
const SHARE: f64 = 0.4;
/// The line of the requirements, in seconds.
const LAST: f64 = 2.0;

/// Of 3,000 people: most look, some fill in, a few submit.
const GUIDES: usize = 1_200;
const SEARCHES: usize = 750;
const CASES: usize = 450;
const STEPS: usize = 360;
const SUBMISSIONS: usize = 240;

pub async fn pages(house: House) -> Result<Report> {
    let mut report = Report::new("pages");
    let application = town::application()?;
    let server = serve(&house)?;
    rates(&mut report, server, &application).await?;
    let presses = presses(&house, &application).await?;
    let people = presses.len();
    let outcome = crowd::press(server, presses).await?;
    for (fault, times) in &outcome.failures {
        note(&format!("{times} × {fault}"));
    }
    let failures: usize = outcome.failures.values().sum();
    let name = format!("{people} people at once: ");
    report.add(Figure::new(
        format!("{name}answered"),
        outcome.answered as f64,
        "people",
    ));
    report.add(Figure::new(format!("{name}failures"), failures as f64, "people").at_most(0.0));
    report.add(Figure::new(
        format!("{name}half of them within"),
        outcome.part(0.5),
        "s",
    ));
    report.add(Figure::new(format!("{name}last answer"), outcome.last(), "s").at_most(LAST));
    for (what, took) in outcome.slowest() {
        report.add(Figure::new(format!("{name}last {what}"), took, "s"));
    }
    Ok(report)
}

/// Said beside the report, so that a program can still read the report itself.
fn note(words: &str) {
    eprintln!("{words}");
}

fn serve(house: &House) -> Result<SocketAddr> {
    let (listener, address) = anywhere()?;
    let (doors, router) = (house.doors.clone(), house.router.clone());
    let serving = tongban_ui::serve(doors, router, listener, std::future::pending());
    tokio::spawn(serving);
    Ok(address)
}

/// As a framework serves it, without doors.
fn bare() -> Result<SocketAddr> {
    let hello = axum::Router::new().route("/", axum::routing::get(|| async { "hello" }));
    let (listener, address) = anywhere()?;
    tokio::spawn(async move { axum::serve(listener, hello).await });
    Ok(address)
}

fn anywhere() -> Result<(TcpListener, SocketAddr)> {
    let listener = tongban_ui::listen(SocketAddr::from(([127, 0, 0, 1], 0)));
    let listener = listener.map_err(Problem::internal)?;
    let address = listener.local_addr().map_err(Problem::internal)?;
    Ok((listener, address))
}

async fn rates(report: &mut Report, server: SocketAddr, application: &Application) -> Result<()> {
    let bare = bare()?;
    let asked = [
        ("hello", bare, "/".to_owned()),
        ("item list", server, "/items".to_owned()),
        ("item guide", server, format!("/items/{}", application.item)),
        (
            "search",
            server,
            format!("/search?q={}", encoded(&application.words)),
        ),
    ];
    let mut rates = vec![Vec::new(); asked.len()];
    let mut sizes = vec![0; asked.len()];
    for (_, address, path) in &asked {
        load(*address, &get(path, None), WARM).await?;
    }
    // In turns, so that what else the machine does falls on all alike.
    for _ in 0..ROUNDS {
        for (index, (_, address, path)) in asked.iter().enumerate() {
            let found = load(*address, &get(path, None), ROUND).await?;
            rates[index].push(found.per_second);
            sizes[index] = found.size;
        }
    }
    let hello = median(rates[0].clone());
    for (index, (name, _, _)) in asked.iter().enumerate().skip(1) {
        let rate = median(rates[index].clone());
        report.add(
            Figure::new(*name, rate, "1/s")
                .beside("bare axum hello", Some(hello))
                .of_peer(SHARE),
        );
        report.add(Figure::new(
            format!("{name}: size of the answer"),
            sizes[index] as f64,
            "bytes",
        ));
    }
    Ok(())
}

async fn presses(house: &House, application: &Application) -> Result<Vec<Press>> {
    let drafting = STEPS + SUBMISSIONS;
    let count = u32::try_from(drafting + CASES).map_err(Problem::internal)?;
    let citizens = town::settle(house, count).await?;
    let tokens = town::sessions(house, citizens).await?;
    let token_of = |citizen: &Citizen| {
        let found = tokens.iter().find(|(one, _)| one.login == citizen.login);
        found.map(|(_, token)| token.clone()).unwrap_or_default()
    };
    let writers: Vec<Citizen> = tokens
        .iter()
        .take(drafting)
        .map(|(c, _)| c.clone())
        .collect();
    let drafts = town::drafts(house, writers).await?;
    let mut presses = Vec::new();
    for _ in 0..GUIDES {
        presses.push(shown(
            "guide",
            &format!("/items/{}", application.item),
            None,
        ));
    }
    for _ in 0..SEARCHES {
        let path = format!("/search?q={}", encoded(&application.words));
        presses.push(shown("search", &path, None));
    }
    for (_, token) in tokens.iter().skip(drafting) {
        presses.push(shown("own cases", "/me/cases", Some(token)));
    }
    for (index, (citizen, draft)) in drafts.iter().enumerate() {
        let token = token_of(citizen);
        presses.push(if index < STEPS {
            step(application, &draft.to_string(), &token)
        } else {
            let path = format!("/me/drafts/{draft}/confirm");
            changed("submission", &path, &token, "go=next")
        });
    }
    Ok(mixed(presses))
}

fn step(application: &Application, draft: &str, token: &str) -> Press {
    let (id, fields) = application.steps.first().map_or_else(
        || (String::new(), String::new()),
        |step| {
            let pairs = step
                .input
                .iter()
                .map(|(name, value)| format!("{name}={}", encoded(value)));
            (step.id.clone(), pairs.collect::<Vec<_>>().join("&"))
        },
    );
    changed(
        "form step",
        &format!("/me/drafts/{draft}/{id}"),
        token,
        &format!("go=next&{fields}"),
    )
}

fn shown(what: &'static str, path: &str, token: Option<&str>) -> Press {
    Press {
        what,
        request: get(path, token),
        expected: 200,
    }
}

/// A change that was made sends its page on.
fn changed(what: &'static str, path: &str, token: &str, body: &str) -> Press {
    Press {
        what,
        request: post(path, token, body),
        expected: 303,
    }
}

/// The same order every time, in which no kind stands together: a step that shares no divisor with the number.
fn mixed(presses: Vec<Press>) -> Vec<Press> {
    let count = presses.len();
    let stride = (count / 2..count)
        .find(|step| coprime(*step, count))
        .unwrap_or(1);
    let mut slots: Vec<Option<Press>> = presses.into_iter().map(Some).collect();
    (0..count)
        .filter_map(|index| slots[index * stride % count].take())
        .collect()
}

fn coprime(a: usize, b: usize) -> bool {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a == 1
}

pub(crate) fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}
