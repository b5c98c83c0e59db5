//! The files of a pack, read once into memory. Paths use `/` and never leave the folder.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use serde::de::DeserializeOwned;

use crate::Diagnostic;

/// Larger files do not belong into a pack of definitions.
const FILE_LIMIT: u64 = 4 * 1024 * 1024;
/// Three thousand procedures, each with a form of its own, are 44 MB.
const WHOLE_LIMIT: u64 = 48 * 1000 * 1000;

/// Cheap to clone: copies share the content of their files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folder {
    files: BTreeMap<String, Content>,
}

#[derive(Clone, Debug)]
pub(crate) struct Content(Arc<(Vec<u8>, OnceLock<String>)>);

impl Content {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0.0
    }

    fn digest(&self) -> &str {
        let (bytes, digest) = &*self.0;
        digest.get_or_init(|| tongban_crypto::sm3_hex(bytes))
    }
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Arc::new((bytes, OnceLock::new())))
    }
}

impl PartialEq for Content {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.bytes() == other.bytes()
    }
}

impl Eq for Content {}

impl Folder {
    pub fn read(root: &Path) -> Result<Self, Diagnostic> {
        let mut folder = Self::default();
        folder.collect(root, "", &mut 0)?;
        Ok(folder)
    }

    /// A pack that lies inside the binary.
    pub fn embedded(files: &[(&str, &[u8])]) -> Self {
        Self {
            files: files
                .iter()
                .map(|(name, content)| ((*name).to_owned(), content.to_vec().into()))
                .collect(),
        }
    }

    pub(crate) fn of(files: impl Iterator<Item = (String, Vec<u8>)>) -> Self {
        Self {
            files: files.map(|(name, bytes)| (name, bytes.into())).collect(),
        }
    }

    /// Each file with the digest of its content.
    pub fn digests(&self) -> impl Iterator<Item = (&str, &str)> {
        let files = self.files.iter();
        files.map(|(name, content)| (name.as_str(), content.digest()))
    }

    /// Only these files, as far as they are there.
    #[must_use]
    pub fn only<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> Self {
        let kept = names.into_iter().filter_map(|name| {
            let (name, content) = self.files.get_key_value(name)?;
            Some((name.clone(), content.clone()))
        });
        Self {
            files: kept.collect(),
        }
    }

    /// Each content by its digest.
    pub(crate) fn contents(&self) -> impl Iterator<Item = (&str, &Content)> {
        let contents = self.files.values();
        contents.map(|content| (content.digest(), content))
    }

    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let files = self.files.iter();
        files.map(|(name, content)| (name.as_str(), content.bytes()))
    }

    /// The same pack with one file changed.
    pub fn with(mut self, name: &str, content: impl Into<Vec<u8>>) -> Self {
        self.files.insert(name.to_owned(), content.into().into());
        self
    }

    /// The same pack without one file.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.files.remove(name);
        self
    }

    fn collect(&mut self, folder: &Path, prefix: &str, whole: &mut u64) -> Result<(), Diagnostic> {
        let fault = |message: String| Diagnostic {
            file: if prefix.is_empty() {
                ".".into()
            } else {
                prefix.to_owned()
            },
            line: None,
            element: None,
            message,
        };
        let entries = std::fs::read_dir(folder).map_err(|e| fault(format!("读不了文件夹：{e}")))?;
        for entry in entries {
            let entry = entry.map_err(|e| fault(format!("读不了文件夹：{e}")))?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let meta = entry.metadata().map_err(|e| fault(e.to_string()))?;
            if meta.is_dir() {
                self.collect(&entry.path(), &format!("{name}/"), whole)?;
            } else if meta.is_file() {
                if meta.len() > FILE_LIMIT {
                    return Err(fault(format!("{name} 超过 4 MB，不像是定义文件")));
                }
                *whole += meta.len();
                if *whole > WHOLE_LIMIT {
                    return Err(fault(
                        "业务包超过 48 MB，不像是定义；数据和大文件请放到别处".into(),
                    ));
                }
                let content = std::fs::read(entry.path()).map_err(|e| fault(e.to_string()))?;
                self.files.insert(name, content.into());
            }
        }
        Ok(())
    }

    pub fn bytes(&self, name: &str) -> Option<&[u8]> {
        self.files.get(name).map(Content::bytes)
    }

    pub fn text(&self, name: &str) -> Result<&str, Diagnostic> {
        let fault = |message: &str| Diagnostic {
            file: name.to_owned(),
            line: None,
            element: None,
            message: message.to_owned(),
        };
        let bytes = self.bytes(name).ok_or_else(|| fault("没有这个文件"))?;
        std::str::from_utf8(bytes).map_err(|_| fault("文件不是 UTF-8 编码"))
    }

    /// Names of the files below `prefix` that end with `suffix`, in order.
    pub fn list<'f>(&'f self, prefix: &'f str, suffix: &'f str) -> impl Iterator<Item = &'f str> {
        self.files
            .keys()
            .map(String::as_str)
            .filter(move |name| name.starts_with(prefix) && name.ends_with(suffix))
    }

    /// Reads a TOML file; an unknown key or a wrong type is told with its line.
    pub fn toml<T: DeserializeOwned>(&self, name: &str) -> Result<T, Diagnostic> {
        let text = self.text(name)?;
        toml::from_str(text).map_err(|error| Diagnostic {
            file: name.to_owned(),
            line: error.span().map(|span| line_of(text, span.start)),
            element: error.span().and_then(|span| key_of(text, span.start)),
            message: words(error.message()),
        })
    }

    /// Where a TOML file sets a key at its top, or opens a table of that name.
    pub fn line_of(&self, name: &str, key: &str) -> Option<usize> {
        let opens = |line: &str| {
            let line = line.trim_start_matches('[');
            let rest = line.strip_prefix(key).map(str::trim_start);
            rest.is_some_and(|rest| rest.starts_with(['=', ']', '.']))
        };
        let mut lines = self.text(name).ok()?.lines();
        lines.position(opens).map(|at| at + 1)
    }

    /// Reads a TOML file if it is there, else the default.
    pub fn toml_or_default<T: DeserializeOwned + Default>(
        &self,
        name: &str,
    ) -> Result<T, Diagnostic> {
        if self.files.contains_key(name) {
            self.toml(name)
        } else {
            Ok(T::default())
        }
    }

    pub fn json(&self, name: &str) -> Result<serde_json::Value, Diagnostic> {
        let text = self.text(name)?;
        serde_json::from_str(text).map_err(|error| Diagnostic {
            file: name.to_owned(),
            line: Some(error.line()),
            element: None,
            message: format!("不是有效的 JSON：{error}"),
        })
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|b| *b == b'\n').count() + 1
}

/// The key of the line, where it has one.
fn key_of(text: &str, offset: usize) -> Option<String> {
    let line = text.lines().nth(line_of(text, offset) - 1)?;
    let key = line.split_once('=')?.0.trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    (!key.is_empty() && key.chars().all(plain)).then(|| key.to_owned())
}

/// The reader's own words, with the commonest faults said in ours.
fn words(message: &str) -> String {
    if let Some(rest) = message.strip_prefix("unknown field ") {
        let (field, expected) = rest.split_once(", expected ").unwrap_or((rest, ""));
        return format!("不认识的字段 {field}；可用的字段：{expected}");
    }
    if let Some(field) = message.strip_prefix("missing field ") {
        return format!("缺少字段 {field}");
    }
    if let Some(rest) = message.strip_prefix("invalid type: ") {
        return format!("类型不对：{rest}");
    }
    message.to_owned()
}
