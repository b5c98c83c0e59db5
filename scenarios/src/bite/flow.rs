//! Elements taken out of a drawing: a step is passed over, a way is closed, a decision is not offered, an attribute is
//! not there. What can no longer be reached goes too.

use std::collections::BTreeSet;
use std::ops::Range;

use roxmltree::{Document, Node};
use tongban_packs::Folder;

use super::Reduced;

pub(super) fn candidates(
    folder: &Folder,
    file: &str,
    keys: &[String],
) -> Result<Vec<Reduced>, String> {
    let text = folder.text(file).map_err(|fault| fault.to_string())?;
    let document = Document::parse(text).map_err(|fault| fault.to_string())?;
    let drawing = Drawing {
        text,
        document: &document,
    };
    let missing = || format!("{file} 里没有 {}", keys.join("."));
    let cuts = match keys {
        [] => {
            return Err(format!(
                "{file} 整个拿掉，事项就没有流程了；请指明其中的元素"
            ));
        }
        [element] => drawing.element(element).ok_or_else(missing)?,
        [element, part] => drawing.part(element, part).ok_or_else(missing)?,
        _ => return Err(missing()),
    };
    let reduced = cuts.into_iter().map(|(how, cut)| Reduced {
        how: format!("{file} {how}"),
        folder: folder.clone().with(file, drawing.after(&cut)),
    });
    Ok(reduced.collect())
}

struct Drawing<'d> {
    text: &'d str,
    document: &'d Document<'d>,
}

/// What is done to a drawing.
#[derive(Clone, Default)]
struct Cut {
    /// Ids of elements that go.
    gone: BTreeSet<String>,
    /// Ways that lead elsewhere.
    led: Vec<(String, String)>,
    /// Pieces of the text, and what stands there instead.
    pieces: Vec<(Range<usize>, String)>,
}

type Cuts = Vec<(String, Cut)>;

impl<'d> Drawing<'d> {
    fn by_id(&self, id: &str) -> Option<Node<'d, 'd>> {
        self.document
            .descendants()
            .find(|node| node.attribute("id") == Some(id))
    }

    fn ways(&self) -> impl Iterator<Item = Node<'d, 'd>> {
        let nodes = self.document.descendants();
        nodes.filter(|node| node.tag_name().name() == "sequenceFlow")
    }

    fn ways_from(&self, id: &str) -> Vec<Node<'d, 'd>> {
        self.ways()
            .filter(|way| way.attribute("sourceRef") == Some(id))
            .collect()
    }

    fn ways_to(&self, id: &str) -> Vec<Node<'d, 'd>> {
        self.ways()
            .filter(|way| way.attribute("targetRef") == Some(id))
            .collect()
    }

    fn element(&self, id: &str) -> Option<Cuts> {
        let node = self.by_id(id)?;
        match node.tag_name().name() {
            "sequenceFlow" => Some(vec![(format!("关掉连线 {id}"), self.closed(&[node]))]),
            "boundaryEvent" => {
                let cut = Cut {
                    gone: [id.to_owned()].into(),
                    ..Cut::default()
                };
                Some(vec![(format!("拿掉边界事件 {id}"), cut)])
            }
            _ => Some(vec![(format!("跳过 {id}"), self.passed(id)?)]),
        }
    }

    /// Whoever comes to a step goes on to the next.
    fn passed(&self, id: &str) -> Option<Cut> {
        let [next] = self.ways_from(id).try_into().ok()?;
        let target = next.attribute("targetRef")?;
        let attached = self
            .document
            .descendants()
            .filter(|n| n.attribute("attachedToRef") == Some(id));
        let mut cut = Cut::default();
        cut.gone.insert(id.to_owned());
        cut.gone.extend(next.attribute("id").map(str::to_owned));
        cut.gone.extend(
            attached
                .filter_map(|n| n.attribute("id"))
                .map(str::to_owned),
        );
        let ways = self
            .ways_to(id)
            .into_iter()
            .filter_map(|way| way.attribute("id"));
        cut.led = ways
            .map(|way| (way.to_owned(), target.to_owned()))
            .collect();
        Some(cut)
    }

