//! From the keys of a file to a chain: names resolved, texts taken apart, phases found. Every fault is told with its line
//! and step; what a drawing is judged for is left to the drawing.

use toml::Spanned;

use super::decisions::Around;
use super::file::{ChainFile, EndFile, StepFile};
use super::model::{Call, Chain, End, Join, Step, To, When};
use super::{APPLICANT, decisions, reach, words};
use crate::definition::{Diagnostic, Effects, Phase, Rule, Word};

/// More is no chain but a drawing.
const MAX_STEPS: usize = 100;
const MAX_CALLS: usize = 30;

pub(super) fn read(
    file: &ChainFile,
    text: &str,
    effects: &dyn Effects,
) -> Result<Chain, Vec<Diagnostic>> {
    let mut reader = Reader {
        lines: text.match_indices('\n').map(|(at, _)| at).collect(),
        effects,
        faults: Vec::new(),
    };
    let chain = reader.chain(file);
    if reader.faults.is_empty() {
        reach::check(&chain, &mut reader.faults);
    }
    match reader.faults.is_empty() {
        true => Ok(chain),
        false => Err(reader.faults),
    }
}

pub(super) struct Reader<'a> {
    /// Where the lines end.
    lines: Vec<usize>,
    effects: &'a dyn Effects,
    faults: Vec<Diagnostic>,
}

impl Reader<'_> {
    pub fn line<T>(&self, value: &Spanned<T>) -> u32 {
        let before = self.lines.partition_point(|end| *end < value.span().start);
        u32::try_from(before + 1).unwrap_or(u32::MAX)
    }

    pub fn fault<T>(&mut self, at: &Spanned<T>, step: &str, message: impl Into<String>) {
        let line = self.line(at);
        self.faults.push(fault(line, step, message));
    }

    fn chain(&mut self, file: &ChainFile) -> Chain {
        self.words(&file.title, "");
        let works = |end: &Spanned<EndFile>| !end.get_ref().last.is_empty();
        if file.step.is_empty() && file.first.is_empty() && !file.end.iter().any(works) {
            let words = "链里没有环节，也没有操作：至少写一个 [[step]]，或者写 do";
            self.fault(&file.title, "", words);
        }
        if file.step.len() > MAX_STEPS || file.end.len() > MAX_STEPS {
            let words = format!("环节或结束超过 {MAX_STEPS} 个，请拆分，或者改画 BPMN");
            self.fault(&file.title, "", words);
        }
        let names: Vec<&str> = file.step.iter().map(|s| s.name.get_ref().trim()).collect();
        self.names(file);
        let mut ids: Vec<String> = Vec::new();
        for name in &names {
            ids.push(unlike(&ids, words::identifier(name)));
        }
        let first = self.calls(&file.first, "");
        let ends: Vec<End> = file.end.iter().map(|end| self.end(end)).collect();
        let mut chain = Chain {
            title: file.title.get_ref().clone(),
            line: self.line(&file.title),
            first,
            steps: Vec::new(),
            ends,
        };
        for (written, id) in file.step.iter().zip(ids) {
            let around = Around {
                steps: &names,
                ends: &chain.ends,
            };
            let step = self.step(written, id, &around);
            chain.steps.push(step);
        }
        self.phases(file, &mut chain);
        imply_end(&mut chain);
        name_ends(&mut chain);
        chain
    }

    fn names(&mut self, file: &ChainFile) {
        let mut seen: Vec<&str> = Vec::new();
        for step in &file.step {
            let name = step.name.get_ref().trim();
            self.words(&step.name, name);
            if name.contains(char::is_whitespace) || name == decisions::NEXT {
                let words = "环节的名称里不能有空格，也不能叫 next";
                self.fault(&step.name, name, words);
            }
            if seen.contains(&name) {
                self.fault(&step.name, name, "有两个环节叫这个名称");
            }
            seen.push(name);
        }
    }

    fn words(&mut self, text: &Spanned<String>, step: &str) {
        if text.get_ref().trim().is_empty() || words::is_unprintable(text.get_ref()) {
            self.fault(text, step, "名称是空的，或者有显示不了的字符");
        }
    }

    fn end(&mut self, end: &Spanned<EndFile>) -> End {
        let written = end.get_ref();
        let on = written.on.as_ref().map(|on| on.get_ref().all());
        if on.as_ref().is_some_and(Vec::is_empty) {
            self.fault(end, "", "on 里没有决定");
        }
        End {
            is_implied: false,
            name: String::new(),
            line: self.line(end),
            on,
            when: self.when(written.when.as_ref(), ""),
            calls: self.calls(&written.last, ""),
        }
    }

    fn when(&mut self, when: Option<&Spanned<String>>, step: &str) -> Option<When> {
        let when = when?;
        if words::is_unprintable(when.get_ref()) {
            self.fault(when, step, "条件里有显示不了的字符");
        }
        Some(When {
            source: when.get_ref().trim().to_owned(),
            line: self.line(when),
        })
    }

    pub fn calls(&mut self, written: &[Spanned<String>], step: &str) -> Vec<Call> {
        if let Some(beyond) = written.get(MAX_CALLS) {
            self.fault(beyond, step, format!("一处操作超过 {MAX_CALLS} 个"));
        }
        let calls = written.iter().filter_map(|text| self.call(text, step));
        calls.collect()
    }

    fn call(&mut self, written: &Spanned<String>, step: &str) -> Option<Call> {
        let text = written.get_ref().trim();
        let operation = text.split('(').next().unwrap_or_default().trim();
        if words::is_unprintable(text) {
            self.fault(written, step, "操作里有显示不了的字符");
            return None;
        }
        if self.effects.effect(operation).is_none() {
            self.fault(written, step, format!("操作 {operation} 不存在"));
            return None;
        }
        match words::call(text, &self.effects.arguments(operation)) {
            Ok((operation, arguments)) => Some(Call {
                operation,
                arguments,
                text: text.to_owned(),
                line: self.line(written),
            }),
            Err(message) => {
                self.fault(written, step, message);
                None
            }
        }
    }

    fn step(&mut self, written: &StepFile, id: String, around: &Around<'_>) -> Step {
        let name = written.name.get_ref().trim();
        let roles = self.roles(written, name);
        if let Some(limit) = &written.limit
            && !(1..=3650).contains(limit.get_ref())
        {
            self.fault(limit, name, "办理时限（limit）须为 1 到 3650 个工作日");
        }
        Step {
            id,
            name: name.to_owned(),
            line: self.line(&written.name),
            join: self.join(written, name, roles.len()),
            roles,
            when: self.when(written.when.as_ref(), name),
            limit: written.limit.as_ref().map(|limit| *limit.get_ref()),
            // Found when the operations of all steps are known.
            phase: Phase::Filed,
            choices: self.choices(written, name, around),
        }
    }

    fn roles(&mut self, written: &StepFile, name: &str) -> Vec<String> {
        let roles = written.who.get_ref().all();
        if roles.is_empty() {
            self.fault(&written.who, name, "没有写由谁办理（who）");
        }
        for role in &roles {
            if role == APPLICANT {
                let words =
                    "申请人的环节不用写：要申请人补正的决定写 asks=correction，补正的环节随它而来";
                self.fault(&written.who, name, words);
            } else if !words::is_role(role) {
                let words = format!("who 写岗位代码，“{role}”不是；请指定到人的请改画 BPMN");
                self.fault(&written.who, name, words);
            }
        }
        roles
    }

    fn join(&mut self, written: &StepFile, name: &str, places: usize) -> Option<Join> {
        let Some(join) = &written.join else {
            if places > 1 {
                let words = "几个岗位一起办的，要写 join：all（都要办）、any（一个办即可）、order（依次办）";
                self.fault(&written.who, name, words);
            }
            return None;
        };
        let (sequential, rule) = match join.get_ref().as_str() {
            "all" => (false, Rule::All),
            "any" => (false, Rule::Any),
            "order" => (true, Rule::All),
            other => {
                let words = format!("join 不能写“{other}”，可用的有：all、any、order");
                self.fault(join, name, words);
                return None;
            }
        };
        if places < 2 {
            let words = "只有一个岗位，没有人可以会签：请删去 join，或者在 who 里写几个";
            self.fault(join, name, words);
        }
        Some(Join { sequential, rule })
    }

    /// A phase that is not written is that of the step before, unless an operation in between leads to another.
    fn phases(&mut self, file: &ChainFile, chain: &mut Chain) {
        let effects = self.effects;
        let after = |calls: &[Call], before: Phase| {
            let led = calls
                .iter()
                .filter_map(|call| effects.phase_after(&call.operation));
            led.last().unwrap_or(before)
        };
        let mut phase = after(&chain.first, Phase::Filed);
        for (written, step) in file.step.iter().zip(&mut chain.steps) {
            if let Some(word) = &written.phase {
                match Phase::read(word.get_ref()) {
                    Some(Phase::Mending) | None => {
                        let words = format!(
                            "阶段（phase）不能写“{}”，可用的有：filed、running、decided、ended",
                            word.get_ref()
                        );
                        self.fault(word, &step.name, words);
                    }
                    Some(written) => phase = written,
                }
            }
            step.phase = phase;
            for choice in step.choices.iter().filter(|choice| choice.to == To::Next) {
                phase = after(&choice.calls, phase);
            }
        }
    }
}

