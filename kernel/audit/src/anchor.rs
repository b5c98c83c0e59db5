//! The end of the chain, kept outside the database: lines that are only added, each with a mark over itself and the line
//! before. Whoever cuts the log, erases it or puts the database back to an earlier state is found by them.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tongban_base::{Kind, Problem, Result, Timestamp};

use crate::key::AuditKey;

/// The file in the data folder.
pub const ANCHOR_FILE: &str = "audit.anchor";
/// RFC 5424: facility 10 (security), severity notice.
const SYSLOG_PRIORITY: u8 = 85;

/// Why a line was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchoring {
    /// A file that was not there before.
    Begun,
    Sealed,
    /// A backup was brought back: the log goes back to this place, and on from here.
    Restored,
}

const ANCHORINGS: [(Anchoring, &str); 3] = [
    (Anchoring::Begun, "begun"),
    (Anchoring::Sealed, "sealed"),
    (Anchoring::Restored, "restored"),
];

impl Anchoring {
    fn code(self) -> &'static str {
        let found = ANCHORINGS.iter().find(|(this, _)| *this == self);
        found.map_or("", |(_, code)| code)
    }

    fn of(code: &str) -> Option<Self> {
        let found = ANCHORINGS.iter().find(|(_, known)| *known == code);
        found.map(|(this, _)| *this)
    }
}

/// `kind sequence chain at mark`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnchorLine {
    pub kind: Anchoring,
    pub sequence: i64,
    /// The link of that entry; empty where there is none yet.
    pub chain: String,
    pub at: Timestamp,
    mark: String,
}

impl AnchorLine {
    fn text(&self) -> String {
        let (kind, at) = (self.kind.code(), self.at.0);
        format!(
            "{kind} {} {} {at}",
            self.sequence,
            chain_or_dash(&self.chain)
        )
    }

    fn parse(line: &str) -> Option<Self> {
        let mut parts = line.split(' ');
        let found = Self {
            kind: Anchoring::of(parts.next()?)?,
            sequence: parts.next()?.parse().ok()?,
            chain: parts.next()?.trim_matches('-').to_owned(),
            at: Timestamp(parts.next()?.parse().ok()?),
            mark: parts.next()?.to_owned(),
        };
        parts.next().is_none().then_some(found)
    }
}

fn chain_or_dash(chain: &str) -> &str {
    if chain.is_empty() { "-" } else { chain }
}

/// Where the lines go beside the data folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnchorCopy {
    File(PathBuf),
    /// The socket of a system log.
    Syslog(PathBuf),
}

impl std::str::FromStr for AnchorCopy {
    type Err = std::convert::Infallible;

    /// `syslog:/dev/log`, or the path of a file.
    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        Ok(match text.strip_prefix("syslog:") {
            Some(socket) => Self::Syslog(socket.into()),
            None => Self::File(text.into()),
        })
    }
}

/// What one file of lines says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnchorLines {
    pub lines: Vec<AnchorLine>,
    /// The first line, counted from 1, that is not what this program wrote after the one before.
    pub broken_at: Option<usize>,
}

impl AnchorLines {
    /// The places that the log must have now: a restore gives up what came after its place.
    pub(crate) fn places(&self) -> Vec<(i64, &str)> {
        let mut places: Vec<(i64, &str)> = Vec::new();
        for line in &self.lines {
            if line.kind == Anchoring::Restored {
                places.retain(|(sequence, _)| *sequence <= line.sequence);
            }
            places.push((line.sequence, &line.chain));
        }
        places.retain(|(sequence, _)| *sequence > 0);
        places
    }
}

/// Reads the lines of a file; none where there is no file.
pub fn read_anchor(path: &Path, key: &AuditKey) -> Result<Option<AnchorLines>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(fault) if fault.kind() == ErrorKind::NotFound => return Ok(None),
        Err(fault) => return Err(unusable(path, fault)),
    };
    let mut read = AnchorLines::default();
    let mut previous = String::new();
    // A line that a crash has cut off was never kept.
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    for (number, line) in (1..).zip(whole.lines()) {
        let found = AnchorLine::parse(line).filter(|l| l.mark == key.anchor(&previous, &l.text()));
        let Some(found) = found else {
            read.broken_at = Some(number);
            break;
        };
        previous.clone_from(&found.mark);
        read.lines.push(found);
    }
    Ok(Some(read))
}

