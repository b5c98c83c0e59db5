//! Whatever is done to a file, reading it comes to an answer.

use tongban_documents::{Bounds, FileKind, inspect, upright_photo, verify};
use tongban_testkit::Fuzz;

use crate::desk::{DESK, NOW, SEALED_OFD, SEALED_PDF};
use crate::handed_in::{pdf_of_one_page, pictures};
use crate::made::{
    LIST, PAGE, Part, SEAL, SIGNATURE, Sealing, VALUE, cms, in_gbk, pages, part, rewritten,
    sealed_ofd, sealed_parts, signed_pdf, unzip, zip,
};

/// What a package may unpack to, and as much again for what is made of it.
const MOST: usize = 64 << 20;
const ZIP_WORDS: [&[u8]; 10] = [
    b"PK\x01\x02",
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"PK\x06\x06",
    b"PK\x07\x08",
    b"OFD.xml",
    b"Doc_0/Signs/Signatures.xml",
    b"../",
    b"\\",
    b"\0",
];
const XML_WORDS: [&str; 20] = [
    "<Signature ID=\"1\" BaseLoc=\"/a\"/>",
    "<Reference FileRef=\"/OFD.xml\"><CheckValue>AAAA</CheckValue></Reference>",
    "<Seal><BaseLoc>/OFD.xml</BaseLoc></Seal>",
    "<SignedValue>/OFD.xml</SignedValue>",
    "<DocBody>",
    "</DocBody>",
    "<Page ID=\"1\" BaseLoc=\"Pages/Page_0/Content.xml\"/>",
    "CheckMethod=\"SM3\"",
    "1.2.156.10197.1.401",
    "xmlns:ofd=\"http://www.ofdspec.org/2016\"",
    "ofd:",
    "<![CDATA[",
    "]]>",
    "<!--",
    "<!DOCTYPE a [<!ENTITY b \"c\">]>",
    "&#x10FFFF;",
    "&amp;",
    "../../",
    "\u{feff}",
    "Tongban",
];
const PDF_WORDS: [&str; 26] = [
    "1 0 obj\n<<",
    ">>\nendobj\n",
    "stream\n",
    "\nendstream",
    "/ByteRange[0 100 200 300]",
    "/Contents<",
    "/Type/Sig",
    "/SubFilter/adbe.pkcs7.detached",
    "/Filter/FlateDecode",
    "/ObjStm",
    "/N 1000000000",
    "/First 99999999",
    "/Length 99999999999",
    "/Kids[2 0 R]",
    "/Prev 9",
    "/DSS<<>>",
    "xref\n0 1\n0000000000 65535 f \n",
    "trailer\n<<",
    "startxref\n0\n",
    "%%EOF\n",
    "%PDF-1.7",
    "(\\",
    "<<<<<<<<",
    "[[[[[[[[",
    "1 0 R",
    "#00",
];

#[test]
fn any_damaged_ofd_is_judged() {
    let foreign = |more: &[Part]| sealed_ofd(more, &Sealing::by(&DESK));
    Fuzz::of([SEALED_OFD.clone(), foreign(&[]), foreign(&[in_gbk("x")])])
        .words(&ZIP_WORDS)
        .cases(120)
        .memory(MOST)
        .feed(|bytes| verify(bytes, &DESK.trust, NOW));
}

/// The package around it is whole, so that each reader inside is reached. The first byte says which part is damaged.
#[test]
fn any_damaged_part_of_an_ofd_is_judged() {
    const DAMAGED: [&str; 7] = [
        "OFD.xml",
        "Doc_0/Document.xml",
        LIST,
        SIGNATURE,
        SEAL,
        VALUE,
        PAGE,
    ];
    let own = unzip(&SEALED_OFD);
    let foreign = sealed_parts(pages(&[]), &Sealing::by(&DESK));
    let content = |parts: &[Part], name: &str| {
        let found = parts.iter().find(|part| part.name == name.as_bytes());
        found.map(|part| part.content.clone()).unwrap_or_default()
    };
    let seeds = [&own, &foreign].into_iter().flat_map(|parts| {
        let tagged = |(tag, name): (u8, &str)| [vec![tag], content(parts, name)].concat();
        (0..).zip(DAMAGED).map(tagged).collect::<Vec<_>>()
    });
    Fuzz::of(seeds)
        .words(&XML_WORDS)
        .cases(600)
        .memory(MOST)
        .feed(|bytes| {
            let (tag, damaged) = bytes.split_first().unwrap_or((&0, &[]));
            let name = DAMAGED[usize::from(*tag) % DAMAGED.len()];
            let mut parts = foreign.clone();
            parts.retain(|part| part.name != name.as_bytes());
            parts.push(part(name, damaged));
            verify(&zip(&parts), &DESK.trust, NOW)
        });
}

#[test]
fn any_damaged_pdf_is_judged() {
    let foreign = signed_pdf("adbe.pkcs7.detached", cms(&DESK));
    let sealed = SEALED_PDF.clone();
    let appended = [&sealed[..], b"\n9 0 obj <</DSS<</Certs[]>>>> endobj\n"].concat();
    Fuzz::of([sealed, appended, foreign.clone(), foreign])
        .words(&PDF_WORDS)
        .cases(300)
        .memory(MOST)
        .feed(|bytes| verify(bytes, &DESK.trust, NOW));
}

#[test]
fn any_signed_data_of_a_pdf_is_judged() {
    let der = cms(&DESK)(b"x");
    let ber = rewritten(&der, true, &[]);
    let seal = DESK.seal.to_der().to_vec();
    Fuzz::of([der, ber, seal])
        .cases(400)
        .memory(MOST)
        .feed(|bytes| {
            // There is room for so many.
            let data = &bytes[..bytes.len().min(2900)];
            let pdf = signed_pdf("adbe.pkcs7.detached", |_| data.to_vec());
            verify(&pdf, &DESK.trust, NOW)
        });
}

#[test]
fn whatever_is_handed_in_is_taken_or_refused() {
    let bounds = Bounds {
        pixels: 100_000,
        pages: 3,
    };
    let mut seeds = pictures();
    seeds.extend(pdf_of_one_page());
    seeds.push(sealed_ofd(&[], &Sealing::by(&DESK)));
    Fuzz::of(seeds)
        .words(&PDF_WORDS)
        .cases(500)
        .memory(MOST)
        .feed(|bytes| {
            let kind = inspect(bytes, &FileKind::ALL, &bounds)?;
            match kind {
                FileKind::Jpg | FileKind::Png => upright_photo(bytes, kind, &bounds).map(Some),
                FileKind::Pdf | FileKind::Ofd => Ok(None),
            }
        });
}
