//! What strangers cost: files made to be expensive, all at once, and a thousand connections that take their time.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::{Duration, Instant};

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tongban_base::{Problem, Result};

use crate::client::{Connection, connect, get};
use crate::load::median;
use crate::program::{Program, UNLIMITED};
use crate::{Figure, Report, town};

/// The lines of the requirements: MB more than before, and seconds.
const MOST_MEMORY: f64 = 300.0;
const LONGEST: f64 = 2.0;
/// What others may notice of a thousand slow connections.
const NOTICED: f64 = 1.2;

const SLOW: usize = 1_000;
/// So many from each address, as a household might.
const TOGETHER: usize = 8;
const OTHERS: usize = 4;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_millis(1_500);

/// `program` is `tongban` itself, `folder` an empty one for its data.
pub async fn doors(program: &Path, folder: &Path) -> Result<Report> {
    let mut report = Report::new("doors");
    let (child, server, _) = Program::start(program, folder, UNLIMITED).await?;
    let outcome = measured(&mut report, &child, server).await;
    child.end().await?;
    outcome.map(|()| report)
}

async fn measured(report: &mut Report, child: &Program, server: SocketAddr) -> Result<()> {
    for (what, bomb) in bombs()? {
        let before = child.told("VmRSS:")?;
        let slowest = verified(server, vec![bomb; 8]).await?;
        let more = child.told("VmHWM:")? - before;
        let name = format!("8 × {what} at once: ");
        report.add(Figure::new(format!("{name}memory"), more, "MB").at_most(MOST_MEMORY));
        report.add(Figure::new(format!("{name}slowest"), slowest, "s").at_most(LONGEST));
    }
    slow_ones(report, server).await
}

/// The slowest answer, in seconds.
async fn verified(server: SocketAddr, files: Vec<Vec<u8>>) -> Result<f64> {
    let mut tasks = JoinSet::new();
    for (own, file) in (1..).zip(files) {
        tasks.spawn(async move {
            let begun = Instant::now();
            // One address has a share of the room for what comes in.
            let own = Ipv4Addr::new(127, 2, 0, own);
            let mut connection = Connection::open_from(own, server).await?;
            let answer = connection.ask(&verify(&file)).await?;
            match answer.status {
                200 => Ok(begun.elapsed().as_secs_f64()),
                status => Err(Problem::internal(format!("status {status}"))),
            }
        });
    }
    let mut slowest: f64 = 0.0;
    while let Some(ended) = tasks.join_next().await {
        slowest = slowest.max(ended.map_err(Problem::internal)??);
    }
    Ok(slowest)
}

fn verify(file: &[u8]) -> Vec<u8> {
    let head = "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n";
    let length = head.len() + file.len() + 9;
    let mut request = format!(
        "POST /api/v1/licences/verify HTTP/1.1\r\nHost: 127.0.0.1\r\n\
         Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {length}\r\n\r\n{head}"
    )
    .into_bytes();
    request.extend_from_slice(file);
    request.extend_from_slice(b"\r\n--b--\r\n");
    request
}

/// Each as expensive as a file can be made that is not refused by its size.
fn bombs() -> Result<Vec<(&'static str, Vec<u8>)>> {
    let attributes: String = (0..600_000).map(|n| format!(" a{n}=\"\"")).collect();
    let references: String = (0..9_000)
        .map(|_| "<Reference FileRef=\"/big\"><CheckValue>AAAA</CheckValue></Reference>")
        .collect();
    let signature = format!(
        "<Signature><SignedInfo><References>{references}</References></SignedInfo>\
         <SignedValue>/v</SignedValue></Signature>"
    );
    let root = "<OFD><DocBody><DocRoot>d</DocRoot><Signatures>/s</Signatures></DocBody></OFD>";
    let list = "<Signatures><Signature ID=\"1\" BaseLoc=\"/1\"/></Signatures>";
    let big = vec![0; 30 * 1024 * 1024];
    let named: [(&str, &[u8]); 4] = [
        ("OFD.xml", root.as_bytes()),
        ("s", list.as_bytes()),
        ("1", signature.as_bytes()),
        ("big", &big[..]),
    ];
    let objects: String = (0..500_000)
        .map(|n| format!("{n} 0 obj<</A 1>>endobj\n"))
        .collect();
    Ok(vec![
        (
            "OFD that unpacks to 32 MB",
            package(&[("OFD.xml", root.as_bytes()), ("big", &big[..])])?,
        ),
        ("OFD with 9,000 references", package(&named)?),
        (
            "OFD with 600,000 attributes",
            package(&[("OFD.xml", format!("<OFD{attributes}/>").as_bytes())])?,
        ),
        (
            "PDF with 500,000 objects",
            format!(
                "%PDF-1.7\n{}%%EOF",
                objects.get(..9_900_000).unwrap_or(&objects)
            )
            .into_bytes(),
        ),
    ])
}

