//! The fields of an entry as its form shows them, and an entry in few words.

use serde_json::Value as Json;
use tongban_packs::{DivisionLevel, EntryKind, Installation};
use tongban_ui::PermissionDef;
use tongban_ui::view::Choice;

use crate::list;
use crate::read::{LEVELS, Typed, lines};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Line,
    Lines,
    Select,
    Checks,
}

pub(super) struct FieldView {
    pub name: &'static str,
    pub label: &'static str,
    pub help: &'static str,
    pub required: bool,
    shape: Shape,
    pub value: String,
    pub choices: Vec<Choice>,
}

impl FieldView {
    fn new(
        (name, label, help): (&'static str, &'static str, &'static str),
        shape: Shape,
        required: bool,
    ) -> Self {
        Self {
            name,
            label,
            help,
            required,
            shape,
            value: String::new(),
            choices: Vec::new(),
        }
    }

    fn with(mut self, typed: &Typed) -> Self {
        typed.text(self.name).clone_into(&mut self.value);
        self
    }

    fn offering(mut self, choices: Vec<Choice>) -> Self {
        self.choices = choices;
        self
    }

    pub fn is_lines(&self) -> bool {
        self.shape == Shape::Lines
    }

    pub fn is_select(&self) -> bool {
        self.shape == Shape::Select
    }

    pub fn is_checks(&self) -> bool {
        self.shape == Shape::Checks
    }
}

/// What stands, as one would have typed it.
pub(super) fn typed_as(kind: EntryKind, body: &Json) -> Typed {
    let mut typed = Typed::default();
    for name in [
        "code",
        "name",
        "title",
        "note",
        "level",
        "parent",
        "division",
        "credit_code",
        "phone",
        "address",
    ] {
        typed.set(name, body[name].as_str().unwrap_or_default());
    }
    typed.set(
        "order",
        body["order"].as_i64().unwrap_or_default().to_string(),
    );
    match kind {
        EntryKind::Year => {
            typed.set("holidays", lines(body, "holidays"));
            typed.set("workdays", lines(body, "workdays"));
        }
        EntryKind::Role => {
            typed.set_all("permissions", texts(body, "permissions"));
            typed.set_all("given_by", texts(body, "given_by"));
        }
        EntryKind::Division | EntryKind::Organisation => {}
    }
    typed
}

fn texts(body: &Json, field: &str) -> Vec<String> {
    let given = body[field].as_array().into_iter().flatten();
    given.filter_map(Json::as_str).map(str::to_owned).collect()
}

/// What the form of one kind is made of.
struct Form<'f> {
    installation: &'f Installation,
    typed: &'f Typed,
}

type Named = (&'static str, &'static str, &'static str);

impl Form<'_> {
    fn line(&self, name: Named, required: bool) -> FieldView {
        FieldView::new(name, Shape::Line, required).with(self.typed)
    }

    fn lines(&self, name: Named, required: bool) -> FieldView {
        FieldView::new(name, Shape::Lines, required).with(self.typed)
    }

    fn one_of(&self, name: Named, required: bool, kind: EntryKind) -> FieldView {
        let offered = parents(self.installation, kind, self.typed.text(name.0));
        FieldView::new(name, Shape::Select, required).offering(offered)
    }

    fn order(&self) -> FieldView {
        self.line(("order", "显示次序", "小的排在前面；不填是 0"), false)
    }

    fn code(&self, kind: EntryKind) -> FieldView {
        let name = match kind {
            EntryKind::Division => (
                "code",
                "区划代码",
                "12 位数字，以上级代码的有效位开头；以后不能改",
            ),
            EntryKind::Organisation | EntryKind::Role => {
                ("code", "代码", "小写字母、数字和连字符；以后不能改")
            }
            EntryKind::Year => ("code", "年份", ""),
        };
        self.line(name, true)
    }

    fn division(&self) -> Vec<FieldView> {
        let levels = levels(self.typed.text("level"));
        vec![
            self.line(("name", "名称", ""), true),
            FieldView::new(("level", "级别", ""), Shape::Select, true).offering(levels),
            self.one_of(
                ("parent", "上级区划", "省级没有上级"),
                false,
                EntryKind::Division,
            ),
            self.order(),
        ]
    }

    fn organisation(&self) -> Vec<FieldView> {
        vec![
            self.line(("name", "名称", ""), true),
            self.line(("credit_code", "统一社会信用代码", ""), true),
            self.one_of(("division", "所在区划", ""), true, EntryKind::Division),
            self.one_of(("parent", "上级机构", ""), false, EntryKind::Organisation),
            self.line(("phone", "电话", ""), false),
            self.line(("address", "地址", ""), false),
            self.order(),
        ]
    }

    fn role(&self, rights: &[PermissionDef]) -> Vec<FieldView> {
        let permissions = permissions(self.typed, rights);
        let givers = givers(self.installation, self.typed);
        let given_by = (
            "given_by",
            "由谁授予",
            "这些岗位的人可以把它授予别人、从别人那里收回，自己不必有它",
        );
        vec![
            self.line(("title", "名称", ""), true),
            self.line(("note", "备注", ""), false),
            FieldView::new(("permissions", "权限", ""), Shape::Checks, false).offering(permissions),
            FieldView::new(given_by, Shape::Checks, false).offering(givers),
            self.order(),
        ]
    }

    fn year(&self) -> Vec<FieldView> {
        let how = "一行一天，或者一行一段；也可以从表格里粘贴：2027-02-05 至 2027-02-11 春节";
        vec![
            self.lines(("holidays", "放假的日子", how), true),
            self.lines(("workdays", "调休上班的周末", "写法同上"), false),
        ]
    }
}

