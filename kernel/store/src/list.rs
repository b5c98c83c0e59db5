//! Lists in pages by key: one piece of code keeps out of sight what a scope does not show, writes order and place in
//! both directions, and takes the keys of the neighbouring pages from the rows themselves. Knows no table.

use serde_json::Value as Json;
use tongban_base::{Result, Scope};

use crate::cursor::foreign;
use crate::{Cursor, KeyPage, Row, Tx, Value};

/// A column by which a list is ordered; none is empty in any row.
#[derive(Clone, Copy, Debug)]
pub enum Key {
    Text(&'static str),
    Number(&'static str),
}

/// All keys rise, or all fall; together they tell each row from any other.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    pub keys: &'static [Key],
    pub falling: bool,
}

/// The columns by which a scope shows rows.
#[derive(Clone, Copy, Debug)]
pub struct InSight {
    pub account: &'static str,
    pub organisation: &'static str,
    pub division: &'static str,
}

/// What is read of which tables, under which conditions, in which order.
pub struct List {
    columns: String,
    tables: String,
    order: Order,
    conditions: Vec<String>,
    /// Each is found by an index of its own.
    parts: Vec<String>,
    values: Vec<Value>,
    beside: Option<(String, String)>,
}

impl List {
    pub fn new(columns: impl Into<String>, tables: impl Into<String>, order: Order) -> Self {
        Self {
            columns: columns.into(),
            tables: tables.into(),
            order,
            conditions: Vec::new(),
            parts: Vec::new(),
            values: Vec::new(),
            beside: None,
        }
    }

    /// The columns, where they name values that were given.
    pub fn columns(&mut self, columns: impl Into<String>) {
        self.columns = columns.into();
    }

    /// The tables, where they name values that were given.
    pub fn from(&mut self, tables: impl Into<String>) {
        self.tables = tables.into();
    }

