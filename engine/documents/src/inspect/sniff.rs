//! What a file is, told from its first bytes and, for packages, from the names in it. The name of the file is not asked.

use super::FileKind;
use crate::container::{Archive, Place};
use crate::ofd::package::ROOT;

/// Something may stand before the head of a PDF (ISO 32000-1, annex H).
const HEAD: usize = 1024;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content {
    Known(FileKind),
    Heic,
    Picture(&'static str),
    Office(&'static str),
    Packed(&'static str),
    Page,
    Program,
    Video,
    Other,
}

const BEGINNINGS: [(&[u8], Content); 20] = [
    (b"\xFF\xD8", Content::Known(FileKind::Jpg)),
    (b"\x89PNG\r\n\x1a\n", Content::Known(FileKind::Png)),
    (b"GIF8", Content::Picture("GIF")),
    (b"BM", Content::Picture("BMP")),
    (b"II*\0", Content::Picture("TIFF")),
    (b"MM\0*", Content::Picture("TIFF")),
    (b"\xFF\x0A", Content::Picture("JPEG XL")),
    (b"\0\0\0\x0CJXL ", Content::Picture("JPEG XL")),
    (
        b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
        Content::Office("旧版 Office 或 WPS 文档"),
    ),
    (b"{\\rtf", Content::Office("RTF 文档")),
    (b"Rar!", Content::Packed("RAR 压缩包")),
    (b"7z\xBC\xAF\x27\x1C", Content::Packed("7z 压缩包")),
    (b"\x1F\x8B", Content::Packed("GZ 压缩包")),
    (b"MZ", Content::Program),
    (b"\x7FELF", Content::Program),
    (b"#!", Content::Program),
    (b"\xCA\xFE\xBA\xBE", Content::Program),
    (b"\xCF\xFA\xED\xFE", Content::Program),
    (b"\x1A\x45\xDF\xA3", Content::Video),
    (b"FLV", Content::Video),
];

pub(super) fn content(bytes: &[u8]) -> Content {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return package(bytes);
    }
    if bytes.get(4..8) == Some(b"ftyp") {
        return media(bytes.get(8..12).unwrap_or_default());
    }
    if bytes.starts_with(b"RIFF") {
        return match bytes.get(8..12) {
            Some(b"WEBP") => Content::Picture("WebP"),
            _ => Content::Video,
        };
    }
    for (beginning, content) in BEGINNINGS {
        if bytes.starts_with(beginning) {
            return content;
        }
    }
    let head = bytes.get(..bytes.len().min(HEAD)).unwrap_or_default();
    if head.windows(5).any(|w| w == b"%PDF-") {
        // A page or a script that mentions the head of a PDF is none.
        return match text(head) {
            Content::Other => Content::Known(FileKind::Pdf),
            other => other,
        };
    }
    text(head)
}

/// Brands of ISO base media (ISO/IEC 23008-12).
fn media(brand: &[u8]) -> Content {
    match brand {
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1" => {
            Content::Heic
        }
        b"avif" | b"avis" => Content::Picture("AVIF"),
        _ => Content::Video,
    }
}

fn package(bytes: &[u8]) -> Content {
    let Ok(archive) = Archive::read(bytes) else {
        let named = |name: &[u8]| bytes.windows(name.len()).any(|w| w == name);
        return match named(b"OFD.xml") {
            true => Content::Known(FileKind::Ofd),
            false => Content::Packed("压缩包"),
        };
    };
    if !matches!(archive.find(ROOT), Place::Missing) {
        return Content::Known(FileKind::Ofd);
    }
    let holds = |folder: &str| archive.entries().any(|e| e.name.starts_with(folder));
    if holds("word/") {
        Content::Office("Word 文档")
    } else if holds("xl/") {
        Content::Office("Excel 表格")
    } else if holds("ppt/") {
        Content::Office("PPT 演示文稿")
    } else if holds("META-INF/MANIFEST.MF") {
        Content::Program
    } else if holds("mimetype") && holds("content.xml") {
        Content::Office("OpenDocument 文档")
    } else {
        Content::Packed("压缩包")
    }
}

fn text(head: &[u8]) -> Content {
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let start = head.iter().position(|b| !b.is_ascii_whitespace());
    let words = head.get(start.unwrap_or(0)..).unwrap_or_default();
    let begins = |with: &[u8]| {
        words
            .get(..with.len())
            .is_some_and(|w| w.eq_ignore_ascii_case(with))
    };
    let page: [&[u8]; 6] = [
        b"<!doctype",
        b"<html",
        b"<script",
        b"<svg",
        b"<head",
        b"<body",
    ];
    if page.into_iter().any(begins) {
        Content::Page
    } else if begins(b"<?xml") {
        match head.windows(4).any(|w| w.eq_ignore_ascii_case(b"<svg")) {
            true => Content::Page,
            false => Content::Other,
        }
    } else {
        Content::Other
    }
}