    /// Ways that nobody goes any more; what chose among them takes the first that is left where nothing else fits.
    fn closed(&self, ways: &[Node<'d, 'd>]) -> Cut {
        let mut cut = Cut::default();
        cut.gone.extend(
            ways.iter()
                .filter_map(|way| way.attribute("id"))
                .map(str::to_owned),
        );
        for source in ways.iter().filter_map(|way| way.attribute("sourceRef")) {
            let from = self.ways_from(source).into_iter();
            let left = |way: &Node| way.attribute("id").is_some_and(|id| !cut.gone.contains(id));
            let left: Vec<Node> = from.filter(left).collect();
            let (Some(node), [only]) = (self.by_id(source), left.as_slice()) else {
                continue;
            };
            let condition = only
                .children()
                .find(|n| n.tag_name().name() == "conditionExpression");
            if let Some(condition) =
                condition.filter(|_| node.tag_name().name().ends_with("Gateway"))
            {
                cut.pieces.push((condition.range(), String::new()));
            }
        }
        cut
    }

    /// A decision, or an attribute.
    fn part(&self, id: &str, name: &str) -> Option<Cuts> {
        let node = self.by_id(id)?;
        let mut decisions = node
            .descendants()
            .filter(|n| n.tag_name().name() == "decision");
        if let Some(decision) = decisions.find(|n| n.attribute("name") == Some(name)) {
            return Some(self.decision(id, name, decision.range()));
        }
        let attribute = node
            .attributes()
            .find(|attribute| attribute.name() == name)?;
        let cut = Cut {
            pieces: vec![(attribute.range(), String::new())],
            ..Cut::default()
        };
        Some(vec![(format!("拿掉 {id} 的 {name}"), cut)])
    }

    fn decision(&self, id: &str, name: &str, place: Range<usize>) -> Cuts {
        let asked = format!("decision == '{name}'");
        let says = |way: &Node<'d, 'd>| {
            let words = way.descendants().filter_map(|n| n.text());
            words.collect::<String>().contains(&asked)
        };
        let next = self
            .ways_from(id)
            .into_iter()
            .filter_map(|way| way.attribute("targetRef"));
        let taken: Vec<Node> = next
            .flat_map(|gate| self.ways_from(gate))
            .filter(says)
            .collect();
        let mut closed = self.closed(&taken);
        closed.pieces.push((place.clone(), String::new()));
        let alone = Cut {
            pieces: vec![(place, String::new())],
            ..Cut::default()
        };
        vec![
            (format!("{id} 不再能选 {name}，也没有这条路"), closed),
            (format!("{id} 不再能选 {name}"), alone),
        ]
    }

    /// The text after a cut, without what can no longer be reached and without the pictures of what is gone.
    fn after(&self, cut: &Cut) -> String {
        let gone = self.with_unreached(cut);
        let mut pieces = cut.pieces.clone();
        for node in self.document.descendants().filter(Node::is_element) {
            let own = node
                .attribute("id")
                .into_iter()
                .chain(node.attribute("bpmnElement"));
            let mentions = ["incoming", "outgoing"].contains(&node.tag_name().name());
            let named = node.text().filter(|_| mentions).map(str::trim);
            if own.chain(named).any(|id| gone.contains(id)) {
                pieces.push((node.range(), String::new()));
            }
        }
        for (way, target) in &cut.led {
            let attribute = self
                .by_id(way)
                .and_then(|way| way.attribute_node("targetRef"));
            if let Some(attribute) = attribute {
                pieces.push((attribute.range_value(), target.clone()));
            }
        }
        replaced(self.text, pieces)
    }

    fn with_unreached(&self, cut: &Cut) -> BTreeSet<String> {
        let mut gone = cut.gone.clone();
        let target = |way: &Node<'d, 'd>| {
            let id = way.attribute("id")?;
            let led = cut.led.iter().find(|(led, _)| led == id);
            led.map(|(_, to)| to.clone())
                .or_else(|| way.attribute("targetRef").map(str::to_owned))
        };
        let is_begun =
            |node: &Node| ["startEvent", "boundaryEvent"].contains(&node.tag_name().name());
        loop {
            let open: Vec<Node> = self
                .ways()
                .filter(|way| way.attribute("id").is_some_and(|id| !gone.contains(id)))
                .collect();
            let reached: BTreeSet<String> = open.iter().filter_map(target).collect();
            let mut more = BTreeSet::new();
            for node in self.steps().filter(|node| !is_begun(node)) {
                let id = node.attribute("id").unwrap_or_default();
                if !gone.contains(id) && !reached.contains(id) {
                    more.insert(id.to_owned());
                    let ways = self
                        .ways_from(id)
                        .into_iter()
                        .filter_map(|way| way.attribute("id"));
                    more.extend(ways.map(str::to_owned));
                }
            }
            if more.is_empty() {
                return gone;
            }
            gone.extend(more);
        }
    }