pub(super) fn fault(line: u32, step: &str, message: impl Into<String>) -> Diagnostic {
    Diagnostic {
        element: step.to_owned(),
        name: String::new(),
        line,
        message: message.into(),
    }
}

/// Where nothing is written about what came through all steps, it ends behind the last one.
fn imply_end(chain: &mut Chain) {
    if chain.through().1.is_none() {
        let last = chain.steps.last();
        chain.ends.push(End {
            is_implied: true,
            name: String::new(),
            line: last.map_or(chain.line, |step| step.line),
            on: None,
            when: None,
            calls: Vec::new(),
        });
    }
}

/// An end is called as the first decision that leads to it.
fn name_ends(chain: &mut Chain) {
    let choices: Vec<_> = chain.steps.iter().flat_map(|step| &step.choices).collect();
    for end in &mut chain.ends {
        let code = end.on.iter().flatten().next();
        let choice = choices.iter().find(|c| Some(&c.decision.name) == code);
        let label = choice.map_or("完成", |c| c.decision.label.as_str());
        end.name = label.to_owned();
    }
}

fn unlike(taken: &[String], name: String) -> String {
    if !taken.contains(&name) {
        return name;
    }
    let numbered = (2..).map(|number| format!("{name}_{number}"));
    let free = numbered.into_iter().find(|other| !taken.contains(other));
    free.unwrap_or(name)
}
