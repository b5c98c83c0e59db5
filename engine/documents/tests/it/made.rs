//! Files as other programs make them, and as somebody makes them who means harm: packages, OFD, signed PDF.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use std::io::Write;
use tongban_crypto::{SignedDataProfile, sign_detached, sign_with_seal, sm3};

use crate::desk::{Desk, NOW};

pub const LIST: &str = "Doc_0/Signs/Signatures.xml";
pub const SIGNATURE: &str = "Doc_0/Signs/Sign_0/Signature.xml";
pub const SEAL: &str = "Doc_0/Signs/Sign_0/Seal.esl";
pub const VALUE: &str = "Doc_0/Signs/Sign_0/SignedValue.dat";
pub const PAGE: &str = "Doc_0/Pages/Page_0/Content.xml";
const SM3: &str = "1.2.156.10197.1.401";

/// A file of a package: name as bytes, content, whether it is deflated.
#[derive(Clone)]
pub struct Part {
    pub name: Vec<u8>,
    pub content: Vec<u8>,
    pub is_packed: bool,
}

pub fn part(name: &str, content: impl Into<Vec<u8>>) -> Part {
    Part {
        name: name.as_bytes().to_vec(),
        content: content.into(),
        is_packed: false,
    }
}

/// A file whose name stands in GBK.
pub fn in_gbk(content: &str) -> Part {
    Part {
        name: b"Doc_0/\xb8\xbd\xbc\xfe.txt".to_vec(),
        ..part("", content)
    }
}

/// A ZIP without the flag for UTF-8.
pub fn zip(parts: &[Part]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for part in parts {
        let mut crc = flate2::Crc::new();
        crc.update(&part.content);
        let data = if part.is_packed {
            let mut packer = DeflateEncoder::new(Vec::new(), Compression::best());
            packer.write_all(&part.content).unwrap();
            packer.finish().unwrap()
        } else {
            part.content.clone()
        };
        let mut fields = vec![
            20,
            0,
            0,
            0,
            if part.is_packed { 8 } else { 0 },
            0,
            0,
            0,
            0x21,
            0,
        ];
        for long in [crc.sum(), data.len() as u32, part.content.len() as u32] {
            fields.extend(long.to_le_bytes());
        }
        fields.extend((part.name.len() as u16).to_le_bytes());
        fields.extend([0, 0]);
        let offset = out.len() as u32;
        out.extend([b"PK\x03\x04", fields.as_slice(), &part.name, &data].concat());
        directory.extend([b"PK\x01\x02\x14\0", fields.as_slice(), &[0; 10]].concat());
        directory.extend(offset.to_le_bytes());
        directory.extend(&part.name);
    }
    let start = out.len() as u32;
    let count = (parts.len() as u16).to_le_bytes();
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([count, count].concat());
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    out
}

/// The stored files of a package that this product wrote.
pub fn unzip(bytes: &[u8]) -> Vec<Part> {
    let (mut at, mut parts) = (0, Vec::new());
    let word = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]) as usize;
    let long = |at: usize| word(at) | word(at + 2) << 16;
    while bytes[at..].starts_with(b"PK\x03\x04") {
        let (length, name) = (long(at + 18), word(at + 26));
        let start = at + 30 + name;
        parts.push(Part {
            name: bytes[at + 30..start].to_vec(),
            content: bytes[start..start + length].to_vec(),
            is_packed: false,
        });
        at = start + length;
    }
    parts
}

pub fn without(parts: &[Part], is_out: impl Fn(&str) -> bool) -> Vec<u8> {
    let kept = |part: &&Part| !is_out(std::str::from_utf8(&part.name).unwrap());
    zip(&parts.iter().filter(kept).cloned().collect::<Vec<_>>())
}

/// What another program puts under its seal.
pub struct Sealing<'a> {
    pub method: &'a str,
    /// Files that are not referred to.
    pub left_out: &'a [&'a str],
    /// References beside those to the files: path and digest.
    pub more: Vec<(String, String)>,
    pub desk: &'a Desk,
    /// Puts something else than a seal's signature into the signed value.
    pub value: Option<Vec<u8>>,
}

impl<'a> Sealing<'a> {
    pub fn by(desk: &'a Desk) -> Self {
        Self {
            method: SM3,
            left_out: &[],
            more: Vec::new(),
            desk,
            value: None,
        }
    }
}

/// One page, two resources of the document's root and what else is given; not sealed.
pub fn pages(more: &[Part]) -> Vec<Part> {
    let root = format!(
        "<OFD><DocBody><DocInfo/><DocRoot>Doc_0/Document.xml</DocRoot><Signatures>/{LIST}</Signatures></DocBody></OFD>"
    );
    let document = "<Document><CommonData><PublicRes>Res.xml</PublicRes><TemplatePage ID=\"9\" \
        BaseLoc=\"Tpl/Content.xml\"/></CommonData><Pages><Page ID=\"1\" BaseLoc=\"Pages/Page_0/Content.xml\"/></Pages></Document>";
    let mut parts = vec![
        part("OFD.xml", root),
        part("Doc_0/Document.xml", document),
        part(PAGE, "<Page>甲</Page>"),
    ];
    parts.extend_from_slice(more);
    parts
}

