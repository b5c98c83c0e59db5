//! Flows: a BPMN 2.0 engine whose state is an occurrence net.
