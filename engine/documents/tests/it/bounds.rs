//! However a file is made, the work is bounded and an answer comes.

use tongban_documents::{Ground, Verdict};

use crate::desk::DESK;
use crate::made::{
    LIST, Part, SEAL, SIGNATURE, Sealing, cms, find, in_gbk, pages, part, rewritten, sealed_ofd,
    sealed_parts, signed_pdf, zip,
};
use crate::said::judged;

#[test]
fn each_file_is_hashed_once_however_often_it_is_named() {
    const BIG: usize = 1024 * 1024;
    let big = Part {
        is_packed: true,
        ..part("big", vec![7; BIG])
    };
    let digest = "AAAA".to_owned();
    let sealing = Sealing {
        more: vec![("big".to_owned(), digest); 2_000],
        ..Sealing::by(&DESK)
    };
    let file = sealed_ofd(&[big], &sealing);
    let found = judged(&file);
    assert_eq!(found.ground, Ground::Changed);
    assert!(found.hashed < 2 * BIG as u64, "{}", found.hashed);
}

#[test]
fn no_file_unpacks_beyond_the_bound_and_a_bomb_is_refused_without_accusing() {
    let bomb = Part {
        is_packed: true,
        ..part("big", vec![0; 200_000])
    };
    let mut parts = sealed_parts(pages(&[]), &Sealing::by(&DESK));
    parts.push(bomb);
    let told = |length: u32| {
        let mut file = zip(&parts);
        let last = file.windows(4).rposition(|w| w == b"PK\x01\x02").unwrap();
        file[last + 24..last + 28].copy_from_slice(&length.to_le_bytes());
        judged(&file)
    };
    let found = told(33 * 1024 * 1024);
    assert_eq!((found.verdict, found.hashed), (Verdict::Unreadable, 0));
    assert!(found.reasons[0].message.contains("过大"));
    // One that says it is short is read no further than that.
    let found = told(10);
    assert_ne!(found.verdict, Verdict::Valid);
    let rest = judged(&zip(&parts[..parts.len() - 1])).hashed;
    assert!(found.hashed <= rest + 11, "{} {rest}", found.hashed);
}

#[test]
fn a_small_package_unpacks_to_no_large_one() {
    let bomb = |length: usize| Part {
        is_packed: true,
        ..part("big", vec![0; length])
    };
    let with = |length: usize| zip(&[part("OFD.xml", "<OFD/>"), bomb(length)]);
    let found = judged(&with(8 * 1024 * 1024));
    assert_eq!((found.ground, found.hashed), (Ground::TooLarge, 0));
    assert_ne!(judged(&with(512 * 1024)).ground, Ground::TooLarge);
}

/// Parsers compare them each with each: so many would take minutes.
#[test]
fn any_number_of_attributes_or_name_spaces_is_refused_before_it_is_parsed() {
    let attributes: String = (0..600_000).map(|n| format!(" a{n}=\"\"")).collect();
    let spaces: String = (0..200_000)
        .map(|n| format!("<a xmlns:n{n}=\"n{n}\">"))
        .collect();
    for text in [format!("<OFD{attributes}/>"), spaces] {
        let root = Part {
            is_packed: true,
            ..part("OFD.xml", text.into_bytes())
        };
        let noise: Vec<u8> = (0..200_000_u32)
            .flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes())
            .collect();
        let found = judged(&zip(&[root, part("noise", noise)]));
        assert_eq!(found.verdict, Verdict::Unreadable);
        assert!(
            found.reasons[0].message.contains("拒绝读取"),
            "{:?}",
            found.reasons
        );
    }
}

#[test]
fn files_of_a_package_that_share_their_bytes_are_refused() {
    let mut file = zip(&[part("OFD.xml", vec![b' '; 5_000]), part("b", "x")]);
    // Both lines of the directory lead to the same long file.
    let first = find(&file, b"PK\x01\x02");
    let second = first + 4 + find(&file[first + 4..], b"PK\x01\x02");
    let line = file[first..first + 46].to_vec();
    file[second..second + 46].copy_from_slice(&line);
    assert_eq!(judged(&file).verdict, Verdict::Unreadable);
}

#[test]
fn any_number_of_references_gives_few_reasons() {
    let mut more = Vec::new();
    for index in 0..9_000 {
        more.push((format!("no/{index}"), "AAAA".to_owned()));
    }
    let sealing = |more| Sealing {
        more,
        ..Sealing::by(&DESK)
    };
    let found = judged(&sealed_ofd(&[], &sealing(more.clone())));
    assert_eq!((found.ground, found.reasons.len()), (Ground::Changed, 21));
    assert_eq!(found.reasons[20].message, "另有 8980 处，没有一一列出");
    more.extend(more.clone());
    let found = judged(&sealed_ofd(&[], &sealing(more)));
    assert!(
        found.reasons[0].message.contains("超过 10000 个"),
        "{:?}",
        found.reasons
    );
}

#[test]
fn a_signature_that_is_listed_many_times_is_looked_at_once() {
    let mut parts = sealed_parts(pages(&[]), &Sealing::by(&DESK));
    let line = format!("<Signature ID=\"1\" BaseLoc=\"/{SIGNATURE}\"/>");
    let list = format!("<Signatures>{}</Signatures>", line.repeat(1_000));
    let at = parts
        .iter()
        .position(|p| p.name == LIST.as_bytes())
        .unwrap();
    parts[at] = part(LIST, list);
    let found = judged(&zip(&parts));
    assert_eq!((found.verdict, found.signatures.len()), (Verdict::Valid, 1));
    let many: String = (0..40)
        .map(|n| format!("<Signature ID=\"{n}\" BaseLoc=\"/Doc_0/Signs/S{n}/Signature.xml\"/>"))
        .collect();
    parts[at] = part(LIST, format!("<Signatures>{many}</Signatures>"));
    assert_ne!(judged(&zip(&parts)).verdict, Verdict::Valid);
}

#[test]
fn a_seal_beside_the_signature_need_not_be_referred_to() {
    let sealing = Sealing {
        left_out: &[SEAL],
        ..Sealing::by(&DESK)
    };
    assert_eq!(judged(&sealed_ofd(&[], &sealing)).reasons, []);
}

/// A fixed sequence that looks like chance.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % bound
    }
}

#[test]
fn whatever_is_done_to_a_file_an_answer_comes_and_it_is_not_valid() {
    let ofd = sealed_ofd(&[in_gbk("x")], &Sealing::by(&DESK));
    let ber = signed_pdf("adbe.pkcs7.detached", |c| {
        rewritten(&cms(&DESK)(c), true, &[])
    });
    let mut chance = Chance(20_261_127);
    for file in [&ofd, &ber] {
        for _ in 0..400 {
            let mut changed = file.clone();
            for _ in 0..=chance.below(4) {
                let (at, length) = (chance.below(changed.len()), chance.below(40));
                let end = (at + length).min(changed.len());
                match chance.below(4) {
                    0 => changed[at] ^= 1 << chance.below(8),
                    1 => drop(changed.drain(at..end)),
                    2 => changed
                        .splice(at..at, file[at..(at + length).min(file.len())].to_vec())
                        .for_each(drop),
                    _ => changed[at..end].fill(b'0'),
                }
            }
            let found = judged(&changed);
            assert_eq!(found.verdict, found.ground.verdict());
            assert!(found.reasons.len() <= 21);
        }
    }
}
