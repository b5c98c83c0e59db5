//! A chain that was read: steps in their order, what each decision leads to, and the ends.

use serde_json::{Map, Value};

use crate::definition::{Decision, Phase, Rule};

pub(super) struct Chain {
    pub title: String,
    pub line: u32,
    /// Operations before the first step.
    pub first: Vec<Call>,
    pub steps: Vec<Step>,
    pub ends: Vec<End>,
}

#[derive(Clone, PartialEq)]
pub(super) struct Call {
    pub operation: String,
    pub arguments: Map<String, Value>,
    /// As it was written; the drawing shows it.
    pub text: String,
    pub line: u32,
}

pub(super) struct Step {
    pub id: String,
    pub name: String,
    pub line: u32,
    pub roles: Vec<String>,
    pub join: Option<Join>,
    pub when: Option<When>,
    pub limit: Option<u32>,
    pub phase: Phase,
    pub choices: Vec<Choice>,
}

#[derive(Clone, Copy)]
pub(super) struct Join {
    pub sequential: bool,
    pub rule: Rule,
}

#[derive(Clone)]
pub(super) struct When {
    pub source: String,
    pub line: u32,
}

pub(super) struct Choice {
    pub decision: Decision,
    pub line: u32,
    pub calls: Vec<Call>,
    /// Ends of this decision under a condition, looked at in their order.
    pub ends: Vec<usize>,
    pub to: To,
}

/// Where a decision leads when none of its conditional ends takes it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum To {
    /// On along the chain.
    Next,
    Step(usize),
    /// To the applicant, who mends and sends back to the same step.
    Mend,
    End(usize),
}

pub(super) struct End {
    /// Nobody wrote it: what came through all steps simply ends.
    pub is_implied: bool,
    pub name: String,
    pub line: u32,
    /// None for whatever came through all steps.
    pub on: Option<Vec<String>>,
    pub when: Option<When>,
    pub calls: Vec<Call>,
}

impl Chain {
    /// Ends of what came through all steps: those under a condition, and the one without.
    pub fn through(&self) -> (Vec<usize>, Option<usize>) {
        let ends = self.ends.iter().enumerate();
        let of_all = ends.filter(|(_, end)| end.on.is_none());
        let (conditional, plain): (Vec<_>, Vec<_>) =
            of_all.partition(|(_, end)| end.when.is_some());
        let numbers = conditional.into_iter().map(|(ix, _)| ix).collect();
        (numbers, plain.first().map(|(ix, _)| *ix))
    }
}

/// Decisions of a step that lead the same way, drawn as one.
pub(super) struct Way<'c> {
    pub choices: Vec<&'c Choice>,
}

impl<'c> Way<'c> {
    pub fn first(&self) -> &'c Choice {
        self.choices[0]
    }

    pub fn label(&self) -> String {
        let labels: Vec<_> = self
            .choices
            .iter()
            .map(|choice| choice.decision.label.as_str())
            .collect();
        labels.join("、")
    }

    /// What the gateway after the step asks.
    pub fn condition(&self) -> String {
        let parts: Vec<_> = self
            .choices
            .iter()
            .map(|choice| format!("decision == '{}'", choice.decision.name))
            .collect();
        parts.join(" || ")
    }
}

impl Step {
    /// In the order of their first decisions.
    pub fn ways(&self) -> Vec<Way<'_>> {
        let mut ways: Vec<Way<'_>> = Vec::new();
        for choice in &self.choices {
            let same = |way: &&mut Way<'_>| {
                let first = way.first();
                first.to == choice.to
                    && first.ends == choice.ends
                    && same_calls(&first.calls, &choice.calls)
            };
            match ways.iter_mut().find(same) {
                Some(way) => way.choices.push(choice),
                None => ways.push(Way {
                    choices: vec![choice],
                }),
            }
        }
        ways
    }
}

fn same_calls(one: &[Call], other: &[Call]) -> bool {
    let what = |call: &Call| (call.operation.clone(), call.arguments.clone());
    one.iter().map(what).eq(other.iter().map(what))
}
