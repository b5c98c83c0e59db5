//! What is said of files that are not as this product makes them: what can be known, in words, and nothing else.

use tongban_crypto::Trust;
use tongban_documents::{Ground, Reason, SealJob, Verdict, seal_ofd, verify};

use crate::desk::{DESK, Desk, NOW, SEALED_OFD, SEALED_PDF, letter, ofd_options};
use crate::made::{
    LIST, PAGE, Part, SIGNATURE, Sealing, VALUE, cms, in_gbk, pages, part, sealed_ofd,
    sealed_parts, signed_pdf, unzip, without, zip,
};
use crate::said::{judged, says, says_under};

const YEAR: i64 = 365 * 24 * 3600 * 1000;

#[test]
fn a_vendors_file_of_a_known_authority_is_valid() {
    let ofd = sealed_ofd(&[], &Sealing::by(&DESK));
    assert_eq!(judged(&ofd).reasons, []);
    assert_eq!(judged(&ofd).verdict, Verdict::Valid);
    let pdf = signed_pdf("adbe.pkcs7.detached", cms(&DESK));
    assert_eq!(judged(&pdf).reasons, []);
    assert_eq!(judged(&pdf).verdict, Verdict::Valid);
}

#[test]
fn an_untouched_file_of_an_unknown_authority_is_told_from_a_changed_one() {
    let stranger = Desk::of("陌生根证书", "示例陌生机关");
    let parts = sealed_parts(pages(&[]), &Sealing::by(&stranger));
    let words = ["没有改动", "签名正确", "“陌生根证书”不在本平台信任的范围内"];
    says(&zip(&parts), Ground::AuthorityUnknown, &words);
    says(
        &signed_pdf("adbe.pkcs7.detached", cms(&stranger)),
        Ground::AuthorityUnknown,
        &words,
    );
    let mut changed = parts.clone();
    changed[2] = part(PAGE, "<Page>乙</Page>");
    let found = judged(&zip(&changed));
    assert_eq!(
        (found.verdict, found.ground),
        (Verdict::Invalid, Ground::Changed)
    );
    assert!(
        found.reasons[0].message.contains("在签章后被修改"),
        "{:?}",
        found.reasons
    );
}

#[test]
fn an_authority_of_the_same_name_with_another_key_is_an_unknown_one() {
    let other = Desk::open("示例市交通运输局");
    says_under(
        &SEALED_OFD,
        &other.trust,
        Ground::AuthorityUnknown,
        &["“示例根证书”"],
    );
    says_under(
        &SEALED_PDF,
        &other.trust,
        Ground::AuthorityUnknown,
        &["“示例根证书”"],
    );
}

#[test]
fn digests_that_are_not_accepted_accuse_nobody() {
    for (method, title) in [
        ("MD5", "MD5"),
        ("SHA1", "SHA1"),
        ("2.16.840.1.101.3.4.2.1", "SHA-256"),
    ] {
        let sealing = Sealing {
            method,
            ..Sealing::by(&DESK)
        };
        says(
            &sealed_ofd(&[], &sealing),
            Ground::Unsupported,
            &[title, "不能判断内容有没有改动"],
        );
    }
}

#[test]
fn a_seal_that_was_taken_away_is_named() {
    let name = "“示例市交通运输局演示印章”";
    let own = unzip(&SEALED_OFD);
    let foreign = sealed_parts(pages(&[]), &Sealing::by(&DESK));
    for parts in [own, foreign] {
        let whole = |path: &str| path.starts_with("Doc_0/Signs/");
        let found = judged(&without(&parts, whole));
        assert_eq!(
            (found.verdict, found.ground),
            (Verdict::Invalid, Ground::SealRemoved)
        );
        assert!(
            found.reasons[0].message.contains("OFD.xml 写明签章列表在"),
            "{:?}",
            found.reasons
        );
        says(
            &without(&parts, |path| path == LIST),
            Ground::SealRemoved,
            &[name, "已被移除"],
        );
        let found = judged(&without(&parts, |path| path == SIGNATURE));
        assert_eq!(found.ground, Ground::SealRemoved);
        assert!(
            found.reasons.iter().any(|r| r.message.contains(name)),
            "{:?}",
            found.reasons
        );
        let found = judged(&without(&parts, |path| path == VALUE));
        assert_eq!(found.verdict, Verdict::Invalid);
        let mut emptied = parts.clone();
        let list = emptied
            .iter_mut()
            .find(|p| p.name == LIST.as_bytes())
            .unwrap();
        list.content = b"<Signatures/>".to_vec();
        says(&zip(&emptied), Ground::SealRemoved, &[name]);
    }
}

