//! Figures as people and as programs read them. Knows nothing of what was measured.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Value, json};

/// One measured value, with what it is compared with.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    pub name: String,
    /// None: it was not measured; `peer` says why.
    pub value: Option<f64>,
    pub unit: String,
    pub peer: Option<String>,
    pub peer_value: Option<f64>,
    pub ratio: Option<f64>,
    /// Of the ratio when there is a peer to reach, else of the value.
    pub target: Option<f64>,
    pub met: Option<bool>,
}

impl Figure {
    pub fn new(name: impl Into<String>, value: f64, unit: &str) -> Self {
        Self {
            name: name.into(),
            value: Some(rounded(value)),
            unit: unit.to_owned(),
            peer: None,
            peer_value: None,
            ratio: None,
            target: None,
            met: None,
        }
    }

    /// A figure that could not be taken here.
    pub fn not_run(name: impl Into<String>, unit: &str, why: &str) -> Self {
        Self {
            value: None,
            peer: Some(format!("not run: {why}")),
            ..Self::new(name, 0.0, unit)
        }
    }

    #[must_use]
    pub fn beside(mut self, peer: &str, value: Option<f64>) -> Self {
        self.peer = Some(peer.to_owned());
        self.peer_value = value.map(rounded);
        self.ratio = match (self.value, value) {
            (Some(own), Some(peer)) if peer > 0.0 => Some(rounded(own / peer)),
            _ => None,
        };
        self
    }

    /// So much of the peer's value must be reached.
    #[must_use]
    pub fn of_peer(mut self, target: f64) -> Self {
        self.target = Some(target);
        self.met = self.ratio.map(|ratio| ratio >= target);
        self
    }

    #[must_use]
    pub fn at_least(mut self, target: f64) -> Self {
        self.target = Some(target);
        self.met = self.value.map(|value| value >= target);
        self
    }

    #[must_use]
    pub fn at_most(mut self, target: f64) -> Self {
        self.target = Some(target);
        self.met = self.value.map(|value| value <= target);
        self
    }
}

/// What one bench found on one machine.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub bench: String,
    pub machine: Value,
    pub figures: Vec<Figure>,
}

impl Report {
    pub fn new(bench: &str) -> Self {
        Self {
            bench: bench.to_owned(),
            machine: machine(),
            figures: Vec::new(),
        }
    }

    pub fn add(&mut self, figure: Figure) {
        self.figures.push(figure);
    }

    pub fn json(&self) -> Value {
        json!(self)
    }

    pub fn text(&self) -> String {
        let mut text = format!("bench {}\n", self.bench);
        if let Value::Object(machine) = &self.machine {
            for (name, value) in machine {
                let _ = writeln!(text, "  {name}: {}", plain(value));
            }
        }
        for figure in &self.figures {
            let _ = writeln!(text, "{}", line(figure));
        }
        text
    }
}

fn line(figure: &Figure) -> String {
    let mut line = format!("{:<44}", figure.name);
    match figure.value {
        Some(value) => {
            let _ = write!(line, " {:>12} {}", number(value), figure.unit);
        }
        None => line.push_str("            —"),
    }
    match (&figure.peer, figure.peer_value) {
        (Some(peer), Some(value)) => {
            let ratio = figure.ratio.map(number).unwrap_or_default();
            let _ = write!(line, "; {peer} {}, ratio {ratio}", number(value));
        }
        (Some(peer), None) => {
            let _ = write!(line, "; {peer}");
        }
        (None, _) => {}
    }
    if let Some(target) = figure.target {
        let met = match figure.met {
            Some(true) => "met",
            Some(false) => "MISSED",
            None => "unknown",
        };
        let _ = write!(line, "; target {}: {met}", number(target));
    }
    line
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn number(value: f64) -> String {
    if value.abs() >= 100.0 {
        format!("{value:.0}")
    } else {
        format!("{value}")
    }
}

/// Four digits are more than any of these measurements is worth.
fn rounded(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let places = 3 - value.abs().log10().floor() as i32;
    let factor = 10_f64.powi(places);
    (value * factor).round() / factor
}

/// What the figures depend on besides the program.
fn machine() -> Value {
    let file = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name));
        let value = line.and_then(|line| line.split_once(':'));
        value.map_or_else(String::new, |(_, value)| value.trim().to_owned())
    };
    let load = file("/proc/loadavg");
    json!({
        "processor": field(&file("/proc/cpuinfo"), "model name"),
        "cores": std::thread::available_parallelism().map_or(0, usize::from),
        "memory": field(&file("/proc/meminfo"), "MemTotal"),
        "kernel": file("/proc/sys/kernel/osrelease").trim(),
        "load_before": load.split(' ').next().unwrap_or_default(),
        "profile": if cfg!(debug_assertions) { "debug (not worth comparing)" } else { "release" },
        "version": env!("CARGO_PKG_VERSION"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_judged_by_its_ratio_when_a_peer_must_be_reached_and_else_by_its_value() {
        let pages = Figure::new("guide", 5_000.0, "1/s").beside("hello", Some(10_000.0));
        assert_eq!(pages.clone().of_peer(0.4).met, Some(true));
        assert_eq!(pages.of_peer(0.6).met, Some(false));
        assert_eq!(Figure::new("last", 2.5, "s").at_most(2.0).met, Some(false));
        let missing = Figure::not_run("postgres", "1/s", "no server").of_peer(0.25);
        assert_eq!((missing.value, missing.met), (None, None));
    }

    #[test]
    fn a_report_has_the_shape_that_others_rely_on() {
        let mut report = Report::new("pages");
        report.add(Figure::new("guide", 12_345.678, "1/s").at_least(1.0));
        let json = report.json();
        assert_eq!(json["bench"], "pages");
        assert!(json["machine"].is_object());
        let figure = &json["figures"][0];
        let names: Vec<&String> = figure
            .as_object()
            .into_iter()
            .flat_map(|o| o.keys())
            .collect();
        let expected = [
            "name",
            "value",
            "unit",
            "peer",
            "peer_value",
            "ratio",
            "target",
            "met",
        ];
        assert_eq!(names, expected);
        assert_eq!(figure["value"], 12_350.0);
    }
}