pub(super) fn of(
    installation: &Installation,
    (kind, is_new): (EntryKind, bool),
    typed: &Typed,
    rights: &[PermissionDef],
) -> Vec<FieldView> {
    let form = Form {
        installation,
        typed,
    };
    let mut fields = match kind {
        EntryKind::Division => form.division(),
        EntryKind::Organisation => form.organisation(),
        EntryKind::Role => form.role(rights),
        EntryKind::Year => form.year(),
    };
    if is_new {
        fields.insert(0, form.code(kind));
    }
    fields
}

fn levels(chosen: &str) -> Vec<Choice> {
    let level = |(_, code, title): (_, &str, &str)| Choice::new(code, title, code == chosen);
    LEVELS.map(level).into()
}

/// Towns are too many for a list: one that is chosen already, or by the step of the tree, is offered too.
fn parents(installation: &Installation, kind: EntryKind, chosen: &str) -> Vec<Choice> {
    let is_offered = |code: &str, body: &Json| match kind {
        EntryKind::Division => {
            let level = installation.division(code).map(|division| division.level);
            code == chosen || level.is_some_and(|level| level < DivisionLevel::Town)
        }
        _ => !list::name(kind, body).is_empty(),
    };
    let entries = installation.entries(kind);
    let offered = entries.filter(|(code, entry)| {
        (!entry.is_ended() || *code == chosen) && is_offered(code, &entry.body)
    });
    offered
        .map(|(code, entry)| {
            let label = format!("{}（{code}）", list::name(kind, &entry.body));
            Choice::new(code, label, code == chosen)
        })
        .collect()
}

fn permissions(typed: &Typed, rights: &[PermissionDef]) -> Vec<Choice> {
    let given = typed.all("permissions");
    let choice = |right: &PermissionDef| {
        let is_given = given.iter().any(|one| one == right.name);
        Choice::new(right.name, right.title, is_given)
    };
    rights.iter().map(choice).collect()
}

fn givers(installation: &Installation, typed: &Typed) -> Vec<Choice> {
    let chosen = typed.all("given_by");
    let roles = installation.roles();
    roles
        .map(|role| Choice::new(&role.code, &role.title, chosen.contains(&role.code)))
        .collect()
}

/// What of an entry stands in a list beside its name.
pub(super) fn says(installation: &Installation, kind: EntryKind, body: &Json) -> String {
    let count = |field: &str| body[field].as_array().map_or(0, Vec::len);
    match kind {
        EntryKind::Division => {
            let level = LEVELS.iter().find(|(_, code, _)| body["level"] == *code);
            level.map_or_else(String::new, |(.., title)| (*title).to_owned())
        }
        EntryKind::Organisation => {
            let code = body["division"].as_str().unwrap_or_default();
            let division = installation.division(code);
            division.map_or_else(|| code.to_owned(), |division| division.name.clone())
        }
        EntryKind::Role => format!("{} 项权限", count("permissions")),
        EntryKind::Year => format!(
            "放假 {} 天，调休上班 {} 天",
            count("holidays"),
            count("workdays")
        ),
    }
}
