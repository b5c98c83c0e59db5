//! What people hand in: only what opens whole, within bounds and without anything active is taken; the rest is refused
//! with words that say what it is and what to do.

use std::io::{Cursor, Write};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use tongban_documents::{Bounds, FileKind, Refusal, inspect, upright_photo};

use crate::desk::DESK;
use crate::made::{Sealing, pages, part, sealed_ofd, zip};

const BOUNDS: Bounds = Bounds {
    pixels: 1_000_000,
    pages: 3,
};

fn judged(bytes: &[u8]) -> Result<FileKind, Refusal> {
    inspect(bytes, &FileKind::ALL, &BOUNDS)
}

fn refused(bytes: &[u8]) -> String {
    judged(bytes).unwrap_err().words
}

/// A PDF of these objects, the first of which is the catalog.
fn pdf(objects: &[&str]) -> Vec<u8> {
    pdf_with(objects, "")
}

fn pdf_with(objects: &[&str], trailer: &str) -> Vec<u8> {
    let mut text = "%PDF-1.7\n".to_owned();
    for (index, object) in objects.iter().enumerate() {
        text += &format!("{} 0 obj\n{object}\nendobj\n", index + 1);
    }
    text += &format!("trailer <</Root 1 0 R{trailer}>>\nstartxref\n9\n%%EOF\n");
    text.into_bytes()
}

const CATALOG: &str = "<</Type/Catalog/Pages 2 0 R>>";
const ONE: &str = "<</Type/Pages/Count 1/Kids[3 0 R]>>";
const PAGE: &str = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>";

#[test]
fn a_pdf_is_taken_only_when_it_opens_and_has_pages() {
    let whole = pdf(&[CATALOG, ONE, PAGE]);
    assert_eq!(judged(&whole), Ok(FileKind::Pdf));
    assert_eq!(
        judged(&[b"\xEF\xBB\xBF", &whole[..]].concat()),
        Ok(FileKind::Pdf)
    );
    assert_eq!(
        judged(&[&whole[..], &[0; 5000]].concat()),
        Ok(FileKind::Pdf)
    );
    for length in [9, 40, whole.len() / 2, whole.len() - 30] {
        assert!(
            refused(&whole[..length]).contains("不完整或已损坏"),
            "{length}"
        );
    }
    let none = pdf(&[CATALOG, "<</Type/Pages/Count 0/Kids[]>>"]);
    assert!(refused(&none).contains("一页也没有"));
    let round = pdf(&[CATALOG, "<</Type/Pages/Kids[2 0 R]>>"]);
    assert!(refused(&round).contains("已损坏"));
    let many = pdf(&[
        CATALOG,
        "<</Type/Pages/Kids[3 0 R 3 0 R 3 0 R 3 0 R]>>",
        PAGE,
    ]);
    assert!(refused(&many).contains("4 页，最多 3 页"));
    let locked = pdf_with(&[CATALOG, ONE, PAGE], "/Encrypt 9 0 R");
    assert!(refused(&locked).contains("密码"));
}

/// A PDF whose catalog and pages lie in a packed list, as most programs write them.
fn packed_pdf(objects: &[(u32, &str)], is_encrypted: bool) -> Vec<u8> {
    let (mut head, mut body) = (String::new(), String::new());
    for (id, text) in objects {
        head += &format!("{id} {} ", body.len());
        body += &format!("{text} ");
    }
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
    packed
        .write_all(format!("{head}{body}").as_bytes())
        .unwrap();
    let packed = packed.finish().unwrap();
    let mut out = format!(
        "%PDF-1.5\n9 0 obj <</Type/ObjStm/N {}/First {}/Filter/FlateDecode/Length {}>> stream\n",
        objects.len(),
        head.len(),
        packed.len()
    )
    .into_bytes();
    out.extend(packed);
    let encrypt = if is_encrypted { "/Encrypt 8 0 R" } else { "" };
    let rest = format!(
        "\nendstream endobj\n10 0 obj <</Type/XRef/Root 1 0 R/Size 11/Length 0{encrypt}>> stream\n\nendstream endobj\n\
         startxref\n200\n%%EOF"
    );
    out.extend(rest.into_bytes());
    out
}

