//! Running a checked expression over values, within a budget. Knows no source text.

use std::borrow::Cow;

use serde_json::Value;

use crate::Values;
use crate::lower::Fault;
use crate::node::{Kind, Loop, LoopKind, Node, Operator};
use crate::operators;

/// Far above any honest rule; a loop in a loop over long lists ends here instead of holding a thread.
const STEPS: usize = 200_000;

const NULL: Value = Value::Null;

pub(crate) struct Evaluation<'v> {
    values: &'v Values<'v>,
    locals: Vec<Value>,
    steps: usize,
}

type Answer<'a> = Result<Cow<'a, Value>, Fault>;

impl<'v> Evaluation<'v> {
    pub(crate) fn new(values: &'v Values<'_>) -> Self {
        Self {
            values,
            locals: Vec::new(),
            steps: STEPS,
        }
    }

    pub(crate) fn run<'a>(&mut self, node: &'a Node) -> Answer<'a>
    where
        'v: 'a,
    {
        self.spend(node, 1)?;
        match &node.kind {
            Kind::Literal(value) => Ok(Cow::Borrowed(value)),
            Kind::Variable(name) => Ok(self.values.get(name).map_or(null(), Cow::Borrowed)),
            Kind::Local(index) => {
                let value = self.locals.get(*index).cloned().unwrap_or(NULL);
                self.spend(node, weight(&value))?;
                Ok(Cow::Owned(value))
            }
            Kind::Select(of, field) => self.run(of).and_then(|of| select(node, of, field)),
            Kind::Has(of, field) => {
                let of = self.run(of)?;
                Ok(boolean(!select(node, of, field)?.is_null()))
            }
            Kind::Index(pair) => self.index(node, pair),
            Kind::Not(of) => Ok(truth(of, self.run(of)?.as_ref())?.map_or(null(), |b| boolean(!b))),
            Kind::Negate(of) => match self.run(of)? {
                value if value.is_null() => Ok(null()),
                value => fault(node, operators::negate(&value)).map(Cow::Owned),
            },
            Kind::And(pair) => self.logic(pair, false),
            Kind::Or(pair) => self.logic(pair, true),
            Kind::If(parts) => {
                let [test, yes, no] = parts.as_ref();
                match truth(test, self.run(test)?.as_ref())? {
                    Some(true) => self.run(yes),
                    _ => self.run(no),
                }
            }
            Kind::Binary(operator, pair) => self.binary(node, *operator, pair),
            Kind::Call(..) | Kind::Matches(..) => self.call(node),
            Kind::List(items) => {
                let items: Result<Vec<Value>, Fault> =
                    items.iter().map(|i| self.owned(i)).collect();
                Ok(Cow::Owned(Value::Array(items?)))
            }
            Kind::Map(entries) => self.map(entries),
            Kind::Loop(of) => self.repeat(node, of),
        }
    }

    fn owned(&mut self, node: &Node) -> Result<Value, Fault> {
        let value = self.run(node)?.into_owned();
        self.spend(node, weight(&value))?;
        Ok(value)
    }

    fn spend(&mut self, node: &Node, steps: usize) -> Result<(), Fault> {
        match self.steps.checked_sub(steps) {
            Some(left) => {
                self.steps = left;
                Ok(())
            }
            None => {
                self.steps = 0;
                fault(node, Err("要算的内容太多，请把规则写得简单些".to_owned()))
            }
        }
    }

    /// `decisive` is what settles the answer alone: false for `&&`, true for `||`; a failing side is
    /// forgiven when the other side settles it.
    fn logic<'a>(&mut self, pair: &'a [Node; 2], decisive: bool) -> Answer<'a>
    where
        'v: 'a,
    {
        let [left, right] = pair;
        let first = self.run(left).and_then(|v| truth(left, &v));
        if matches!(first, Ok(Some(value)) if value == decisive) {
            return Ok(boolean(decisive));
        }
        let second = self.run(right).and_then(|v| truth(right, &v));
        if matches!(second, Ok(Some(value)) if value == decisive) {
            return Ok(boolean(decisive));
        }
        match (first?, second?) {
            (Some(_), Some(_)) => Ok(boolean(!decisive)),
            _ => Ok(null()),
        }
    }

    fn binary<'a>(&mut self, node: &'a Node, operator: Operator, pair: &'a [Node; 2]) -> Answer<'a>
    where
        'v: 'a,
    {
        let a = self.run(&pair[0])?;
        let b = self.run(&pair[1])?;
        match operator {
            Operator::Equal => return Ok(boolean(operators::equal(&a, &b))),
            Operator::NotEqual => return Ok(boolean(!operators::equal(&a, &b))),
            Operator::In => return self.within(node, &a, &b),
            _ if a.is_null() || b.is_null() => return Ok(null()),
            _ => {}
        }
        let ordered = |test: fn(std::cmp::Ordering) -> bool| {
            fault(node, operators::order(&a, &b)).map(|ordering| boolean(test(ordering)))
        };
        match operator {
            Operator::Less => ordered(std::cmp::Ordering::is_lt),
            Operator::LessEqual => ordered(std::cmp::Ordering::is_le),
            Operator::Greater => ordered(std::cmp::Ordering::is_gt),
            Operator::GreaterEqual => ordered(std::cmp::Ordering::is_ge),
            _ => {
                self.spend(node, weight(&a) + weight(&b))?;
                fault(node, operators::arithmetic(operator, &a, &b)).map(Cow::Owned)
            }
        }
    }

    fn within<'a>(&mut self, node: &Node, a: &Value, b: &Value) -> Answer<'a> {
        match b {
            Value::Null => Ok(null()),
            Value::Array(items) => {
                self.spend(node, items.len())?;
                Ok(boolean(items.iter().any(|item| operators::equal(a, item))))
            }
            Value::Object(fields) => match a {
                Value::String(key) => Ok(boolean(fields.contains_key(key))),
                _ => Ok(boolean(false)),
            },
            other => {
                let word = operators::word(other);
                fault(node, Err(format!("“in”右边应是列表，现在是{word}")))
            }
        }
    }

    fn index<'a>(&mut self, node: &'a Node, pair: &'a [Node; 2]) -> Answer<'a>
    where
        'v: 'a,
    {
        let of = self.run(&pair[0])?;
        let index = self.run(&pair[1])?;
        match (of.as_ref(), index.as_ref()) {
            (Value::Null, _) | (_, Value::Null) => Ok(null()),
            (Value::Object(_), Value::String(key)) => select(node, of, key),
            (Value::Array(_), Value::Number(at)) => {
                let at = at.as_u64().and_then(|i| usize::try_from(i).ok());
                let Some(at) = at else { return Ok(null()) };
                Ok(match of {
                    Cow::Borrowed(of) => of.get(at).map_or(null(), Cow::Borrowed),
                    Cow::Owned(of) => of.get(at).cloned().map_or(null(), Cow::Owned),
                })
            }
            (of, index) => {
                let (of, index) = (operators::word(of), operators::word(index));
                fault(node, Err(format!("不能用{index}在{of}里取值")))
            }
        }
    }

    fn call<'a>(&mut self, node: &'a Node) -> Answer<'a>
    where
        'v: 'a,
    {
        match &node.kind {
            Kind::Matches(of, regex) => match self.run(of)?.as_ref() {
                Value::Null => Ok(null()),
                Value::String(text) => Ok(boolean(regex.is_match(text))),
                _ => fault(node, Err("matches 只能用于文字".to_owned())),
            },
            Kind::Call(function, parts) => {
                let mut given = Vec::with_capacity(parts.len());
                for part in parts {
                    given.push(self.run(part)?);
                }
                let given: Vec<&Value> = given.iter().map(Cow::as_ref).collect();
                if given.iter().any(|value| value.is_null()) {
                    return Ok(null());
                }
                let result = fault(node, (function.body)(&given))?;
                self.spend(node, weight(&result))?;
                Ok(Cow::Owned(result))
            }
            _ => Ok(null()),
        }
    }

    fn map<'a>(&mut self, entries: &'a [[Node; 2]]) -> Answer<'a> {
        let mut map = serde_json::Map::new();
        for [key, value] in entries {
            let Value::String(name) = self.owned(key)? else {
                return fault(key, Err("对象的键应为文字".to_owned()));
            };
            if map.contains_key(&name) {
                return fault(key, Err(format!("对象里“{name}”出现了两次")));
            }
            let value = self.owned(value)?;
            map.insert(name, value);
        }
        Ok(Cow::Owned(Value::Object(map)))
    }

    fn repeat<'a>(&mut self, node: &'a Node, of: &'a Loop) -> Answer<'a> {
        let items = match self.owned(&of.over)? {
            Value::Null => return Ok(null()),
            Value::Array(items) => items,
            Value::Object(fields) => fields.into_iter().map(|(k, _)| Value::String(k)).collect(),
            other => {
                let word = operators::word(&other);
                return fault(node, Err(format!("{word}不能逐个检查")));
            }
        };
        if of.kind == LoopKind::Collect {
            return self.collect(of, items);
        }
        let mut tally = Tally::default();
        for item in items {
            self.locals.push(item);
            let met = self.owned(&of.body).and_then(|v| truth(&of.body, &v));
            self.locals.pop();
            tally.count(met);
            if tally.settled(of.kind) {
                break;
            }
        }
        Ok(tally.answer(of.kind)?.map_or(null(), boolean))
    }

    fn collect<'a>(&mut self, of: &'a Loop, items: Vec<Value>) -> Answer<'a> {
        let mut collected = Vec::new();
        for item in items {
            self.locals.push(item);
            let result = self.kept(of);
            self.locals.pop();
            collected.extend(result?);
        }
        Ok(Cow::Owned(Value::Array(collected)))
    }

    fn kept(&mut self, of: &Loop) -> Result<Option<Value>, Fault> {
        if let Some(only) = &of.only {
            let met = self.owned(only)?;
            if truth(only, &met)? != Some(true) {
                return Ok(None);
            }
        }
        self.owned(&of.body).map(Some)
    }
}

