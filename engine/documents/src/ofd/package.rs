//! Finds its way in an OFD of any origin: document root, pages, list of signatures, their descriptions. Lenient about
//! name spaces and order, because practice departs from the schemas; bounded, because strangers send files.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roxmltree::{Document, Node, ParsingOptions};

use crate::DocumentError;
use crate::container::{Package, folder, resolve};

const MOST_NODES: u32 = 200_000;
/// Parsing compares the attributes of an element, and the name spaces of a document, each with each.
const MOST_ATTRIBUTES: usize = 256;
const MOST_NAMESPACES: usize = 500;
pub(crate) const ROOT: &str = "OFD.xml";

/// One document of the file.
#[derive(Clone)]
pub(crate) struct Body {
    pub(crate) document: String,
    pub(crate) signatures: Option<String>,
}

/// A line of the list of signatures.
#[derive(Clone, Debug)]
pub(crate) struct SignatureEntry {
    pub(crate) id: String,
    pub(crate) kind: String,
    /// Path of the description, without leading slash.
    pub(crate) path: String,
}

/// A signature's description (Signature.xml).
pub(crate) struct Description {
    pub(crate) provider: String,
    pub(crate) check_method: String,
    pub(crate) references: Vec<Reference>,
    pub(crate) seal: Option<String>,
    pub(crate) signed_value: String,
}

pub(crate) struct Reference {
    pub(crate) path: String,
    /// Nothing when it is no Base64.
    pub(crate) digest: Option<Vec<u8>>,
}

fn unreadable(words: impl Into<String>) -> DocumentError {
    DocumentError::new("unreadable", words)
}

fn text<'a>(package: &'a Package, path: &str) -> Result<&'a str, DocumentError> {
    let data = package
        .get(path)
        .ok_or_else(|| unreadable(format!("OFD 文件缺少 {path}")))?;
    let data = data.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(data);
    std::str::from_utf8(data).map_err(|_| unreadable(format!("{path} 不是 UTF-8 文本")))
}

/// Entities, document types and any number of attributes are refused: nothing in OFD needs them.
fn parse<'a>(text: &'a str, path: &str) -> Result<Document<'a>, DocumentError> {
    if is_overloaded(text) {
        return Err(unreadable(format!("{path} 的写法特殊，拒绝读取")));
    }
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: MOST_NODES,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(text, options)
        .map_err(|_| unreadable(format!("{path} 不是正确的 XML")))
}

/// Whether some element has more attributes, or the document more name spaces, than any description needs.
fn is_overloaded(text: &str) -> bool {
    if text.matches("xmlns").take(MOST_NAMESPACES + 1).count() > MOST_NAMESPACES {
        return true;
    }
    let mut attributes = 0;
    text.bytes().any(|byte| {
        match byte {
            b'<' => attributes = 0,
            b'=' => attributes += 1,
            _ => {}
        }
        attributes > MOST_ATTRIBUTES
    })
}

fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|c| c.tag_name().name() == name)
}

fn words(node: Node) -> String {
    node.text().unwrap_or_default().trim().to_owned()
}

pub(crate) fn bodies(package: &Package) -> Result<Vec<Body>, DocumentError> {
    let document = parse(text(package, "OFD.xml")?, "OFD.xml")?;
    let bodies: Vec<Body> = document
        .root_element()
        .children()
        .filter(|node| node.tag_name().name() == "DocBody")
        .filter_map(|node| {
            Some(Body {
                document: resolve("", &words(child(node, "DocRoot")?)),
                signatures: child(node, "Signatures").map(|n| resolve("", &words(n))),
            })
        })
        .collect();
    if bodies.is_empty() {
        return Err(unreadable("OFD.xml 中没有文档"));
    }
    Ok(bodies)
}

/// Whether the description of a document lists a page.
pub(crate) fn has_pages(package: &Package, path: &str) -> bool {
    let document = text(package, path).ok().and_then(|t| parse(t, path).ok());
    document.is_some_and(|document| {
        let mut pages = document
            .descendants()
            .filter(|n| n.tag_name().name() == "Page");
        pages.any(|page| page.has_attribute("BaseLoc"))
    })
}

/// What the metadata of a licence say of its seal (GB/T 36903, ZZQZMC).
pub(crate) fn declared_seal(package: &Package) -> Option<String> {
    let document = parse(text(package, ROOT).ok()?, ROOT).ok()?;
    let mut data = document
        .descendants()
        .filter(|n| n.tag_name().name() == "CustomData");
    data.find(|n| n.attribute("Name") == Some("ZZQZMC"))
        .map(words)
        .filter(|name| !name.is_empty())
}

