//! The guide of registers, typed as it stands: each of its pieces is taken by the reader.

use crate::units::read;

const HEAD: &str = r#"
code = "unit"
title = "示例单位"
key = "code"
list = ["name"]
indexes = [["organisation"]]
"#;

const SCHEMA: &str = r#"
[schema]
type = "object"
additionalProperties = false
required = ["code", "name", "organisation", "status"]
[schema.properties]
code = { type = "string", title = "编号", maxLength = 20 }
name = { type = "string", title = "名称", maxLength = 50 }
organisation = { type = "string", title = "所属机构", maxLength = 30 }
status = { title = "状态", oneOf = [ { const = "active", title = "正常" }, { const = "locked", title = "已锁定" } ] }
"#;

/// The pieces of the guide that belong into a register, in their order.
fn pieces() -> [String; 4] {
    let guide = include_str!("../../../../docs/guides/add-a-register.md");
    let blocks = guide.split("```toml\n").skip(1);
    let text = |block: &str| {
        let lines = block.split_once("```").unwrap().0.lines();
        let lines = lines.map(|line| format!("{}\n", line.trim_start()));
        lines.collect::<String>()
    };
    let found: Vec<String> = blocks.map(text).collect();
    let of_registers = found
        .into_iter()
        .filter(|piece| !piece.starts_with("[[record]]"));
    of_registers.collect::<Vec<_>>().try_into().unwrap()
}

#[test]
fn the_pieces_of_the_guide_make_a_register() {
    let [access, fields, groups, published] = pieces();
    let text = format!("{HEAD}{access}{groups}{published}{SCHEMA}{fields}");
    let registers = read(&[("unit", &text)]).unwrap();
    let unit = registers.get("unit").unwrap();
    assert_eq!(unit.owner.as_deref(), Some("organisation"));
    assert_eq!(unit.actions[0].procedure, "unit-lock");
    assert!(unit.file("seal_sample").is_some());
    assert_eq!(unit.publish.as_ref().unwrap().path(), "notices");
    let broken = text.replace("organisation\"]", "organ\"]");
    assert!(read(&[("unit", &broken)]).is_err());
}
