//! Whether the phases and corrections that a flow draws are ones that cases can follow. Runs nothing.

use tongban_flows::{Asks, Definition, Kind, NodeIx, Phase, UserTask, Word};

use crate::service::operations::APPLICANT;

/// What is wrong with the attributes of a task, in words.
pub(crate) fn faults(flow: &Definition, ix: NodeIx, task: &UserTask) -> Vec<String> {
    let mut faults = Vec::new();
    match task.phase {
        None => faults.push(format!(
            "这一步没有写阶段（tb:phase），可用的有：{}",
            Phase::allowed()
        )),
        Some(phase) => faults.extend(of_phase(phase, task)),
    }
    if task.decisions.is_empty() && task.role != APPLICANT {
        faults.push("这一步没有写办理意见（tb:decision），没有人能办完它".to_owned());
    }
    if asks(task) && !tasks(flow).any(|(to, next)| is_mending(next) && flow.leads(ix, to)) {
        faults.push(
            "有要求补正的决定（asks=\"correction\"），后面却没有申请人补正的环节（tb:phase=\"mending\"）".to_owned(),
        );
    }
    if is_mending(task) && !tasks(flow).any(|(from, before)| asks(before) && flow.leads(from, ix)) {
        faults.push(
            "前面没有要求补正的决定（tb:decision 的 asks=\"correction\"），申请人到这一步不知道改什么".to_owned(),
        );
    }
    faults
}

/// What is wrong with the end of a flow: before it a case has to be closed, or it stays open for ever.
pub(crate) fn never_closed(flow: &Definition, end: NodeIx) -> Option<String> {
    let closes = |node: &Kind| match node {
        Kind::Service(call) => call.operation == "case.close",
        _ => false,
    };
    let before = |ix| flow.is_inside(ix) || flow.leads(ix, end);
    let closed = flow
        .nodes()
        .any(|(ix, node)| closes(&node.kind) && before(ix));
    let words = "走到这里办件没有办结：前面没有办结的操作（case.close）";
    (!closed && !flow.is_inside(end)).then(|| words.to_owned())
}

fn of_phase(phase: Phase, task: &UserTask) -> Option<String> {
    let applicant = task.role == APPLICANT;
    let words = match phase {
        Phase::Mending if !applicant => {
            "补正（tb:phase=\"mending\"）的环节须由申请人（tb:role=\"applicant\"）办理"
        }
        Phase::Filed | Phase::Running | Phase::Decided | Phase::Ended if applicant => {
            "申请人（tb:role=\"applicant\"）的环节只能是补正（tb:phase=\"mending\"）"
        }
        Phase::Decided | Phase::Ended if asks(task) => "作出决定之后不能再要求补正",
        _ => return None,
    };
    Some(words.to_owned())
}

fn tasks(flow: &Definition) -> impl Iterator<Item = (NodeIx, &UserTask)> {
    flow.nodes()
        .filter_map(|(ix, _)| Some((ix, flow.user_task(ix)?)))
}

fn asks(task: &UserTask) -> bool {
    task.decisions
        .iter()
        .any(|d| d.asks == Some(Asks::Correction))
}

fn is_mending(task: &UserTask) -> bool {
    task.phase == Some(Phase::Mending)
}
