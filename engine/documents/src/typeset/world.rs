//! What a template can see while it is set: its own files, the data, the QR picture, the typefaces. Nothing else:
//! no disk, no network, no clock, so that the same input always gives the same pages.

use std::collections::HashMap;
use std::sync::Arc;

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, World};

use crate::fonts::{Faces, Which};
use crate::{DocumentError, Fonts};

pub(crate) struct DocumentWorld {
    library: Arc<LazyHash<Library>>,
    fonts: Arc<Fonts>,
    faces: Which,
    main: FileId,
    sources: HashMap<FileId, Source>,
    files: HashMap<FileId, Bytes>,
}

impl DocumentWorld {
    pub(crate) fn new(
        library: Arc<LazyHash<Library>>,
        fonts: Arc<Fonts>,
        faces: Which,
        main: FileId,
    ) -> Self {
        Self {
            library,
            fonts,
            faces,
            main,
            sources: HashMap::new(),
            files: HashMap::new(),
        }
    }

    /// Adds a file; those that end in `.typ` can be imported.
    pub(crate) fn add(&mut self, path: &str, data: Bytes) -> Result<(), DocumentError> {
        let id = file_id(path)?;
        if path.ends_with(".typ") {
            let text = data.as_str().map_err(|_| {
                DocumentError::new("template", format!("文件 {path} 不是 UTF-8 文本"))
            })?;
            self.sources.insert(id, parsed(id, text));
        }
        self.files.insert(id, data);
        Ok(())
    }
}

/// Templates are the same for many papers.
#[comemo::memoize]
fn parsed(id: FileId, text: &str) -> Source {
    Source::new(id, text.to_owned())
}

/// The id of a path inside a template. Ids are never given back, so only paths that packs or this crate
/// name may come here, never one made of a citizen's data.
pub(crate) fn file_id(path: &str) -> Result<FileId, DocumentError> {
    let virtual_path = VirtualPath::new(path)
        .map_err(|_| DocumentError::new("template", format!("文件名 {path} 无效")))?;
    Ok(RootedPath::new(VirtualRoot::Project, virtual_path).intern())
}

impl DocumentWorld {
    fn faces(&self) -> &Faces {
        self.fonts.faces(self.faces)
    }
}

impl World for DocumentWorld {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.faces().book
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        match self.sources.get(&id) {
            Some(source) => Ok(source.clone()),
            None if self.files.contains_key(&id) => Err(FileError::NotSource),
            None => Err(missing(id)),
        }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.files.get(&id).cloned().ok_or_else(|| missing(id))
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.faces().font(index)
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}

fn missing(id: FileId) -> FileError {
    FileError::NotFound(id.get().vpath().get_without_slash().into())
}