/// Seals a package as a vendor does it.
pub fn sealed_parts(mut parts: Vec<Part>, sealing: &Sealing) -> Vec<Part> {
    let seal = &sealing.desk.seal;
    parts.push(part(SEAL, seal.to_der()));
    let mut references = String::new();
    let mut refer = |path: &str, digest: &str| {
        references += &format!(
            "<Reference FileRef=\"/{path}\"><CheckValue>{digest}</CheckValue></Reference>"
        );
    };
    for file in &parts {
        let name = encoding_name(&file.name);
        if !sealing.left_out.contains(&name.as_str()) {
            refer(&name, &STANDARD.encode(sm3(&file.content)));
        }
    }
    for (path, digest) in &sealing.more {
        refer(path, digest);
    }
    let description = format!(
        "<Signature><SignedInfo><Provider ProviderName=\"示例厂商\"/><References CheckMethod=\"{}\">{references}\
         </References><Seal><BaseLoc>/{SEAL}</BaseLoc></Seal></SignedInfo><SignedValue>/{VALUE}</SignedValue></Signature>",
        sealing.method
    );
    let digest = sm3(description.as_bytes());
    let place = format!("/{SIGNATURE}");
    let signed = sign_with_seal(seal, &sealing.desk.signer, &digest, &place, NOW).unwrap();
    let value = match &sealing.value {
        Some(value) => value.clone(),
        None => signed.to_der().to_vec(),
    };
    let list = format!("<Signatures><Signature ID=\"1\" BaseLoc=\"/{SIGNATURE}\"/></Signatures>");
    parts.push(part(LIST, list));
    parts.push(part(SIGNATURE, description));
    parts.push(part(VALUE, value));
    parts
}

/// What the name of a file reads like; only 附件.txt is written in GBK here.
fn encoding_name(name: &[u8]) -> String {
    match std::str::from_utf8(name) {
        Ok(name) => name.to_owned(),
        Err(_) => "Doc_0/附件.txt".to_owned(),
    }
}

pub fn sealed_ofd(more: &[Part], sealing: &Sealing) -> Vec<u8> {
    zip(&sealed_parts(pages(more), sealing))
}

/// A PDF of one page with a signature in the form `filter`; `sign` makes its data from what is signed.
pub fn signed_pdf(filter: &str, sign: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    const ROOM: usize = 6000;
    let body = format!(
        "%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]/SigFlags 3>>>>\nendobj\n\
         2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n\
         3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 200]/Annots[4 0 R]>>\nendobj\n\
         4 0 obj\n<</Type/Annot/Subtype/Widget/FT/Sig/T(a)/V 5 0 R/Rect[0 0 0 0]/P 3 0 R>>\nendobj\n\
         5 0 obj\n<</Type/Sig/Filter/X/SubFilter/{filter}/ByteRange[0 00000000 00000000 00000000]/Contents<{}>>>\nendobj\n",
        "0".repeat(ROOM)
    );
    let mut pdf = with_table(body.into_bytes(), 0, 6, "");
    let range = find(&pdf, b"/ByteRange[");
    let open = find(&pdf, b"/Contents<") + 9;
    let close = open + ROOM + 2;
    let words = format!(
        "/ByteRange[0 {open:08} {close:08} {:08}]",
        pdf.len() - close
    );
    pdf.splice(range..range + words.len(), words.into_bytes());
    let mut hex: String = sign(&[&pdf[..open], &pdf[close..]].concat())
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    hex.push_str(&"0".repeat(ROOM - hex.len()));
    pdf.splice(open + 1..close - 1, hex.into_bytes());
    pdf
}

/// Appends a cross-reference table of every object from `from` on, and its trailer.
pub fn with_table(mut pdf: Vec<u8>, from: usize, size: u32, previous: &str) -> Vec<u8> {
    let mut lines = String::new();
    for id in 0..size {
        let head = format!("\n{id} 0 obj");
        let at = pdf[from..]
            .windows(head.len())
            .position(|w| w == head.as_bytes());
        match at {
            Some(at) => lines += &format!("{id} 1\n{:010} 00000 n \n", from + at + 1),
            None if id == 0 && from == 0 => lines += "0 1\n0000000000 65535 f \n",
            None => {}
        }
    }
    let start = pdf.len();
    let tail = format!(
        "xref\n{lines}trailer\n<</Size {size}/Root 1 0 R{previous}>>\nstartxref\n{start}\n%%EOF\n"
    );
    pdf.extend(tail.into_bytes());
    pdf
}

pub fn find(bytes: &[u8], what: &[u8]) -> usize {
    bytes.windows(what.len()).position(|w| w == what).unwrap()
}

pub fn cms(desk: &Desk) -> impl Fn(&[u8]) -> Vec<u8> {
    |content| sign_detached(content, &desk.signer, NOW, SignedDataProfile::Cms).unwrap()
}

/// DER written anew: with indefinite lengths, or with some primitive elements put in the place of others.
pub fn rewritten(der: &[u8], is_endless: bool, swap: &[(&[u8], &[u8])]) -> Vec<u8> {
    let (mut at, mut out) = (0, Vec::new());
    while at < der.len() {
        let (tag, first) = (der[at], usize::from(der[at + 1]));
        let count = if first < 0x80 { 0 } else { first & 0x7f };
        let length = match count {
            0 => first,
            _ => der[at + 2..at + 2 + count]
                .iter()
                .fold(0, |sum, b| sum << 8 | usize::from(*b)),
        };
        let start = at + 2 + count;
        let (whole, body) = (&der[at..start + length], &der[start..start + length]);
        at = start + length;
        if tag & 0x20 == 0 {
            let other = swap.iter().find(|(from, _)| *from == whole);
            out.extend(other.map_or(whole, |(_, to)| *to));
            continue;
        }
        let inside = rewritten(body, is_endless, swap);
        out.push(tag);
        if is_endless {
            out.push(0x80);
            out.extend(inside);
            out.extend([0, 0]);
        } else {
            let length = inside.len().to_be_bytes();
            match inside.len() {
                0..=0x7f => out.push(length[7]),
                0x80..=0xff => out.extend([0x81, length[7]]),
                _ => out.extend([0x82, length[6], length[7]]),
            }
            out.extend(inside);
        }
    }
    out
}