    /// The place of a value in a condition: `$3`.
    pub fn given(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    /// The places of several texts, for `IN (…)`; of none, a text that nothing is.
    pub fn any_of<V: Into<Value>>(&mut self, values: impl IntoIterator<Item = V>) -> String {
        let places = values.into_iter().map(|value| self.given(value));
        let places: Vec<String> = places.collect();
        match places.is_empty() {
            true => "''".to_owned(),
            false => places.join(", "),
        }
    }

    pub fn only(&mut self, condition: impl Into<String>) {
        self.conditions.push(condition.into());
    }

    pub fn equal(&mut self, column: &str, value: impl Into<Value>) {
        let place = self.given(value);
        self.only(format!("{column} = {place}"));
    }

    /// A condition with a `?` for each value.
    pub fn only_with(&mut self, condition: &str, values: &[Value]) {
        let mut pieces = condition.split('?');
        let mut told = pieces.next().unwrap_or_default().to_owned();
        for (piece, value) in pieces.zip(values) {
            told.push_str(&self.given(value.clone()));
            told.push_str(piece);
        }
        self.only(told);
    }

    /// Rows of any of these conditions, of which no two hold for one row. Each is read in the order of the list by its own
    /// index, and of each no more than a page: with `OR` a database orders all rows first. The tables are one, with a name
    /// by which all columns are called.
    pub fn in_parts(&mut self, parts: Vec<String>) {
        self.parts = parts;
    }

    /// Keeps rows out of sight out of the query.
    pub fn within(&mut self, scope: &Scope, of: InSight) {
        match scope {
            Scope::Everything => {}
            Scope::Nothing => self.only("1 = 0"),
            Scope::Own(account) => self.equal(of.account, *account),
            Scope::Office {
                organisation,
                division_prefix,
            } => {
                self.equal(of.organisation, organisation);
                if division_prefix.is_empty() {
                    return;
                }
                // A range of 12-digit codes instead of LIKE: the index serves it on both databases, in any collation.
                let first = self.given(division_prefix);
                let last = self.given(format!("{division_prefix:9<12}"));
                let division = of.division;
                self.only(format!("{division} >= {first} AND {division} <= {last}"));
            }
        }
    }

    /// Columns of tables that are joined to each row of a page, once the page is cut; the rows before are `page`.
    #[must_use]
    pub fn beside(mut self, columns: impl Into<String>, join: impl Into<String>) -> Self {
        self.beside = Some((columns.into(), join.into()));
        self
    }

    /// How many rows there are in all pages; counting stops at `most`.
    pub async fn count(&self, tx: &mut Tx, most: usize) -> Result<u64> {
        let mut values = self.values.clone();
        values.push(Value::from(most));
        let cut = format!("LIMIT ${}", values.len());
        let rows = self.rows(&self.conditions, &cut);
        let sql = format!("SELECT COUNT(*) FROM (SELECT 1 AS one FROM {rows} {cut}) counted");
        let count: i64 = tx.query_one(&sql, &values).await?.at(0)?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// How many of the first `most` rows have the same `by`, which names columns of `page` or of what is joined beside it;
    /// the number stands behind them.
    pub async fn counted_by(&self, tx: &mut Tx, by: &str, most: usize) -> Result<Vec<Row>> {
        let mut values = self.values.clone();
        values.push(Value::from(most));
        let keys: Vec<&str> = self.order.keys.iter().map(Key::column).collect();
        let order = turned(&keys, self.order.falling);
        let cut = format!("ORDER BY {order} LIMIT ${}", values.len());
        let rows = self.rows(&self.conditions, &cut);
        let join = self.beside.as_ref().map_or("", |(_, join)| join.as_str());
        let sql = format!(
            "SELECT {by}, COUNT(*) AS amount FROM (SELECT * FROM {rows} {cut}) page {join} GROUP BY {by}"
        );
        tx.query(&sql, &values).await
    }

    /// Sums over all pages: a row of the columns for each value of `by`, in no order.
    pub async fn grouped(&self, tx: &mut Tx, by: &str) -> Result<Vec<Row>> {
        let sql = format!(
            "SELECT {} FROM {}{} GROUP BY {by}",
            self.columns,
            self.tables,
            whose(&self.conditions)
        );
        tx.query(&sql, &self.values).await
    }

    /// A page of up to `limit` rows beside a place. A row of which `read` gives nothing is left out, and the page is
    /// filled from behind it: mostly it is one query.
    /// Errors: the place is in no list of this order.
    pub async fn page<T>(
        &self,
        tx: &mut Tx,
        (at, limit): (Option<&Cursor>, usize),
        read: impl Fn(&Tx, &Row) -> Result<Option<T>> + Send + Sync,
    ) -> Result<KeyPage<T>> {
        let backward = at.is_some_and(|at| at.backward);
        let mut place = at.map(|at| self.order.place(&at.keys)).transpose()?;
        let mut found: Vec<(Vec<Json>, T)> = Vec::new();
        loop {
            let wanted = limit + 1 - found.len();
            let (sql, values) = self.sql((place, backward), wanted);
            let rows = tx.query(&sql, &values).await?;
            for row in &rows {
                if let Some(one) = read(tx, row)? {
                    found.push((json(self.order.keys_of(row)), one));
                }
            }
            place = rows.last().map(|row| self.order.keys_of(row).to_vec());
            if rows.len() < wanted || found.len() > limit {
                break;
            }
        }
        let page = KeyPage::new(found, limit, at, |(keys, _)| keys.clone());
        Ok(page.map(|(_, one)| one))
    }

    /// The keys stand in the last columns.
    fn sql(
        &self,
        (place, backward): (Option<Vec<Value>>, bool),
        wanted: usize,
    ) -> (String, Vec<Value>) {
        let (mut conditions, mut values) = (self.conditions.clone(), self.values.clone());
        let falls = self.order.falling != backward;
        let keys: Vec<&str> = self.order.keys.iter().map(Key::column).collect();
        if let Some(place) = place {
            let places = (values.len() + 1..).take(place.len());
            let places: Vec<String> = places.map(|n| format!("${n}")).collect();
            let sign = if falls { "<" } else { ">" };
            let (keys, places) = (keys.join(", "), places.join(", "));
            conditions.push(format!("({keys}) {sign} ({places})"));
            values.extend(place);
        }
        values.push(Value::from(wanted));
        let named = (0..).zip(&keys).map(|(n, key)| format!("{key} AS key_{n}"));
        let cut = format!("ORDER BY {} LIMIT ${}", turned(&keys, falls), values.len());
        let page = format!(
            "SELECT {}, {} FROM {} {cut}",
            self.columns,
            named.collect::<Vec<_>>().join(", "),
            self.rows(&conditions, &cut)
        );
        let Some((columns, join)) = &self.beside else {
            return (page, values);
        };
        let names: Vec<String> = (0..keys.len()).map(|n| format!("page.key_{n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let sql = format!(
            "SELECT {columns}, {} FROM ({page}) page {join} ORDER BY {}",
            names.join(", "),
            turned(&names, falls)
        );
        (sql, values)
    }

    /// What is read from, without order; of each part only what `cut` says.
    fn rows(&self, conditions: &[String], cut: &str) -> String {
        if self.parts.is_empty() {
            return self.tables.clone() + &whose(conditions);
        }
        let part = |part: &String| {
            let mut all = vec![part.clone()];
            all.extend_from_slice(conditions);
            let (tables, whose) = (&self.tables, whose(&all));
            format!("SELECT * FROM (SELECT * FROM {tables}{whose} {cut}) part")
        };
        let parts: Vec<String> = self.parts.iter().map(part).collect();
        let name = self.tables.rsplit(' ').next().unwrap_or_default();
        format!("({}) {name}", parts.join(" UNION ALL "))
    }
}

fn turned(keys: &[&str], falls: bool) -> String {
    let way = if falls { " DESC" } else { "" };
    let keys = keys.iter().map(|key| format!("{key}{way}"));
    keys.collect::<Vec<_>>().join(", ")
}

fn whose(conditions: &[String]) -> String {
    match conditions.is_empty() {
        true => String::new(),
        false => format!(" WHERE {}", conditions.join(" AND ")),
    }
}

impl Key {
    fn column(&self) -> &'static str {
        match self {
            Key::Text(column) | Key::Number(column) => column,
        }
    }

    /// Comes from an address: what does not fit the column is no place.
    fn value(&self, given: &Json) -> Option<Value> {
        match self {
            Key::Text(_) => given.as_str().map(Value::from),
            Key::Number(_) => given.as_i64().map(Value::from),
        }
    }
}

impl Order {
    fn place(&self, given: &[Json]) -> Result<Vec<Value>> {
        let keys = self.keys.iter().zip(given);
        let values: Option<Vec<Value>> = keys.map(|(key, given)| key.value(given)).collect();
        let values = values.filter(|values| {
            let zero = |value: &Value| matches!(value, Value::Text(text) if text.contains('\0'));
            given.len() == self.keys.len()
                && values.len() == given.len()
                && !values.iter().any(zero)
        });
        values.ok_or_else(foreign)
    }

    fn keys_of<'r>(&self, row: &'r Row) -> &'r [Value] {
        let first = row.values().len().saturating_sub(self.keys.len());
        row.values().get(first..).unwrap_or_default()
    }
}

fn json(keys: &[Value]) -> Vec<Json> {
    let json = |key: &Value| match key {
        Value::Integer(number) => Json::from(*number),
        Value::Text(text) => Json::from(text.as_str()),
        Value::Null | Value::Real(_) | Value::Bytes(_) => Json::Null,
    };
    keys.iter().map(json).collect()
}
