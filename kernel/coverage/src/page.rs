//! The report as one HTML page for people, complete in itself.
//! Knows no other page of the product.

use std::fmt::Write;

use crate::{Baseline, Document, DocumentReport, Report};

const STYLE: &str = "body{font:16px/1.6 sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}\
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ccc;padding:.3rem .5rem;text-align:left;vertical-align:top}\
.n{text-align:right;white-space:nowrap}.yes{color:#0a6b2d}.no{color:#6b6b6b}summary{cursor:pointer;padding:.3rem 0}progress{width:8rem}";

/// Every document with its modules, every requirement with the tests that prove it.
pub fn html(baseline: &Baseline, report: &Report) -> String {
    let mut out = String::new();
    // Writing into a String cannot fail.
    let _ = write!(
        out,
        "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><title>需求覆盖</title><style>{STYLE}</style>\
         <h1>需求覆盖</h1><p>共 {} 条需求，{} 条由通过的测试证明。</p>",
        report.rows(),
        report.proved()
    );
    for (document, summary) in baseline.documents.iter().zip(&report.documents) {
        section(&mut out, document, summary, report);
    }
    if !report.unproved.is_empty() {
        out.push_str("<h2>未获证明的声明</h2><p>测试写明了编号，但没有运行、没有通过，或编号不在需求表中。</p><ul>");
        for unproved in &report.unproved {
            let _ = write!(
                out,
                "<li>{} {}",
                escape(&unproved.id),
                escape(&unproved.file)
            );
        }
        out.push_str("</ul>");
    }
    out.push_str("</html>\n");
    out
}

fn section(out: &mut String, document: &Document, summary: &DocumentReport, report: &Report) {
    let _ = write!(
        out,
        "<h2>{} <small>{} / {}</small></h2>",
        escape(&summary.file),
        summary.proved,
        summary.rows
    );
    for module in &summary.modules {
        let _ = write!(
            out,
            "<details><summary><progress max=\"{}\" value=\"{}\"></progress> {} / {} {}</summary><table>",
            module.rows,
            module.proved,
            module.proved,
            module.rows,
            escape(&module.module)
        );
        for requirement in document
            .requirements
            .iter()
            .filter(|r| r.module == module.module)
        {
            let tests = report.proofs.get(&requirement.id);
            let (class, words) = match tests {
                Some(tests) => ("yes", tests.join("、")),
                None => ("no", "尚未证明".to_owned()),
            };
            let _ = write!(
                out,
                "<tr><td class=\"n\">{}<td>{}<td>{}<td class=\"{class}\">{}",
                escape(&requirement.id),
                escape(&requirement.name),
                escape(&requirement.check),
                escape(&words)
            );
        }
        out.push_str("</table></details>");
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}