/// Adds lines to the file of the data folder and to its copies.
pub struct Anchor {
    key: AuditKey,
    file: PathBuf,
    copies: Vec<AnchorCopy>,
    last: Mutex<Option<AnchorLine>>,
}

impl Anchor {
    /// Errors: a file that is not what this program wrote.
    pub fn open(folder: &Path, key: AuditKey, copies: Vec<AnchorCopy>) -> Result<Self> {
        let file = folder.join(ANCHOR_FILE);
        let lines = read_anchor(&file, &key)?.unwrap_or_default();
        if let Some(line) = lines.broken_at {
            return Err(broken(&file, line));
        }
        cut_torn_line(&file).map_err(|fault| unusable(&file, fault))?;
        Ok(Self {
            key,
            file,
            copies,
            last: Mutex::new(lines.lines.into_iter().next_back()),
        })
    }

    /// Whether there was no line yet.
    pub fn is_new(&self) -> bool {
        self.last().is_none()
    }

    fn last(&self) -> Option<AnchorLine> {
        self.last
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Keeps where the chain ends, unless the last line says it already; tells whether a line was added.
    pub fn keep(&self, (sequence, chain): (i64, &str), now: Timestamp) -> Result<bool> {
        let last = self.last();
        let known = |line: &AnchorLine| line.sequence == sequence && line.chain == chain;
        if last.as_ref().is_some_and(known) {
            return Ok(false);
        }
        let kind = match last {
            Some(_) => Anchoring::Sealed,
            None => Anchoring::Begun,
        };
        self.add(kind, (sequence, chain), now).map(|()| true)
    }

    /// A restore says that it goes back.
    pub fn restored(&self, (sequence, chain): (i64, &str), now: Timestamp) -> Result<()> {
        self.add(Anchoring::Restored, (sequence, chain), now)
    }

    fn add(&self, kind: Anchoring, (sequence, chain): (i64, &str), now: Timestamp) -> Result<()> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let mut line = AnchorLine {
            kind,
            sequence,
            chain: chain.to_owned(),
            at: now,
            mark: String::new(),
        };
        let previous = last.as_ref().map_or("", |line| &line.mark);
        line.mark = self.key.anchor(previous, &line.text());
        let text = format!("{} {}", line.text(), line.mark);
        append(&self.file, &text).map_err(|fault| unusable(&self.file, fault))?;
        for copy in &self.copies {
            if let Err(fault) = self.copy(copy, &text) {
                tracing::error!(alarm = true, ?copy, %fault, "the second place of the audit log's end was not written");
            }
        }
        *last = Some(line);
        Ok(())
    }

    fn copy(&self, copy: &AnchorCopy, text: &str) -> std::io::Result<()> {
        match copy {
            AnchorCopy::File(path) => append(path, text),
            AnchorCopy::Syslog(socket) => {
                let message = format!("<{SYSLOG_PRIORITY}>1 - - tongban - audit-anchor - {text}");
                let sent = UnixDatagram::unbound()?.send_to(message.as_bytes(), socket);
                sent.map(drop)
            }
        }
    }
}

fn cut_torn_line(path: &Path) -> std::io::Result<()> {
    let text = match std::fs::read(path) {
        Err(fault) if fault.kind() == ErrorKind::NotFound => return Ok(()),
        text => text?,
    };
    let whole = text
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |end| end + 1);
    if whole < text.len() {
        let file = OpenOptions::new().write(true).open(path)?;
        file.set_len(whole as u64)?;
        file.sync_all()?;
    }
    Ok(())
}

fn append(path: &Path, line: &str) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    let is_new = !path.try_exists()?;
    let mut file = options.create(true).append(true).mode(0o600).open(path)?;
    writeln!(file, "{line}")?;
    file.sync_data()?;
    if let (true, Some(folder)) = (is_new, path.parent().filter(|p| p.is_dir())) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn unusable(path: &Path, fault: std::io::Error) -> Problem {
    let words = format!("审计锚点文件 {} 用不了", path.display());
    Problem::new(Kind::Unavailable, "audit.anchor", words).with_cause(fault)
}

fn broken(path: &Path, line: usize) -> Problem {
    let words = format!(
        "审计锚点文件 {} 第 {line} 行不是本系统写入的，没有启动；请先用 tongban audit verify 核查，保留原文件备查后再移走它",
        path.display()
    );
    Problem::new(Kind::Conflict, "audit.anchor_broken", words)
}