/// The files that a document's root names: resources, pages, templates, annotations, attachments.
pub(crate) fn named_by(package: &Package, path: &str) -> Vec<String> {
    let Some(document) = text(package, path).ok().and_then(|t| parse(t, path).ok()) else {
        return Vec::new();
    };
    let base = folder(path);
    document
        .descendants()
        .filter(Node::is_element)
        .flat_map(|node| {
            [
                node.attribute("BaseLoc").map(str::to_owned),
                Some(words(node)),
            ]
        })
        .flatten()
        .filter(|place| !place.is_empty())
        .map(|place| resolve(base, &place))
        .collect()
}

/// Whether this is the list of files of an integrity protection (GM/T 0099), which is no seal.
pub(crate) fn is_entry_list(package: &Package, path: &str) -> bool {
    let document = text(package, path).ok().and_then(|t| parse(t, path).ok());
    document.is_some_and(|d| d.root_element().tag_name().name() == "DocEntries")
}

pub(crate) fn first_body(package: &Package) -> Result<Body, DocumentError> {
    let mut bodies = bodies(package)?;
    Ok(bodies.swap_remove(0))
}

/// The ids of the pages in their order.
pub(crate) fn page_ids(package: &Package, path: &str) -> Result<Vec<u32>, DocumentError> {
    let document = parse(text(package, path)?, path)?;
    let pages = document.descendants().filter(|n| {
        n.tag_name().name() == "Page" && n.parent().is_some_and(|p| p.tag_name().name() == "Pages")
    });
    Ok(pages
        .filter_map(|n| n.attribute("ID")?.parse().ok())
        .collect())
}

/// Empty when there is no list yet.
pub(crate) fn signatures(
    package: &Package,
    list: &str,
) -> Result<Vec<SignatureEntry>, DocumentError> {
    if package.get(list).is_none() {
        return Ok(Vec::new());
    }
    let document = parse(text(package, list)?, list)?;
    let entries = document
        .descendants()
        .filter(|n| n.tag_name().name() == "Signature");
    Ok(entries
        .map(|n| SignatureEntry {
            id: n.attribute("ID").unwrap_or_default().to_owned(),
            kind: n.attribute("Type").unwrap_or("Seal").to_owned(),
            path: resolve(folder(list), n.attribute("BaseLoc").unwrap_or_default()),
        })
        .collect())
}

pub(crate) fn description(package: &Package, path: &str) -> Result<Description, DocumentError> {
    let document = parse(text(package, path)?, path)?;
    let root = document.root_element();
    let missing = |what: &str| unreadable(format!("{path} 缺少 {what}"));
    let info = child(root, "SignedInfo").ok_or_else(|| missing("SignedInfo"))?;
    let references = child(info, "References").ok_or_else(|| missing("References"))?;
    let base = folder(path);
    let seal = child(info, "Seal").and_then(|n| child(n, "BaseLoc"));
    let value = child(root, "SignedValue").ok_or_else(|| missing("SignedValue"))?;
    Ok(Description {
        provider: child(info, "Provider")
            .and_then(|n| n.attribute("ProviderName"))
            .unwrap_or_default()
            .to_owned(),
        check_method: references
            .attribute("CheckMethod")
            .unwrap_or("MD5")
            .to_owned(),
        references: references
            .children()
            .filter(|n| n.tag_name().name() == "Reference")
            .map(|n| reference(n, base))
            .collect(),
        seal: seal.map(|n| resolve(base, &words(n))),
        signed_value: resolve(base, &words(value)),
    })
}

fn reference(node: Node, base: &str) -> Reference {
    let value = child(node, "CheckValue").map(words).unwrap_or_default();
    Reference {
        path: resolve(base, node.attribute("FileRef").unwrap_or_default()),
        digest: STANDARD.decode(value).ok(),
    }
}

/// Adds an element at the end of the first DocBody, with the prefix that the file uses.
pub(crate) fn insert_in_root(
    package: &mut Package,
    name: &str,
    value: &str,
) -> Result<(), DocumentError> {
    let source = text(package, "OFD.xml")?.to_owned();
    let document = parse(&source, "OFD.xml")?;
    let body = document
        .descendants()
        .find(|n| n.tag_name().name() == "DocBody")
        .ok_or_else(|| unreadable("OFD.xml 中没有文档"))?;
    let end = source
        .get(..body.range().end)
        .and_then(|s| s.rfind("</"))
        .ok_or_else(|| unreadable("OFD.xml 不完整"))?;
    let prefix = source
        .get(end + 2..body.range().end)
        .and_then(|tag| tag.split_once(':'))
        .map_or(String::new(), |(prefix, _)| format!("{prefix}:"));
    let mut changed = source.clone();
    changed.insert_str(end, &format!("<{prefix}{name}>{value}</{prefix}{name}>"));
    package.add("OFD.xml", changed.into_bytes());
    Ok(())
}
