//! The end of the chain, kept outside the database: lines that are only added, each with a mark over itself and the line
//! before. Whoever cuts the log, erases it or puts the database back to an earlier state is found by them.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tongban_base::{Kind, Problem, Result, Timestamp};

use crate::key::AuditKey;

/// The file in the data folder.
pub const ANCHOR_FILE: &str = "audit.anchor";
/// RFC 5424: facility 10 (security), severity notice.
const SYSLOG_PRIORITY: u8 = 85;
const SUMS: &str = "sums:";

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

/// `kind sequence chain at sums:number mark`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnchorLine {
    pub kind: Anchoring,
    pub sequence: i64,
    /// The link of that entry; empty where there is none yet.
    pub chain: String,
    pub at: Timestamp,
    /// The number of the sums of all tables; none in lines from before there were any.
    pub sums: Option<i64>,
    mark: String,
}

impl AnchorLine {
    fn text(&self) -> String {
        let (kind, at) = (self.kind.code(), self.at.0);
        let sums = self.sums.map(|number| format!(" {SUMS}{number}"));
        format!(
            "{kind} {} {} {at}{}",
            self.sequence,
            chain_or_dash(&self.chain),
            sums.unwrap_or_default()
        )
    }

    fn parse(line: &str) -> Option<Self> {
        let mut parts = line.split(' ').peekable();
        let mut found = Self {
            kind: Anchoring::of(parts.next()?)?,
            sequence: parts.next()?.parse().ok()?,
            chain: parts.next()?.trim_matches('-').to_owned(),
            at: Timestamp(parts.next()?.parse().ok()?),
            sums: None,
            mark: String::new(),
        };
        let sums = parts.next_if(|part| part.starts_with(SUMS));
        let sums = sums.and_then(|part| part.strip_prefix(SUMS));
        found.sums = sums.map(str::parse).transpose().ok()?;
        parts.next()?.clone_into(&mut found.mark);
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

/// Adds lines to the file of the data folder and to its copies. Several servers may share the folder.
pub struct Anchor {
    key: AuditKey,
    file: PathBuf,
    copies: Vec<AnchorCopy>,
    known: Mutex<Known>,
}

/// What was read or written of the file so far.
#[derive(Default)]
struct Known {
    last: Option<AnchorLine>,
    lines: usize,
    bytes: u64,
}

impl Anchor {
    /// Errors: a file that is not what this program wrote.
    pub fn open(folder: &Path, key: AuditKey, copies: Vec<AnchorCopy>) -> Result<Self> {
        let anchor = Self {
            key,
            file: folder.join(ANCHOR_FILE),
            copies,
            known: Mutex::default(),
        };
        if anchor.file.exists() {
            let mut known = anchor.known();
            let file = locked(&anchor.file).map_err(|fault| unusable(&anchor.file, fault))?;
            if let Some(line) = anchor.catch_up(&file, &mut known)? {
                return Err(broken(&anchor.file, line));
            }
        }
        Ok(anchor)
    }

    /// Whether there was no line yet.
    pub fn is_new(&self) -> bool {
        self.known().last.is_none()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps where the chain ends, unless the last line says it already; tells whether a line was added.
    pub fn keep(&self, end: (i64, &str), sums: i64, now: Timestamp) -> Result<bool> {
        self.add(None, end, sums, now)
    }

    /// The last line, if there is one.
    pub fn last(&self) -> Option<AnchorLine> {
        self.known().last.clone()
    }

    /// A restore says that it goes back.
    pub fn restored(&self, end: (i64, &str), sums: i64, now: Timestamp) -> Result<()> {
        let kind = Some(Anchoring::Restored);
        self.add(kind, end, sums, now).map(drop)
    }

    fn add(
        &self,
        kind: Option<Anchoring>,
        (sequence, chain): (i64, &str),
        sums: i64,
        now: Timestamp,
    ) -> Result<bool> {
        let mut known = self.known();
        let file = locked(&self.file).map_err(|fault| unusable(&self.file, fault))?;
        if let Some(line) = self.catch_up(&file, &mut known)? {
            // The next line shows it too: it follows the last one that was sound.
            tracing::error!(
                alarm = true,
                line,
                "somebody wrote into the end of the audit log"
            );
        }
        let is_kept = |line: &AnchorLine| {
            line.sequence == sequence && line.chain == chain && line.sums == Some(sums)
        };
        if kind.is_none() && known.last.as_ref().is_some_and(is_kept) {
            return Ok(false);
        }
        let usual = match known.last {
            Some(_) => Anchoring::Sealed,
            None => Anchoring::Begun,
        };
        let mut line = AnchorLine {
            kind: kind.unwrap_or(usual),
            sequence,
            chain: chain.to_owned(),
            at: now,
            sums: Some(sums),
            mark: String::new(),
        };
        let previous = known.last.as_ref().map_or("", |line| &line.mark);
        line.mark = self.key.anchor(previous, &line.text());
        let text = format!("{} {}", line.text(), line.mark);
        known.bytes = append(&file, &text).map_err(|fault| unusable(&self.file, fault))?;
        for copy in &self.copies {
            if let Err(fault) = self.copy(copy, &text) {
                tracing::error!(alarm = true, ?copy, %fault, "the second place of the audit log's end was not written");
            }
        }
        known.last = Some(line);
        known.lines += 1;
        Ok(true)
    }

    /// Reads what others have added since, and gives the number of a line that is none of this program. Of a file that got
    /// shorter it reads nothing: the next line does not fit it.
    fn catch_up(&self, file: &File, known: &mut Known) -> Result<Option<usize>> {
        let unusable = |fault| unusable(&self.file, fault);
        let read = unread(file, known.bytes).map_err(unusable)?;
        known.bytes = file.metadata().map_err(unusable)?.len();
        for line in read.lines() {
            let previous = known.last.as_ref().map_or("", |line| &line.mark);
            let found = AnchorLine::parse(line);
            let found = found.filter(|l| l.mark == self.key.anchor(previous, &l.text()));
            known.lines += 1;
            if found.is_none() {
                return Ok(Some(known.lines));
            }
            known.last = found;
        }
        Ok(None)
    }

    fn copy(&self, copy: &AnchorCopy, text: &str) -> std::io::Result<()> {
        match copy {
            AnchorCopy::File(path) => append(&locked(path)?, text).map(drop),
            AnchorCopy::Syslog(socket) => {
                let message = format!("<{SYSLOG_PRIORITY}>1 - - tongban - audit-anchor - {text}");
                let sent = UnixDatagram::unbound()?.send_to(message.as_bytes(), socket);
                sent.map(drop)
            }
        }
    }
}

/// Nobody else writes while it is open.
fn locked(path: &Path) -> std::io::Result<File> {
    let is_new = !path.try_exists()?;
    let mut options = OpenOptions::new();
    let options = options.read(true).append(true).create(true).mode(0o600);
    let file = options.open(path)?;
    file.lock()?;
    if let (true, Some(folder)) = (is_new, path.parent().filter(|p| p.is_dir())) {
        File::open(folder)?.sync_all()?;
    }
    Ok(file)
}

/// Whole lines from a place on; a line that a crash has cut off is taken away.
fn unread(mut file: &File, from: u64) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(from))?;
    file.read_to_end(&mut bytes)?;
    let end = bytes.iter().rposition(|byte| *byte == b'\n');
    let whole = end.map_or(0, |end| end + 1);
    if whole < bytes.len() {
        bytes.truncate(whole);
        file.set_len(from + whole as u64)?;
        file.sync_all()?;
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// How long the file is then.
fn append(mut file: &File, line: &str) -> std::io::Result<u64> {
    file.write_all(format!("{line}\n").as_bytes())?;
    file.sync_all()?;
    Ok(file.metadata()?.len())
}

fn unusable(path: &Path, fault: std::io::Error) -> Problem {
    let words = format!("审计锚点文件 {} 用不了", path.display());
    Problem::new(Kind::Unavailable, "audit.anchor", words).with_cause(fault)
}

/// What lies in the database is older than what was kept of it.
pub(crate) fn put_back(anchored: &AnchorLine) -> Problem {
    let words = format!(
        "数据库比审计锚点旧：锚点记到审计日志第 {} 条，数据库里没有这一条或数据已退回到它之前，没有启动。如果是从备份恢复，请用 tongban restore 恢复到空的数据文件夹（它会另写锚点）；否则请换回原来的数据库，并用 tongban audit verify 核查",
        anchored.sequence
    );
    Problem::new(Kind::Conflict, "audit.put_back", words)
}

fn broken(path: &Path, line: usize) -> Problem {
    let words = format!(
        "审计锚点文件 {} 第 {line} 行不是本系统写入的，没有启动；请先用 tongban audit verify 核查，保留原文件备查后再移走它",
        path.display()
    );
    Problem::new(Kind::Conflict, "audit.anchor_broken", words)
}