/// In plain and in packed objects.
pub fn pdf_of_one_page() -> [Vec<u8>; 2] {
    let objects = [(1, CATALOG), (2, ONE), (3, PAGE)];
    [pdf(&[CATALOG, ONE, PAGE]), packed_pdf(&objects, false)]
}

#[test]
fn packed_objects_of_a_pdf_are_looked_at_like_the_others() {
    let good = [
        (1, CATALOG),
        (2, "<</Type/Pages/Kids 4 0 R>>"),
        (3, PAGE),
        (4, "[3 0 R]"),
    ];
    assert_eq!(judged(&packed_pdf(&good, false)), Ok(FileKind::Pdf));
    assert!(refused(&packed_pdf(&good, true)).contains("密码"));
    let mut bad = good.to_vec();
    bad.push((5, "<</Type/Action/S/JavaScript/JS(app.alert\\(1\\))>>"));
    assert!(refused(&packed_pdf(&bad, false)).contains("脚本"));
    let long = format!("<</A({})>>", "x".repeat(40 * 1024 * 1024));
    let mut bomb = good.to_vec();
    bomb.push((5, &long));
    assert!(refused(&packed_pdf(&bomb, false)).contains("过大"));
}

#[test]
fn what_does_something_by_itself_is_refused_however_it_is_written() {
    let catalog = |more: &str| format!("<</Type/Catalog/Pages 2 0 R{more}>>");
    for (more, words) in [
        ("/OpenAction<</S/JavaScript/JS(x)>>", "脚本"),
        ("/OpenAction<</S /J#61vaScript /J#53 (x)>>", "脚本"),
        (
            "/Names<</JavaScript<</Names[(a)<</S/JavaScript/JS 7 0 R>>]>>>>",
            "脚本",
        ),
        ("/OpenAction<</Type/Action/S 7 0 R>>", "脚本"),
        ("/OpenAction<</S/Launch/F(cmd.exe)>>", "启动"),
        ("/AcroForm<</XFA[(a)7 0 R]>>", "动态表单"),
        ("/X<</Type/Filespec/F(a.exe)/EF<</F 7 0 R>>>>", "程序"),
        (
            "/X<</Type/Filespec/F<FEFF0061002E006A0073>/EF<</F 7 0 R>>>>",
            "程序",
        ),
    ] {
        let file = pdf(&[&catalog(more), ONE, PAGE]);
        assert!(refused(&file).contains(words), "{more}");
    }
    // Behind a harmless name.
    let spec = catalog("/X<</Type/Filespec/F(a.xml)/EF<</F 4 0 R>>>>");
    let program = "<</Length 4>>stream\nMZ\x01\x02\nendstream";
    assert!(refused(&pdf(&[&spec, ONE, PAGE, program])).contains("程序"));
    let invoice = "<</Length 4>>stream\n<a/>\nendstream";
    assert_eq!(
        judged(&pdf(&[&spec, ONE, PAGE, invoice])),
        Ok(FileKind::Pdf)
    );
    // Words about it, jumps and links are nothing active.
    let passive =
        catalog("/OpenAction[3 0 R/Fit]/T(/S/JavaScript /JS)/A<</S/URI/URI(https://a.example)>>");
    assert_eq!(judged(&pdf(&[&passive, ONE, PAGE])), Ok(FileKind::Pdf));
}

fn picture(width: u32, height: u32) -> DynamicImage {
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, y| {
        Rgb([(x * 7) as u8, (y * 5) as u8, 90])
    }))
}

fn written(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    picture.write_to(&mut out, format).unwrap();
    out.into_inner()
}