/// With as much that cannot be packed as the bound on unpacking wants.
fn package(files: &[(&str, &[u8])]) -> Result<Vec<u8>> {
    let noise: Vec<u8> = (0..100_000_u32)
        .flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes())
        .collect();
    let (mut package, mut directory) = (Vec::new(), Vec::new());
    let all = [("noise", noise.as_slice())];
    for (name, data) in all.iter().chain(files) {
        let place = u32::try_from(package.len()).map_err(Problem::internal)?;
        let line = pack(&mut package, name, data)?;
        directory.extend_from_slice(b"PK\x01\x02\x14\0");
        directory.extend_from_slice(&line);
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&place.to_le_bytes());
        directory.extend_from_slice(name.as_bytes());
    }
    let count = u16::try_from(files.len() + 1).map_err(Problem::internal)?;
    let (length, at) = (directory.len() as u32, package.len() as u32);
    package.extend_from_slice(&directory);
    package.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    package.extend_from_slice(&[count.to_le_bytes(), count.to_le_bytes()].concat());
    package.extend_from_slice(&[length.to_le_bytes(), at.to_le_bytes()].concat());
    package.extend_from_slice(&[0; 2]);
    Ok(package)
}

/// Adds a packed file; what its header and its line of the directory have in common.
fn pack(package: &mut Vec<u8>, name: &str, data: &[u8]) -> Result<Vec<u8>> {
    let mut crc = Crc::new();
    crc.update(data);
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).map_err(Problem::internal)?;
    let packed = encoder.finish().map_err(Problem::internal)?;
    // Version, flags, deflated, no time; then check sum, both lengths, and the length of the name.
    let mut line = vec![20, 0, 0, 0, 8, 0, 0, 0, 0, 0];
    for number in [crc.sum(), packed.len() as u32, data.len() as u32] {
        line.extend_from_slice(&number.to_le_bytes());
    }
    line.extend_from_slice(&(name.len() as u32).to_le_bytes());
    package.extend_from_slice(b"PK\x03\x04");
    package.extend_from_slice(&line);
    package.extend_from_slice(name.as_bytes());
    package.extend_from_slice(&packed);
    Ok(line)
}

/// What others notice while a thousand connections send half a head or half a body: rounds with and without them in
/// turn.
async fn slow_ones(report: &mut Report, server: SocketAddr) -> Result<()> {
    let page = get(&format!("/items/{}", town::application()?.item), None);
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    let mut held = 0;
    for _ in 0..ROUNDS {
        alone.push(ninety_ninth(server, &page).await?);
        let mut slow = Vec::new();
        for number in 0..SLOW {
            slow.push(slow_one(server, number).await?);
        }
        beside.push(ninety_ninth(server, &page).await?);
        held = slow.len();
    }
    let (alone, beside) = (median(alone), median(beside));
    let name = format!("p99 of others beside {held} slow connections");
    report.add(Figure::new(&name, beside * 1e3, "ms").beside("without them", Some(alone * 1e3)));
    let ratio = beside / alone.max(f64::EPSILON);
    report.add(Figure::new(format!("{name}, by without them"), ratio, "×").at_most(NOTICED));
    Ok(())
}

async fn slow_one(server: SocketAddr, number: usize) -> Result<TcpStream> {
    let household = u16::try_from(number / TOGETHER).map_err(Problem::internal)?;
    let [high, low] = household.to_be_bytes();
    let mut stream = connect(Ipv4Addr::new(127, 1, high, low), server).await?;
    let half: &[u8] = match number % 2 {
        0 => b"GET / HTTP/1.1\r\nHost: 127",
        _ => {
            b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\n\
              Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nlogin="
        }
    };
    stream.write_all(half).await.map_err(Problem::internal)?;
    Ok(stream)
}

/// Of the answers of one round, in seconds.
async fn ninety_ninth(server: SocketAddr, request: &[u8]) -> Result<f64> {
    let mut tasks = JoinSet::new();
    let begun = Instant::now();
    for _ in 0..OTHERS {
        let request = request.to_vec();
        tasks.spawn(async move {
            let mut connection = Connection::open(server).await?;
            let mut times = Vec::new();
            while begun.elapsed() < ROUND {
                let asked = Instant::now();
                connection.ask(&request).await?;
                times.push(asked.elapsed().as_secs_f64());
                // People read what they get.
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            Ok::<_, Problem>(times)
        });
    }
    let mut times = Vec::new();
    while let Some(ended) = tasks.join_next().await {
        times.extend(ended.map_err(Problem::internal)??);
    }
    times.sort_by(f64::total_cmp);
    let at = times.len() * 99 / 100;
    Ok(times.get(at).copied().unwrap_or_default())
}
