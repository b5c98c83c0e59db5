//! A pack with a fault: `tongban check` tells file, place and reason; what is in force stays in force.

use std::path::Path;
use std::process::Command;

use tongban::wiring::{build, load_pack};
use tongban_packs::Folder;
use tongban_testkit::on_both_databases;

use crate::house::{ITEM, Site, migrations, plan, write_pack};

/// What is changed in the pack, and what the check must say of it.
struct Slip {
    file: &'static str,
    from: &'static str,
    to: &'static str,
    says: &'static [&'static str],
}

/// Where the review of most items ends; a joint sign is drawn there.
const REVIEWED: &str = "<bpmn:outgoing>review__decide</bpmn:outgoing>";

const SLIPS: &[Slip] = &[
    Slip {
        file: "items/road-driver-reissue.toml",
        from: "short_name = ",
        to: "surprise = 1\nshort_name = ",
        says: &["items/road-driver-reissue.toml:4", "surprise"],
    },
    Slip {
        file: "items/road-driver-reissue.toml",
        from: "licence.valid_to >= today\"",
        to: "today + 1 == 'x'\"",
        says: &["items/road-driver-reissue.toml", "[admission]", "第 72 列"],
    },
    Slip {
        file: "forms/road-driver-reissue.json",
        from: "form.lost_on <= today",
        to: "form.lost_no <= today",
        says: &["forms/road-driver-reissue.json", "lost_no"],
    },
    Slip {
        file: "flows/change.bpmn",
        from: "decision == 'deny'",
        to: "decision == 'grant' &amp;&amp; decision == 'deny'",
        says: &["flows/change.bpmn", "[decision_result]"],
    },
    Slip {
        file: "flows/permit.bpmn",
        from: "tb:operation=\"licence.issue\"",
        to: "tb:operation=\"licence.destroy\"",
        says: &["flows/permit.bpmn", "licence.destroy"],
    },
    Slip {
        file: "clients.toml",
        from: "http://127.0.0.1:8799/callback",
        to: "http://app.example/callback",
        says: &["clients.toml [example-app]", "https://"],
    },
    Slip {
        file: "items/road-driver-reissue.toml",
        from: "formats = [\"pdf\", \"jpg\", \"png\"]",
        to: "formats = [\"pdf\", \"docx\"]",
        says: &[
            "items/road-driver-reissue.toml",
            "docx",
            "pdf、jpg、png、ofd",
        ],
    },
    // What a flow calls must be there for the item that runs on it.
    Slip {
        file: "items/road-driver-cancel.toml",
        from: "[licence]\ntype = \"practitioner\"\nact = \"cancel\"\nvalidity = \"none\"\n",
        to: "",
        says: &[
            "flows/cancel.toml:",
            "[决定]",
            "事项 road-driver-cancel 没有写证照",
        ],
    },
    Slip {
        file: "items/road-driver-reissue.toml",
        from: "validity = \"keep\"",
        to: "validity = \"none\"",
        says: &["[issue_licence]", "road-driver-reissue", "licence.issue"],
    },
    Slip {
        file: "messages/accepted.toml",
        from: "{{case.number}}",
        to: "{{form.nowhere}}",
        says: &["messages/accepted.toml [text]", "form.nowhere"],
    },
    Slip {
        file: "licences/practitioner.toml",
        from: "face = \"practitioner.typ\"",
        to: "face = \"nowhere.typ\"",
        says: &["licences/practitioner.toml [face]", "licences/nowhere.typ"],
    },
    Slip {
        file: "flows/permit.bpmn",
        from: "{\"template\": \"delivery-receipt\"}",
        to: "{\"template\": \"delivery-note\"}",
        says: &[
            "flows/permit.bpmn:",
            "[make_receipt]",
            "没有文书 delivery-note",
        ],
    },
    Slip {
        file: "flows/permit.bpmn",
        from: "{\"event\": \"case.delivered\"}",
        to: "{\"event\": \"case.arrived\"}",
        says: &[
            "flows/permit.bpmn:",
            "[tell_delivered]",
            "没有事件 case.arrived",
        ],
    },
    Slip {
        file: "flows/permit.bpmn",
        from: "tb:role=\"maker\"",
        to: "tb:role=\"printer\"",
        says: &["flows/permit.bpmn:", "[make]", "没有岗位 printer"],
    },
    Slip {
        file: "flows/permit.bpmn",
        from: "{\"result\": \"denied\"}",
        to: "{\"result\": \"declined\"}",
        says: &["flows/permit.bpmn:", "[close_denied]", "办结结果"],
    },
    Slip {
        file: "roles.toml",
        from: "[\"case.consult\", \"case.counter\", \"case.return\", \"register.read\"]",
        to: "[\"case.consult\", \"case.accept\", \"register.read\"]",
        says: &["roles.toml [acceptor]", "没有权限 case.accept"],
    },
    // A setting that rules name, and one for which the program has no value of its own.
    Slip {
        file: "settings.toml",
        from: "code = \"max_age\"",
        to: "code = \"maximum_age\"",
        says: &["items/road-driver-renew.toml [admission]", "max_age"],
    },
    Slip {
        file: "settings.toml",
        from: "code = \"special_procedure_kinds\"",
        to: "code = \"special_kinds\"",
        says: &["settings.toml [special_procedure_kinds]"],
    },
    // What programs act on is a word of a closed list.
    Slip {
        file: "flows/permit.bpmn",
        from: "tb:phase=\"decided\"",
        to: "tb:phase=\"granted\"",
        says: &[
            "flows/permit.bpmn:122 [make]",
            "阶段（tb:phase）不能写“granted”，可用的有：filed、mending、running、decided、ended",
        ],
    },
    Slip {
        file: "flows/permit.bpmn",
        from: " tb:phase=\"decided\"",
        to: "",
        says: &["flows/permit.bpmn:122 [make]", "没有写阶段（tb:phase）"],
    },
    Slip {
        file: "flows/permit.bpmn",
        from: " asks=\"correction\"",
        to: "",
        says: &["flows/permit.bpmn:49 [correct]", "前面没有要求补正的决定"],
    },
    Slip {
        file: "flows/permit.bpmn",
        from: "asks=\"correction\"",
        to: "asks=\"corrections\"",
        says: &["flows/permit.bpmn:16 [prereview]", "可用的有：correction"],
    },
    Slip {
        file: "flows/permit.bpmn",
        from: "opinion=\"required\" tone=\"harmful\"",
        to: "opinion=\"required\" tone=\"bad\"",
        says: &[
            "flows/permit.bpmn:17 [prereview]",
            "可用的有：favourable、neutral、harmful",
        ],
    },
    Slip {
        file: "flows/permit.bpmn",
        from: "tb:limit=\"2\"",
        to: "tb:limits=\"2\"",
        says: &[
            "flows/permit.bpmn:12 [prereview]",
            "不认识属性 tb:limits，可用的有：tb:role、tb:stage、tb:phase、tb:limit",
        ],
    },
    Slip {
        file: "forms/road-driver-reissue.json",
        from: "\"as\": \"mobile\"",
        to: "\"as\": \"phone\"",
        says: &[
            "forms/road-driver-reissue.json [/fields/mobile/as]",
            "可用的有：mobile、id_number、delivery、post_address",
        ],
    },
    Slip {
        file: "documents/acceptance-notice.toml",
        from: "{year}",
        to: "{yaer}",
        says: &["documents/acceptance-notice.toml:4", "{yaer}", "{year}"],
    },
    Slip {
        file: "documents/acceptance-notice.toml",
        from: "沪交从受〔{year}〕{seq:4}号",
        to: "沪交从补〔{year}〕1{seq:4}号",
        says: &[
            "[number_rule]",
            "documents/acceptance-notice.toml",
            "同一个号",
        ],
    },
    // Days of an item are days, in their order.
    Slip {
        file: "items/road-driver-reissue.toml",
        from: "effective_from = \"2024-01-01\"",
        to: "effective_from = \"tomorrow\"",
        says: &[
            "items/road-driver-reissue.toml:19 [effective_from]",
            "2026-01-01",
            "tomorrow",
        ],
    },
    Slip {
        file: "items/road-driver-reissue.toml",
        from: "effective_from = \"2024-01-01\"",
        to: "effective_from = \"2024-01-01\"\neffective_to = \"2023-12-31\"",
        says: &[
            "items/road-driver-reissue.toml [effective_to]",
            "2023-12-31 早于开始的 2024-01-01",
        ],
    },
    Slip {
        file: "items/road-driver-renew.toml",
        from: "as = \"photo\"",
        to: "as = \"picture\"",
        says: &["items/road-driver-renew.toml:", "picture", "photo"],
    },
    // What would be decided for many at once without its reasons.
    Slip {
        file: "flows/permit.bpmn",
        from: "name=\"refuse\" label=\"不予受理\" opinion=\"required\"",
        to: "name=\"refuse\" label=\"不予受理\" opinion=\"required\" batch=\"yes\"",
        says: &[
            "flows/permit.bpmn",
            "要写理由、要补正或者要登记内容的决定不能批量办理（batch）",
        ],
    },
    // What a case could never get through, or never end by.
    Slip {
        file: "flows/permit.bpmn",
        from: "<tb:decision name=\"made\" label=\"制证完成\" opinion=\"optional\" tone=\"favourable\" batch=\"yes\"/>",
        to: "",
        says: &[
            "flows/permit.bpmn:122 [make]",
            "没有写办理意见（tb:decision）",
        ],
    },
    Slip {
        file: "flows/permit.bpmn",
        from: "tb:operation=\"case.close\" tb:arguments='{\"result\": \"denied\"}'",
        to: "tb:operation=\"case.refuse\"",
        says: &["[end_denied]", "走到这里办件没有办结"],
    },
    // An argument that no operation reads.
    Slip {
        file: "flows/permit.bpmn",
        from: "{\"template\": \"delivery-receipt\"}",
        to: "{\"template\": \"delivery-receipt\", \"templates\": \"acceptance-notice\"}",
        says: &[
            "flows/permit.bpmn:",
            "[make_receipt]",
            "没有参数 templates，它的参数是 template",
        ],
    },
    // Letters and faces are set on made-up facts.
    Slip {
        file: "documents/acceptance-notice.typ",
        from: "#materials-table()",
        to: "#materials-table(",
        says: &["documents/acceptance-notice.typ:13 "],
    },
    Slip {
        file: "documents/correction-notice.typ",
        from: "#signature()",
        to: "#data.nothing\n#signature()",
        says: &[
            "documents/correction-notice.typ:27 ",
            "文书数据中没有这一项",
        ],
    },
    Slip {
        file: "documents/grant-decision.toml",
        from: "number_rule = \"",
        to: "number_rule = \"\u{30000}",
        says: &[
            "documents/grant-decision.toml [template]",
            "没有字体可以显示“\u{30000}”",
        ],
    },
    Slip {
        file: "documents/grant-decision.toml",
        from: "sealed = true",
        to: "sealed = false",
        says: &[
            "documents/grant-decision.toml [template]",
            "没有写 sealed = true",
        ],
    },
    Slip {
        file: "documents/official.typ",
        from: "if no != \"\"",
        to: "if no == \"\"",
        says: &["documents/grant-decision.toml [template]", "没有印出文号"],
    },
    Slip {
        file: "documents/official.typ",
        from: "        qr-picture(26mm)\n",
        to: "",
        says: &[
            "documents/grant-decision.toml [template]",
            "没有印出核验用的二维码",
        ],
    },
    Slip {
        file: "licences/practitioner.typ",
        from: "value(\"driving_class\")",
        to: "value(\"driving\")",
        says: &[
            "licences/practitioner.toml [fields.driving_class]",
            "没有印出这一项",
        ],
    },
    Slip {
        file: "licences/practitioner.typ",
        from: "#face(",
        to: "#panic(\"示例\")\n#face(",
        says: &["licences/practitioner.typ:3 "],
    },
    Slip {
        file: "documents/official.typ",
        from: "seal-place[",
        to: "box[",
        says: &[
            "documents/acceptance-notice.toml [template]",
            "没有给印章留位置",
        ],
    },
    Slip {
        file: "documents/face.typ",
        from: "      v(1fr)\n",
        to: "      v(-30mm)\n",
        says: &[
            "licences/practitioner.toml [face]",
            "印章压住了第 1 页的文字",
        ],
    },
    Slip {
        file: "forms/taxi-grant.json",
        from: "\"title\": \"住址\", \"minLength\": 4, \"maxLength\": 200",
        to: "\"title\": \"住址\", \"minLength\": 4, \"maxLength\": 2000",
        says: &["[face] 照面放不下：住址太长（2000 个字）"],
    },
    // Somebody of the item's office can do each step, and sign each place of a joint sign.
    Slip {
        file: "flows/permit.bpmn",
        from: "tb:role=\"maker\"",
        to: "tb:role=\"makre\"",
        says: &[
            "flows/permit.bpmn:122 [make] 没有岗位 makre，这一步没有人办理",
            "最接近的有：maker",
        ],
    },
    Slip {
        file: "staff.toml",
        from: "roles = [\"maker\"]",
        to: "roles = [\"acceptor\"]",
        says: &[
            "flows/permit.bpmn:122 [make]",
            "没有人在岗位 maker（制证），这一步没有人办理；可用的有：acceptor",
        ],
    },
    Slip {
        file: "flows/permit.bpmn",
        from: REVIEWED,
        to: "<bpmn:outgoing>review__decide</bpmn:outgoing><bpmn:multiInstanceLoopCharacteristics tb:signers=\"['role:inspector']\"/>",
        says: &[
            "flows/permit.bpmn:76 [review] 会签人 role:inspector：没有岗位 inspector；最接近的有：",
        ],
    },
    Slip {
        file: "flows/permit.bpmn",
        from: REVIEWED,
        to: "<bpmn:outgoing>review__decide</bpmn:outgoing><bpmn:multiInstanceLoopCharacteristics tb:signers=\"form.driving_class == 'A1' ? ['reviewer'] : ['zhang-san', 'role:approver']\"/>",
        says: &[
            "flows/permit.bpmn:76 [review] 会签人 zhang-san：staff.toml 里没有这个登录名",
            "；可用的有：reviewer",
        ],
    },
    Slip {
        file: "flows/permit.bpmn",
        from: REVIEWED,
        to: "<bpmn:outgoing>review__decide</bpmn:outgoing><bpmn:multiInstanceLoopCharacteristics tb:signers=\"['reviewer'] + ['xuhui-reviewer']\"/>",
        says: &[
            "flows/permit.bpmn:76 [review] 会签人 xuhui-reviewer：不是",
            "看不到它的办件；可用的有：reviewer",
        ],
    },
    Slip {
        file: "flows/permit.bpmn",
        from: REVIEWED,
        to: "<bpmn:outgoing>review__decide</bpmn:outgoing><bpmn:multiInstanceLoopCharacteristics tb:signers=\"['maker']\"/>",
        says: &[
            "flows/permit.bpmn:76 [review] 会签人 maker：没有岗位 reviewer，办不了这一步；可用的有：reviewer",
        ],
    },
    Slip {
        file: "flows/permit.bpmn",
        from: "tb:phase=\"mending\"",
        to: "tb:phase=\"mending\" tb:limit=\"15\"",
        says: &[
            "flows/permit.bpmn:49 [correct]",
            "correction_days",
            "请删去",
        ],
    },
];