/// CMYK, as printers' programs write it: every block of every colour is plain.
fn cmyk(blocks: u16) -> Vec<u8> {
    let mut out = b"\xFF\xD8\xFF\xDB\0\x43\0".to_vec();
    out.extend([1; 64]);
    let side = (blocks * 8).to_be_bytes();
    out.extend(b"\xFF\xC0\0\x14\x08");
    out.extend(side);
    out.extend(side);
    out.extend(b"\x04\x01\x11\0\x02\x11\0\x03\x11\0\x04\x11\0");
    for table in [0x00, 0x10] {
        out.extend(b"\xFF\xC4\0\x14");
        out.extend([table, 1]);
        out.extend([0; 15]);
        out.push(0);
    }
    out.extend(b"\xFF\xDA\0\x0E\x04\x01\0\x02\0\x03\0\x04\0\0\x3F\0");
    out.extend(vec![0; usize::from(blocks) * usize::from(blocks)]);
    out.extend(b"\xFF\xD9");
    out
}

/// As a phone that was held sideways writes it.
fn turned(jpg: &[u8]) -> Vec<u8> {
    let exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    let length = (exif.len() as u16 + 2).to_be_bytes();
    [&jpg[..2], b"\xFF\xE1", &length, exif, &jpg[2..]].concat()
}

/// Of each kind, small.
pub fn pictures() -> Vec<Vec<u8>> {
    let jpg = written(&picture(40, 30), ImageFormat::Jpeg);
    let clear = DynamicImage::ImageRgba8(RgbaImage::from_pixel(9, 9, Rgba([1, 2, 3, 9])));
    let png = |picture| written(picture, ImageFormat::Png);
    vec![
        turned(&jpg),
        cmyk(2),
        png(&clear),
        png(&picture(40, 30)),
        jpg,
    ]
}

#[test]
fn a_picture_is_taken_only_when_it_is_whole_and_within_bounds() {
    let (jpg, png) = (
        written(&picture(60, 40), ImageFormat::Jpeg),
        written(&picture(60, 40), ImageFormat::Png),
    );
    assert_eq!(judged(&jpg), Ok(FileKind::Jpg));
    assert_eq!(judged(&png), Ok(FileKind::Png));
    assert_eq!(judged(&cmyk(20)), Ok(FileKind::Jpg));
    assert_eq!(judged(&turned(&jpg)), Ok(FileKind::Jpg));
    for whole in [&jpg, &png] {
        for length in [whole.len() / 2, whole.len() * 9 / 10, whole.len() - 2] {
            let words = refused(&whole[..length]);
            assert!(words.contains("不完整或已损坏"), "{length}: {words}");
        }
        // The rest never came, the length is right.
        let mut empty = whole.clone();
        let half = whole.len() / 2;
        empty[half..].fill(0);
        assert!(refused(&empty).contains("不完整或已损坏"));
    }
    for stub in [&b"\xFF\xD8\xFF\xE0"[..], b"\x89PNG\r\n\x1a\n"] {
        assert!(refused(stub).contains("不完整或已损坏"));
    }
    // The thumbnail of a cut photo is whole.
    let thumbnail = [&b"Exif\0\0"[..], &jpg].concat();
    let length = (thumbnail.len() as u16 + 2).to_be_bytes();
    let cut = [
        &jpg[..2],
        b"\xFF\xE1",
        &length,
        &thumbnail,
        &jpg[2..jpg.len() / 2],
    ]
    .concat();
    assert!(refused(&cut).contains("不完整或已损坏"));
}

