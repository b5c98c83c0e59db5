//! `tongban operations`: what a definition may have done and ask, printed from what the modules bring.

use std::fmt::Write as _;

use tongban_operations::OperationInfo;

use crate::modules;

/// As Markdown: the page in `docs/packs/reference` is this.
pub fn reference() -> String {
    let known = modules::known();
    let mut page = String::from(
        "# 操作和资料来源\n\n本页由 `tongban operations` 打印。流程里的服务任务用 `tb:operation` 写操作的名称，用 `tb:arguments` 写参数；审批链里写成 `名称(参数 = 值)`。\n\n## 操作\n",
    );
    for info in known.operations().iter() {
        operation(&mut page, info);
    }
    page.push_str("\n## 资料来源\n\n申请条件、情形和材料的规则里可以直接用这些名称；业务包自己的查询（`lookups/`）也是一样。\n\n");
    for source in known.sources() {
        line(&mut page, &format!("- `{}`：{}", source.name, source.title));
    }
    page
}

fn operation(page: &mut String, info: &OperationInfo) {
    line(page, &format!("\n### `{}` {}\n", info.name, info.title));
    line(
        page,
        &format!("- 退回到前面的环节时：{}", info.effect.title()),
    );
    if info.carries_out {
        line(page, "- 执行决定：执行之前再核一遍申请条件");
    }
    if info.arguments.is_empty() {
        line(page, "- 没有参数");
    }
    for argument in info.arguments {
        let need = if argument.required {
            "必填"
        } else {
            "可不填"
        };
        let kind = argument.kind.title();
        let words = format!(
            "- 参数 `{}`（{}，{need}）：{kind}",
            argument.name, argument.title
        );
        line(page, &words);
    }
}

fn line(page: &mut String, text: &str) {
    let written = writeln!(page, "{text}");
    debug_assert!(written.is_ok(), "a text takes every line");
}