/// How many elements met a condition, failed it, left it open or made an error.
#[derive(Default)]
struct Tally {
    met: usize,
    failed: usize,
    open: usize,
    error: Option<Fault>,
}

impl Tally {
    fn count(&mut self, met: Result<Option<bool>, Fault>) {
        match met {
            Ok(Some(true)) => self.met += 1,
            Ok(Some(false)) => self.failed += 1,
            Ok(None) => self.open += 1,
            Err(error) => {
                self.error.get_or_insert(error);
            }
        }
    }

    fn settled(&self, kind: LoopKind) -> bool {
        match kind {
            LoopKind::All => self.failed > 0,
            LoopKind::Exists => self.met > 0,
            _ => self.error.is_some(),
        }
    }

    fn answer(self, kind: LoopKind) -> Result<Option<bool>, Fault> {
        match kind {
            LoopKind::All if self.failed > 0 => return Ok(Some(false)),
            LoopKind::Exists if self.met > 0 => return Ok(Some(true)),
            _ => {}
        }
        if let Some(error) = self.error {
            return Err(error);
        }
        Ok(match kind {
            LoopKind::ExistsOne => Some(self.met == 1),
            _ if self.open > 0 => None,
            kind => Some(kind == LoopKind::All),
        })
    }
}

fn null<'a>() -> Cow<'a, Value> {
    Cow::Borrowed(&NULL)
}