#[test]
fn pixels_are_counted_before_anything_is_unpacked() {
    let large = written(&picture(1001, 1000), ImageFormat::Png);
    assert!(refused(&large).contains("1001×1000 像素"));
    assert!(refused(&cmyk(130)).contains("1040×1040 像素"));
    // 900 million pixels in some bytes.
    let mut bomb = written(&picture(3, 3), ImageFormat::Png);
    bomb[16..24].copy_from_slice(&[0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
    let sum = crc(&bomb[12..29]).to_be_bytes();
    bomb[29..33].copy_from_slice(&sum);
    assert!(refused(&bomb).contains("30000×30000 像素"));
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

#[test]
fn the_photo_of_a_licence_is_upright_rgb_of_eight_bits_and_otherwise_stays_as_it_is() {
    let plain = written(&picture(60, 40), ImageFormat::Jpeg);
    assert_eq!(upright_photo(&plain, FileKind::Jpg, &BOUNDS), Ok(None));
    let plain = written(&picture(60, 40), ImageFormat::Png);
    assert_eq!(upright_photo(&plain, FileKind::Png, &BOUNDS), Ok(None));
    let made = |bytes: &[u8], kind| {
        let made = upright_photo(bytes, kind, &BOUNDS).unwrap().unwrap();
        assert_eq!(
            upright_photo(&made, kind, &BOUNDS),
            Ok(None),
            "twice is once"
        );
        assert_eq!(judged(&made), Ok(kind));
        image::load_from_memory(&made).unwrap()
    };
    let jpg = written(&picture(60, 40), ImageFormat::Jpeg);
    let upright = made(&turned(&jpg), FileKind::Jpg);
    assert_eq!((upright.width(), upright.height()), (40, 60));
    let rgb = made(&cmyk(4), FileKind::Jpg);
    assert_eq!(rgb.color(), image::ColorType::Rgb8);
    let deep = DynamicImage::ImageRgb16(picture(20, 20).to_rgb16());
    let eight = made(&written(&deep, ImageFormat::Png), FileKind::Png);
    assert_eq!(eight.color(), image::ColorType::Rgb8);
    let clear = DynamicImage::ImageRgba8(RgbaImage::from_pixel(9, 9, Rgba([9, 9, 9, 0])));
    let white = made(&written(&clear, ImageFormat::Png), FileKind::Png);
    assert_eq!(white.to_rgb8().get_pixel(4, 4).0, [255, 255, 255]);
    let large = written(&picture(1700, 500), ImageFormat::Jpeg);
    assert!(made(&large, FileKind::Jpg).width() <= 1600);
}

#[test]
fn what_is_of_another_format_is_named_with_what_to_do() {
    let box_of = |brand: &str| format!("\0\0\0\x18ftyp{brand}\0\0\0\0").into_bytes();
    let word = zip(&[
        part("[Content_Types].xml", "<a/>"),
        part("word/document.xml", "<a/>"),
    ]);
    for (content, words) in [
        (box_of("heic"), "HEIC 照片（苹果手机的默认格式）"),
        (box_of("mif1"), "HEIC"),
        (box_of("avif"), "AVIF"),
        (box_of("isom"), "视频"),
        (b"RIFF\x10\0\0\0WEBPVP8 ".to_vec(), "WebP 图片"),
        (b"GIF89a".to_vec(), "GIF 图片"),
        (word, "Word 文档，请打开后另存为或打印为 PDF"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec(), "旧版 Office"),
        (zip(&[part("a.jpg", "x")]), "压缩包，请解压后上传"),
        (b"<!DOCTYPE html><p>%PDF-1.7".to_vec(), "网页"),
        (b"MZ\x90\0".to_vec(), "程序"),
        (b"nothing".to_vec(), "认不出"),
    ] {
        let found = refused(&content);
        assert!(found.contains(words), "{found}");
    }
    let png = written(&picture(3, 3), ImageFormat::Png);
    let only = inspect(&png, &[FileKind::Pdf], &BOUNDS).unwrap_err();
    assert!(only.words.contains("这是 PNG 文件，这份材料只能上传 PDF"));
}

#[test]
fn an_ofd_is_taken_only_when_its_package_leads_to_pages() {
    let sealed = sealed_ofd(&[], &Sealing::by(&DESK));
    assert_eq!(judged(&sealed), Ok(FileKind::Ofd));
    assert_eq!(judged(&zip(&pages(&[]))), Ok(FileKind::Ofd));
    assert!(refused(&sealed[..sealed.len() / 2]).contains("OFD 文件打不开"));
    assert!(refused(&zip(&[part("OFD.xml", "<a/>")])).contains("OFD 文件打不开"));
}

#[test]
fn the_name_of_a_file_says_its_format_in_any_spelling() {
    assert_eq!(FileKind::of_name("照片.JFIF"), Some(FileKind::Jpg));
    assert_eq!(FileKind::of_name("a.b.Pdf"), Some(FileKind::Pdf));
    assert_eq!(FileKind::of_name("pdf"), None);
    assert_eq!(FileKind::of_name("a.docx"), None);
}