#[test]
fn a_licence_whose_metadata_name_its_seal_names_it_when_all_of_it_is_gone() {
    let mut options = ofd_options();
    options
        .metadata
        .push(("ZZQZMC".into(), "示例专用章".into()));
    let ofd = letter().to_ofd(&options).unwrap();
    let sealed = unzip(&seal_ofd(&ofd, &DESK.job()).unwrap());
    let robbed = without(&sealed, |path| path.starts_with("Doc_0/Signs/"));
    says(&robbed, Ground::SealRemoved, &["签章“示例专用章”已被移除"]);
    says(
        &ofd,
        Ground::Unsealed,
        &["文件属性写明有签章“示例专用章”", "没有电子签章"],
    );
}

#[test]
fn a_second_seal_that_was_taken_off_the_list_is_named() {
    let second = Desk::open("示例市数据局");
    let trust = Trust::new([DESK.trust.anchors(), second.trust.anchors()].concat());
    let open = SealJob {
        leave_open: true,
        ..DESK.job()
    };
    let once = seal_ofd(&letter().to_ofd(&ofd_options()).unwrap(), &open).unwrap();
    let list = unzip(&once)
        .into_iter()
        .find(|p| p.name == LIST.as_bytes())
        .unwrap();
    let mut twice = unzip(&seal_ofd(&once, &second.job()).unwrap());
    *twice
        .iter_mut()
        .find(|p| p.name == LIST.as_bytes())
        .unwrap() = list;
    let found = verify(&zip(&twice), &trust, NOW);
    assert_eq!(found.verdict, Verdict::Invalid);
    let named = |r: &Reason| {
        r.message
            .contains("“示例市数据局演示印章”已从签章列表中移除")
    };
    assert!(found.reasons.iter().any(named), "{:#?}", found.reasons);
}

#[test]
fn a_list_of_signatures_under_a_name_that_only_looks_alike_is_not_called_no_seal() {
    let parts = sealed_parts(pages(&[]), &Sealing::by(&DESK));
    let renamed = |change: &dyn Fn(&str) -> String| {
        let parts = parts.iter().map(|file| Part {
            name: change(std::str::from_utf8(&file.name).unwrap()).into_bytes(),
            ..file.clone()
        });
        zip(&parts.collect::<Vec<_>>())
    };
    let backslashes = renamed(&|name| name.replace('/', "\\"));
    let capitals = renamed(&|name| name.replace("Signatures.xml", "SIGNATURES.XML"));
    for file in [backslashes, capitals] {
        let found = judged(&file);
        assert_eq!(found.verdict, Verdict::Unknown, "{found:#?}");
        let words = &found.reasons[0].message;
        assert!(
            words.contains("OFD.xml 写明签章列表在") && words.contains("名称不一致"),
            "{words}"
        );
        assert!(!words.contains("没有电子签章"), "{words}");
    }
}

#[test]
fn names_in_gbk_are_read_as_names() {
    let file = sealed_ofd(&[in_gbk("x")], &Sealing::by(&DESK));
    assert_eq!(judged(&file).reasons, []);
    assert_eq!(judged(&file).verdict, Verdict::Valid);
}

#[test]
fn bytes_around_the_package_are_named_and_not_called_a_change() {
    let file = sealed_ofd(&[], &Sealing::by(&DESK));
    let before = [b"VENDORHEAD", file.as_slice()].concat();
    let behind = [file.as_slice(), b"tail"].concat();
    says(
        &before,
        Ground::Unprotected,
        &["开头有 10 个字节不属于 OFD 文件包"],
    );
    says(
        &behind,
        Ground::Unprotected,
        &["末尾有 4 个字节不属于 OFD 文件包"],
    );
    let own = judged(&[SEALED_OFD.as_slice(), b"\n"].concat());
    assert_eq!(own.ground, Ground::Changed);
    assert!(
        own.reasons
            .iter()
            .any(|r| r.message.contains("末尾有 1 个字节"))
    );
    let pdf = signed_pdf("adbe.pkcs7.detached", cms(&DESK));
    says(
        &[b"\xEF\xBB\xBF", pdf.as_slice()].concat(),
        Ground::Unprotected,
        &["开头有 3 个字节不属于 PDF"],
    );
}

