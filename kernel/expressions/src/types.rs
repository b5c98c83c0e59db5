//! What is known of a value before it exists. Every type admits null.

use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    /// Nothing is known; checked when it is used.
    Any,
    /// Only the literal `null` and the elements of an empty list.
    Null,
    Bool,
    Int,
    Double,
    String,
    /// A text out of a closed list: comparing it with any other text is refused at load.
    Choice(Vec<String>),
    List(Box<Type>),
    /// Any keys, all values of one type.
    Map(Box<Type>),
    /// Exactly these keys.
    Record(BTreeMap<String, Type>),
}

impl Type {
    pub fn list(of: Type) -> Self {
        Type::List(Box::new(of))
    }

    pub fn map(of: Type) -> Self {
        Type::Map(Box::new(of))
    }

    pub fn record<N: Into<String>>(fields: impl IntoIterator<Item = (N, Type)>) -> Self {
        Type::Record(fields.into_iter().map(|(n, t)| (n.into(), t)).collect())
    }

    pub fn choice<N: Into<String>>(values: impl IntoIterator<Item = N>) -> Self {
        Type::Choice(values.into_iter().map(Into::into).collect())
    }

    /// The word used in messages.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Type::Any => "任意值",
            Type::Null => "空值",
            Type::Bool => "是否",
            Type::Int => "整数",
            Type::Double => "小数",
            Type::String | Type::Choice(_) => "文字",
            Type::List(_) => "列表",
            Type::Map(_) | Type::Record(_) => "对象",
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        matches!(self, Type::Any | Type::Null)
    }

    pub(crate) fn is_text(&self) -> bool {
        matches!(self, Type::String | Type::Choice(_))
    }

    pub(crate) fn is_number(&self) -> bool {
        matches!(self, Type::Int | Type::Double)
    }

    /// Whether a value of type `given` may stand where `self` is wanted.
    pub fn accepts(&self, given: &Type) -> bool {
        if self.is_open() || given.is_open() {
            return true;
        }
        match (self, given) {
            (Type::List(a), Type::List(b)) | (Type::Map(a), Type::Map(b)) => a.accepts(b),
            (Type::Map(of), Type::Record(fields)) => fields.values().all(|f| of.accepts(f)),
            (Type::Record(_), Type::Map(_) | Type::Record(_)) => true,
            (Type::Double, Type::Int) => true,
            (a, b) => a == b || (a.is_text() && b.is_text()),
        }
    }

    /// Whether a value of one may equal a value of the other.
    pub(crate) fn comparable(&self, other: &Type) -> bool {
        (self.is_number() && other.is_number()) || self.accepts(other) || other.accepts(self)
    }

    /// The type of a value that is one or the other.
    pub(crate) fn join(self, other: Type) -> Type {
        match (self, other) {
            (Type::Null, t) | (t, Type::Null) => t,
            (Type::List(a), Type::List(b)) => Type::list(a.join(*b)),
            (Type::Map(a), Type::Map(b)) => Type::map(a.join(*b)),
            (a, b) if a == b => a,
            (a, b) if a.is_text() && b.is_text() => Type::String,
            _ => Type::Any,
        }
    }
}