fn boolean<'a>(value: bool) -> Cow<'a, Value> {
    Cow::Owned(Value::Bool(value))
}

fn fault<T>(node: &Node, result: Result<T, String>) -> Result<T, Fault> {
    result.map_err(|message| Fault {
        at: node.at,
        message,
    })
}

fn truth(node: &Node, value: &Value) -> Result<Option<bool>, Fault> {
    match value {
        Value::Bool(value) => Ok(Some(*value)),
        Value::Null => Ok(None),
        other => {
            let word = operators::word(other);
            fault(node, Err(format!("条件应为“是”或“否”，现在是{word}")))
        }
    }
}

fn select<'a>(node: &Node, of: Cow<'a, Value>, field: &str) -> Answer<'a> {
    match of {
        Cow::Borrowed(Value::Object(fields)) => Ok(fields.get(field).map_or(null(), Cow::Borrowed)),
        Cow::Owned(Value::Object(mut fields)) => {
            Ok(fields.swap_remove(field).map_or(null(), Cow::Owned))
        }
        of if of.is_null() => Ok(null()),
        of => {
            let word = operators::word(&of);
            fault(node, Err(format!("{word}没有字段，不能取“{field}”")))
        }
    }
}

/// What copying a value costs.
fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() / 64,
        Value::Array(items) => items.iter().map(|i| 1 + weight(i)).sum(),
        Value::Object(fields) => fields.values().map(|f| 1 + weight(f)).sum(),
        _ => 0,
    }
}