#[test]
fn ofd_xml_outside_of_the_references_is_told_and_is_invalid_only_where_it_leads_astray() {
    let sealing = Sealing {
        left_out: &["OFD.xml"],
        ..Sealing::by(&DESK)
    };
    let parts = sealed_parts(pages(&[]), &sealing);
    let found = judged(&zip(&parts));
    assert_eq!(found.verdict, Verdict::Valid);
    let words: Vec<&str> = found.reasons.iter().map(|r| r.message.as_str()).collect();
    assert_eq!(
        words,
        ["签章没有保护 OFD.xml（标题、编号等文件属性），其余内容没有改动"]
    );

    let mut redirected = parts.clone();
    let root = String::from_utf8(redirected[0].content.clone()).unwrap();
    redirected[0] = part("OFD.xml", root.replace("Document.xml", "Document2.xml"));
    redirected.push(part("Doc_0/Document2.xml", parts[1].content.clone()));
    let found = judged(&zip(&redirected));
    assert_eq!(
        (found.verdict, found.ground),
        (Verdict::Invalid, Ground::Exposed)
    );
    assert!(found.reasons[0].message.contains("Doc_0/Document2.xml"));
}

#[test]
fn what_a_seal_leaves_open_is_called_added_only_where_nothing_names_it() {
    let template = part("Doc_0/Tpl/Content.xml", "<Page/>");
    let sealing = Sealing {
        left_out: &["Doc_0/Tpl/Content.xml"],
        ..Sealing::by(&DESK)
    };
    let file = sealed_ofd(&[template], &sealing);
    says(
        &file,
        Ground::Unprotected,
        &["签章没有保护正文用到的 Doc_0/Tpl/Content.xml", "无法判断"],
    );
    assert!(!judged(&file).reasons[0].message.contains("加入"));
    let mut parts = sealed_parts(pages(&[]), &Sealing::by(&DESK));
    parts.push(part("Doc_0/extra.txt", "x"));
    says(
        &zip(&parts),
        Ground::Unprotected,
        &["Doc_0/extra.txt", "可能是签章后加入的"],
    );
    let mut own = unzip(&SEALED_OFD);
    own.push(part("extra.txt", "x"));
    let found = judged(&zip(&own));
    assert_eq!(found.ground, Ground::Changed);
    assert!(
        found
            .reasons
            .iter()
            .any(|r| r.message == "签章后加入了内容：extra.txt")
    );
}

#[test]
fn an_integrity_protection_is_named_and_not_called_no_seal() {
    let list = "<DocEntries><SignedValueLoc>/signedvalue.dat</SignedValueLoc></DocEntries>";
    let protection = [
        part("OFDEntries.xml", list),
        part("signedvalue.dat", vec![0x30, 0]),
    ];
    let mut parts = pages(&protection);
    let root = String::from_utf8(parts[0].content.clone()).unwrap();
    let bare = root.replace(&format!("<Signatures>/{LIST}</Signatures>"), "");
    parts[0] = part("OFD.xml", bare);
    says(
        &zip(&parts),
        Ground::Unsupported,
        &["完整性保护", "本平台不核验"],
    );
    let mut sealed = sealed_parts(pages(&[]), &Sealing::by(&DESK));
    sealed.extend(protection);
    let found = judged(&zip(&sealed));
    assert_eq!(found.verdict, Verdict::Valid, "{:?}", found.reasons);
}

#[test]
fn a_time_that_only_the_signer_claims_is_not_believed_after_the_certificate_ended() {
    let late = NOW.plus_millis(11 * YEAR);
    let foreign = sealed_ofd(&[], &Sealing::by(&DESK));
    let pdf = signed_pdf("adbe.pkcs7.detached", cms(&DESK));
    for file in [&*SEALED_OFD, &*SEALED_PDF, &foreign, &pdf] {
        let found = verify(file, &DESK.trust, late);
        assert_eq!(
            (found.verdict, found.ground),
            (Verdict::Unknown, Ground::TimeUnproven)
        );
        assert_eq!(found.reasons.len(), 1, "{:?}", found.reasons);
        let words = &found.reasons[0].message;
        assert!(
            words.contains("签章人自己写的") && words.contains("到期"),
            "{words}"
        );
        assert_eq!(found.ended, Some(NOW.plus_millis(10 * YEAR)));
    }
}
