//! What a scenario claims: a requirement, and the definition that carries the function. Takes nothing out.

use std::fmt;

/// An id of `docs/requirements`, and by what it is fulfilled. Several carriers of one id are several claims: all of them
/// must bite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    pub id: String,
    pub carrier: Carrier,
}

/// A definition of the pack, or a key inside it: `item:CODE`, `item:CODE.key.path`, `chain:CODE/STEP`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carrier {
    pub kind: Kind,
    pub code: String,
    pub keys: Vec<String>,
}

/// The kinds of definitions that can be taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Item,
    Procedure,
    Form,
    Flow,
    Chain,
    Letter,
    Message,
    Licence,
    Register,
    Setting,
    Review,
    Role,
}

const KINDS: [(Kind, &str); 12] = [
    (Kind::Item, "item"),
    (Kind::Procedure, "procedure"),
    (Kind::Form, "form"),
    (Kind::Flow, "flow"),
    (Kind::Chain, "chain"),
    (Kind::Letter, "letter"),
    (Kind::Message, "message"),
    (Kind::Licence, "licence"),
    (Kind::Register, "register"),
    (Kind::Setting, "setting"),
    (Kind::Review, "review"),
    (Kind::Role, "role"),
];

impl Kind {
    pub fn word(self) -> &'static str {
        KINDS
            .iter()
            .find(|(kind, _)| *kind == self)
            .map_or("", |(_, word)| word)
    }
}

impl Carrier {
    /// Errors: in words, how it should be written.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (kind, rest) = text.split_once(':').unwrap_or((text, ""));
        let Some((kind, _)) = KINDS.iter().find(|(_, word)| *word == kind) else {
            let words: Vec<&str> = KINDS.iter().map(|(_, word)| *word).collect();
            return Err(format!(
                "“{text}”没有说明由哪个定义承载：应写成 种类:代码 或 种类:代码.键，种类有 {}",
                words.join("、")
            ));
        };
        // Steps of a chain have names that people read, so a stroke may stand before one.
        let mut parts = rest.split(['.', '/']).map(str::to_owned);
        let code = parts.next().filter(|code| !code.is_empty());
        Ok(Self {
            kind: *kind,
            code: code.ok_or_else(|| format!("“{text}”缺少代码"))?,
            keys: parts.collect(),
        })
    }
}

impl fmt::Display for Carrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.word(), self.code)?;
        self.keys.iter().try_for_each(|key| write!(f, ".{key}"))
    }
}
