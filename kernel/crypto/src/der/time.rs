//! UTCTime and GeneralizedTime, to whole seconds.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, Utc};
use tongban_base::Timestamp;

use super::{raw, tag};

/// `YYYYMMDDHHMMSSZ`
pub(crate) fn generalized_time(at: Timestamp) -> Vec<u8> {
    let text = utc(at).format("%Y%m%d%H%M%SZ").to_string();
    raw(tag::GENERALIZED_TIME, &[text.as_bytes()])
}

/// Certificates and signing times take UTCTime up to 2049 and GeneralizedTime after (RFC 5280, 4.1.2.5).
pub(crate) fn x509_time(at: Timestamp) -> Vec<u8> {
    let time = utc(at);
    if (1950..2050).contains(&time.year()) {
        let text = time.format("%y%m%d%H%M%SZ").to_string();
        raw(tag::UTC_TIME, &[text.as_bytes()])
    } else {
        generalized_time(at)
    }
}

fn utc(at: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at.0).unwrap_or_default()
}

/// Reads both forms, with or without seconds and fractions, with Z or an offset. A time without any zone, which
/// the profiles forbid but some seals carry, is taken as UTC.
pub(super) fn parse(tag: u8, body: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(body).ok().filter(|t| t.is_ascii())?;
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (stamp, rest) = text.split_at(digits);
    let full = match tag {
        tag::UTC_TIME => {
            let year: u32 = stamp.get(..2)?.parse().ok()?;
            format!("{}{stamp}", if year < 50 { "20" } else { "19" })
        }
        _ => stamp.to_string(),
    };
    let zone = rest.strip_prefix('.').map_or(rest, |fraction| {
        fraction.trim_start_matches(|c: char| c.is_ascii_digit())
    });
    let moment = civil(&full)?.checked_sub_signed(offset(zone)?)?;
    Some(Timestamp(moment.and_utc().timestamp_millis()))
}

fn civil(text: &str) -> Option<NaiveDateTime> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u32>().ok();
    let seconds = match text.len() {
        12 => 0,
        14 => number(12, 14)?,
        _ => return None,
    };
    let year = i32::try_from(number(0, 4)?).ok()?;
    NaiveDate::from_ymd_opt(year, number(4, 6)?, number(6, 8)?)?.and_hms_opt(
        number(8, 10)?,
        number(10, 12)?,
        seconds,
    )
}

fn offset(zone: &str) -> Option<Duration> {
    if zone.is_empty() || zone == "Z" {
        return Some(Duration::zero());
    }
    let digits = zone.get(1..).filter(|digits| digits.len() == 4)?;
    let minutes =
        digits.get(..2)?.parse::<i64>().ok()? * 60 + digits.get(2..)?.parse::<i64>().ok()?;
    match zone.as_bytes().first()? {
        b'+' => Some(Duration::minutes(minutes)),
        b'-' => Some(Duration::minutes(-minutes)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_the_same_moment_reads_alike() {
        let moment = Some(Timestamp(1_777_020_806_000));
        for text in [
            "20260424085326Z",
            "20260424165326+0800",
            "20260424085326.25Z",
            "20260424085326",
        ] {
            assert_eq!(parse(tag::GENERALIZED_TIME, text.as_bytes()), moment);
        }
        assert_eq!(parse(tag::UTC_TIME, b"260424085326Z"), moment);
        assert_eq!(parse(tag::UTC_TIME, b"26042408Z"), None);
        assert_eq!(parse(tag::GENERALIZED_TIME, b"20261341085326Z"), None);
        assert_eq!(
            generalized_time(Timestamp(1_777_020_806_000))[2..],
            *b"20260424085326Z"
        );
    }
}
