//! A process in a few words, written out as BPMN. Knows nothing of the engine.

use std::fmt::Write as _;

/// Collects nodes and flows; sub-processes are opened and closed like brackets.
#[derive(Default)]
pub struct Sketch {
    open: Vec<String>,
    header: String,
    flows: usize,
}

impl Sketch {
    pub fn new() -> Self {
        Self {
            open: vec![String::new()],
            ..Self::default()
        }
    }

    fn put(&mut self, text: &str) {
        self.open.last_mut().unwrap().push_str(text);
    }

    /// A node of any kind, given as the XML name with its attributes, and its content.
    pub fn node(&mut self, id: &str, kind: &str, content: &str) {
        let name = kind.split(' ').next().unwrap();
        self.put(&format!(
            "<{kind} id='{id}' name='{id}'>{content}</{name}>\n"
        ));
    }

    pub fn nodes(&mut self, kind: &str, ids: &[&str]) {
        for id in ids {
            self.node(id, kind, "");
        }
    }

    pub fn user(&mut self, id: &str, decisions: &[&str], more: &str) {
        let mut content = String::from("<extensionElements>");
        for name in decisions {
            let (name, opinion) = match name.strip_suffix('!') {
                Some(name) => (name, "required"),
                None => (*name, "optional"),
            };
            let _ = write!(
                content,
                "<tb:decision name='{name}' label='{name}' opinion='{opinion}'/>"
            );
        }
        content.push_str("</extensionElements>");
        content.push_str(more);
        self.node(id, "userTask tb:role='reviewer' tb:stage='审查'", &content);
    }

    pub fn service(&mut self, id: &str, operation: &str) {
        let kind = format!("serviceTask tb:operation='{operation}' tb:arguments='{{\"n\":1}}'");
        self.node(id, &kind, "");
    }

    pub fn message(&mut self, name: &str) {
        let text = format!("<message id='message-{name}' name='{name}'/>");
        if !self.header.contains(&text) {
            self.header.push_str(&text);
        }
    }

    pub fn flow(&mut self, from: &str, to: &str) -> String {
        self.flow_if(from, to, "")
    }

    pub fn flow_if(&mut self, from: &str, to: &str, condition: &str) -> String {
        self.flows += 1;
        let id = format!("f{}", self.flows);
        let inner = if condition.is_empty() {
            String::new()
        } else {
            format!("<conditionExpression><![CDATA[{condition}]]></conditionExpression>")
        };
        self.put(&format!(
            "<sequenceFlow id='{id}' sourceRef='{from}' targetRef='{to}'>{inner}</sequenceFlow>\n"
        ));
        id
    }

    pub fn path(&mut self, ids: &[&str]) {
        for pair in ids.windows(2) {
            self.flow(pair[0], pair[1]);
        }
    }

    pub fn open_sub(&mut self, id: &str) {
        self.put(&format!("<subProcess id='{id}' name='{id}'>\n"));
        self.open.push(String::new());
    }

    pub fn close_sub(&mut self) {
        let inner = self.open.pop().unwrap();
        self.put(&inner);
        self.put("</subProcess>\n");
    }

    pub fn write(&self) -> String {
        format!(
            "<?xml version='1.0'?>\n<definitions xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL' \
             xmlns:tb='urn:tongban:flow:1'>{}<process id='p' name='审批' isExecutable='true'>\n{}</process></definitions>",
            self.header, self.open[0]
        )
    }
}

pub const TIMER: &str =
    "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>";

pub fn message_event(name: &str) -> String {
    format!("<messageEventDefinition messageRef='message-{name}'/>")
}

pub fn joint(sequential: bool, rule: &str, signers: &str) -> String {
    format!(
        "<multiInstanceLoopCharacteristics isSequential='{sequential}' tb:rule='{rule}' tb:signers='{signers}'/>"
    )
}