    /// What ways lead from or to.
    fn steps(&self) -> impl Iterator<Item = Node<'d, 'd>> {
        let ends: BTreeSet<&str> = self
            .ways()
            .flat_map(|way| {
                way.attribute("sourceRef")
                    .into_iter()
                    .chain(way.attribute("targetRef"))
            })
            .collect();
        let nodes = self.document.descendants();
        nodes.filter(move |node| node.attribute("id").is_some_and(|id| ends.contains(id)))
    }
}

/// A piece inside another goes with it.
fn replaced(text: &str, mut pieces: Vec<(Range<usize>, String)>) -> String {
    pieces.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
    let mut out = String::new();
    let mut at = 0;
    for (range, words) in pieces {
        if range.start < at {
            continue;
        }
        out.push_str(text.get(at..range.start).unwrap_or_default());
        out.push_str(&words);
        at = range.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const FLOW: &str = "<d xmlns:tb='t'><startEvent id='s'/><task id='a' tb:limit='2'><x><tb:decision name='yes'/>\
        <tb:decision name='no'/></x></task><exclusiveGateway id='g'/><task id='b'/><task id='c'/><endEvent id='e'/>\
        <sequenceFlow id='s_a' sourceRef='s' targetRef='a'/><sequenceFlow id='a_g' sourceRef='a' targetRef='g'/>\
        <sequenceFlow id='g_b' sourceRef='g' targetRef='b'><conditionExpression>decision == 'yes'</conditionExpression></sequenceFlow>\
        <sequenceFlow id='g_c' sourceRef='g' targetRef='c'><conditionExpression>decision == 'no'</conditionExpression></sequenceFlow>\
        <sequenceFlow id='b_e' sourceRef='b' targetRef='e'/><sequenceFlow id='c_e' sourceRef='c' targetRef='e'/></d>";

    fn after(path: &[&str]) -> String {
        let folder = Folder::embedded(&[("flows/f.bpmn", FLOW.as_bytes())]);
        let keys: Vec<String> = path.iter().map(|key| (*key).to_owned()).collect();
        let reduced = candidates(&folder, "flows/f.bpmn", &keys).unwrap();
        reduced[0].folder.text("flows/f.bpmn").unwrap().to_owned()
    }

    #[test]
    fn a_step_is_passed_over() {
        let text = after(&["b"]);
        assert!(
            text.contains("id='g_b' sourceRef='g' targetRef='e'") && !text.contains("id='b'"),
            "{text}"
        );
        Document::parse(&text).unwrap();
    }

    #[test]
    fn a_decision_goes_with_the_way_that_it_opens_and_what_lies_on_it() {
        let text = after(&["a", "no"]);
        for gone in ["name='no'", "g_c", "id='c'", "c_e", "conditionExpression"] {
            assert!(!text.contains(gone), "{gone} in {text}");
        }
        assert!(
            text.contains("id='g_b'") && text.contains("name='yes'"),
            "{text}"
        );
        Document::parse(&text).unwrap();
    }

    #[test]
    fn an_attribute_is_taken_away() {
        assert!(!after(&["a", "limit"]).contains("limit"));
    }

    #[test]
    fn what_a_drawing_has_not_is_told() {
        let folder = Folder::embedded(&[("flows/f.bpmn", FLOW.as_bytes())]);
        let told = |keys: &[&str]| {
            let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
            candidates(&folder, "flows/f.bpmn", &keys).unwrap_err()
        };
        assert_eq!(told(&["z"]), "flows/f.bpmn 里没有 z");
        assert_eq!(told(&["a", "z"]), "flows/f.bpmn 里没有 a.z");
        assert!(told(&[]).contains("请指明其中的元素"));
    }
}