impl Slip {
    fn made(&self) -> (Folder, String) {
        let folder = tongban::packs::transport();
        let before = folder.text(self.file).unwrap();
        let after = before.replacen(self.from, self.to, 1);
        assert_ne!(before, after, "{} has {}", self.file, self.from);
        (folder.clone().with(self.file, after.clone()), after)
    }
}

fn check(folder: &Path) -> (bool, String) {
    let done = Command::new(env!("CARGO_BIN_EXE_tongban"))
        .arg("check")
        .arg(folder)
        .output()
        .unwrap();
    (
        done.status.success(),
        String::from_utf8(done.stdout).unwrap(),
    )
}

#[test]
fn the_check_tells_file_place_and_reason_of_every_slip() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../solution/transport/pack");
    let (good, said) = check(&own);
    assert!(good, "{said}");
    for slip in SLIPS {
        let folder = tempfile::tempdir().unwrap();
        write_pack(&slip.made().0, folder.path());
        let (good, said) = check(folder.path());
        assert!(!good, "{}: {}", slip.file, slip.to);
        for part in slip.says {
            assert!(said.contains(part), "`{part}` of {}: {said}", slip.to);
        }
    }
}

on_both_databases! {
    &migrations();

    async fn a_pack_with_a_slip_is_not_published_and_the_release_in_force_stays(db: Db) {
        let site = Site::on(db).await;
        let catalog = &site.house.desk.catalog;
        let items = ["road-driver-cancel", ITEM];
        let today = site.house.app.now().date();
        let before = items.map(|code| catalog.offered(code, today).unwrap().hash.clone());
        let of = |words: &str| SLIPS.iter().find(|slip| slip.says.concat().contains(words)).unwrap();
        let (signer, office) = (of("role:inspector"), of("岗位 maker"));
        for slip in [&SLIPS[0], &SLIPS[1], &SLIPS[3], &SLIPS[5], &SLIPS[9], signer, office] {
            let restarted = build(&site.data, load_pack(slip.made().0).unwrap(), plan()).await.unwrap();
            let now = items.map(|code| restarted.desk.catalog.offered(code, today).unwrap().hash.clone());
            assert_eq!(now, before, "{}", slip.to);
        }
        // A pack without a slip is published by the same way.
        let folder = tongban::packs::transport();
        let file = format!("items/{ITEM}.toml");
        let text = folder.text(&file).unwrap().replacen("损毁时", "损坏时", 1);
        let renewed = build(&site.data, load_pack(folder.with(&file, text)).unwrap(), plan()).await.unwrap();
        assert_ne!(renewed.desk.catalog.offered(ITEM, today).unwrap().hash, before[1]);
    }
}
