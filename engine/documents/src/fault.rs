//! Why a paper has no file, as people need to know it: what it is, what to do, and whether waiting helps. Knows no paper.

use serde::{Deserialize, Serialize};
use tongban_base::{Problem, Timestamp};

/// The closed list of causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// No typeface at hand has a character.
    Glyph,
    /// The picture that was handed in cannot be drawn.
    Picture,
    /// What it says is too long for its pages.
    Overflow,
    /// The template, or what the pack has beside it.
    Template,
    /// The office has no seal that can be used now.
    Seal,
    /// What it was to replace has ended in the meantime.
    Overtaken,
    /// No room where files are kept.
    Space,
    /// A disk, a database, whatever comes back by itself.
    Interrupted,
}

const FAULTS: [(Fault, &str, &str, &str); 8] = [
    (
        Fault::Glyph,
        "glyph",
        "有字没有字体可以显示",
        "请系统管理员补装含有这个字的字体（安装 fonts-hanazono，或者用环境变量 TONGBAN_FONTS 指定字体文件夹），重新启动后点“重新制作”。",
    ),
    (
        Fault::Picture,
        "picture",
        "照片不能用",
        "请向申请人要一张能用的照片，在这里换上，系统会重新制作。",
    ),
    (
        Fault::Overflow,
        "overflow",
        "版面放不下",
        "请系统管理员调整模板后点“重新制作”；或者把办件退回到前面的环节，请申请人缩短这一项。",
    ),
    (
        Fault::Template,
        "template",
        "模板有错误",
        "请系统管理员检查文书或者证照的模板；改正后点“重新制作”。",
    ),
    (
        Fault::Seal,
        "seal",
        "不能签章",
        "请系统管理员检查本单位的电子印章和证书；处理好后点“重新制作”。",
    ),
    (
        Fault::Overtaken,
        "overtaken",
        "要换发的原证照已经不再有效",
        "新证照不能生效，请把办件退回到前面的环节，重新作出决定。",
    ),
    (
        Fault::Space,
        "space",
        "存储空间不足",
        "请系统管理员清理或者扩充存储空间；系统会自己重试，也可以点“重新制作”。",
    ),
    (
        Fault::Interrupted,
        "interrupted",
        "制作中断",
        "系统会自己重试；一直不成功的，请系统管理员查看日志后点“重新制作”。",
    ),
];

impl Fault {
    /// What a problem of making, keeping or recording a paper comes from.
    pub fn of(problem: &Problem) -> Self {
        match problem.code() {
            "document.glyph" => Fault::Glyph,
            "document.picture" => Fault::Picture,
            "document.overflow" => Fault::Overflow,
            "document.seal" => Fault::Seal,
            "document.overtaken" => Fault::Overtaken,
            "store.full" => Fault::Space,
            code if code.starts_with("document.") => Fault::Template,
            _ => Fault::Interrupted,
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        FAULTS.iter().find(|f| f.1 == code).map(|f| f.0)
    }

    pub fn code(self) -> &'static str {
        FAULTS.iter().find(|f| f.0 == self).map_or("", |f| f.1)
    }

    pub fn title(self) -> &'static str {
        FAULTS.iter().find(|f| f.0 == self).map_or("", |f| f.2)
    }

    /// What somebody has to do.
    pub fn advice(self) -> &'static str {
        FAULTS.iter().find(|f| f.0 == self).map_or("", |f| f.3)
    }

    /// Trying again changes nothing until somebody has done something.
    pub fn is_lasting(self) -> bool {
        match self {
            Fault::Glyph
            | Fault::Picture
            | Fault::Overflow
            | Fault::Template
            | Fault::Seal
            | Fault::Overtaken => true,
            Fault::Space | Fault::Interrupted => false,
        }
    }
}

/// What passes by itself is tried for so long; then somebody has to look.
const PATIENCE_MINUTES: i64 = 60;

/// A paper that was tried and has no file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub fault: Fault,
    /// The fault with what is known of it.
    pub words: String,
    /// Since when it has been failing.
    pub since: Timestamp,
    /// Nothing is tried any more until somebody asks for it.
    pub is_final: bool,
}

impl Failure {
    /// What a try at `now` ended in, after what an earlier one had ended in.
    pub fn of(problem: &Problem, before: Option<&Failure>, now: Timestamp) -> Self {
        let fault = Fault::of(problem);
        let since = before.map_or(now, |before| before.since);
        let detail = match fault {
            Fault::Glyph | Fault::Overflow | Fault::Template | Fault::Seal | Fault::Overtaken => {
                cause(problem)
            }
            // Their own words are for the log.
            Fault::Picture | Fault::Space | Fault::Interrupted => None,
        };
        Self {
            fault,
            words: match detail {
                Some(detail) => format!("{}：{detail}", fault.title()),
                None => fault.title().to_owned(),
            },
            since,
            is_final: fault.is_lasting() || now >= since.plus_minutes(PATIENCE_MINUTES),
        }
    }
}

fn cause(problem: &Problem) -> Option<String> {
    Some(problem.cause_chain()).filter(|words| !words.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lasts_stops_at_once_and_what_passes_after_an_hour() {
        let full = Problem::new(tongban_base::Kind::Unavailable, "store.full", "");
        let first = Failure::of(&full, None, Timestamp(0));
        assert_eq!((first.fault, first.is_final), (Fault::Space, false));
        let minutes = |minutes| Timestamp(0).plus_minutes(minutes);
        assert!(!Failure::of(&full, Some(&first), minutes(59)).is_final);
        let last = Failure::of(&full, Some(&first), minutes(60));
        assert_eq!((last.since, last.is_final), (Timestamp(0), true));
        let glyph = Problem::new(tongban_base::Kind::Internal, "document.glyph", "");
        assert!(Failure::of(&glyph, None, Timestamp(0)).is_final);
    }

    #[test]
    fn each_fault_is_stored_by_its_code() {
        for (fault, code, ..) in FAULTS {
            assert_eq!(Fault::parse(code), Some(fault));
        }
    }
}
