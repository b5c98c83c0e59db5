//! From a template and its data to laid-out pages. Must not know what the pages are written as.

mod messages;
mod world;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Semaphore;
use tokio::task::JoinError;
use typst::foundations::Bytes;
use typst::utils::LazyHash;
use typst::{Library, LibraryExt};
use typst_layout::PagedDocument;

use self::world::{DocumentWorld, file_id};
use crate::{DocumentError, Fonts, Pages, qr};

const LETTERS: &str = include_str!("lib.typ");

/// After so many documents the compiler forgets what it has not used lately, so that memory stays flat.
const FORGET_EVERY: usize = 32;
const FORGET_OLDER: usize = 2;

/// A template: the main Typst text and the other files of the pack that it may import or show.
#[derive(Clone, Debug, Default)]
pub struct Template {
    /// File name, for error messages.
    pub name: String,
    pub source: String,
    /// Path inside the template (`/logo.png`) to content.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Template {
    pub fn new(name: impl Into<String>, source: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            source: source.into(),
            files: BTreeMap::new(),
        }
    }

    pub fn with_file(mut self, path: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        self.files.insert(path.into(), content.into());
        self
    }
}

/// Sets documents. Cheap to clone; made once with the typefaces.
#[derive(Clone)]
pub struct Typesetter {
    library: Arc<LazyHash<Library>>,
    pub(crate) fonts: Arc<Fonts>,
    count: Arc<AtomicUsize>,
    /// One for each processor.
    seats: Arc<Semaphore>,
}

impl Typesetter {
    pub fn new(fonts: Fonts) -> Self {
        Self {
            library: Arc::new(LazyHash::new(Library::default())),
            fonts: Arc::new(fonts),
            count: Arc::new(AtomicUsize::new(0)),
            seats: Arc::new(Semaphore::new(
                std::thread::available_parallelism().map_or(2, usize::from),
            )),
        }
    }

    /// Does what makes a document on a thread of its own; as many at once as there are processors, however many wait for
    /// their turn, so that pages are served beside them.
    pub async fn at_a_seat<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, JoinError> {
        let seat = Arc::clone(&self.seats).acquire_owned().await;
        tokio::task::spawn_blocking(move || {
            let _seat = seat;
            work()
        })
        .await
    }

    /// The characters of a text that cannot be printed, each once.
    pub fn unprintable(&self, text: &str) -> Vec<char> {
        self.fonts.lacking(text)
    }

    /// Lays the template out. It reads its data by `json("/data.json")`, the letter parts by
    /// `#import "/lib.typ": *`, and the QR picture of `data.qr` as `/qr.png`.
    ///
    /// # Errors
    /// With file, line and a sentence when the template is wrong or the data lacks what it asks for.
    pub fn typeset(
        &self,
        template: &Template,
        data: &serde_json::Value,
    ) -> Result<Pages, DocumentError> {
        let world = self.world(template, data)?;
        let compiled = typst::compile::<PagedDocument>(&world);
        let result = compiled
            .output
            .map_err(|errors| messages::first(&world, &errors));
        if self.count.fetch_add(1, Ordering::Relaxed) % FORGET_EVERY == FORGET_EVERY - 1 {
            typst::comemo::evict(FORGET_OLDER);
        }
        result.map(Pages::new)
    }

    fn world(
        &self,
        template: &Template,
        data: &serde_json::Value,
    ) -> Result<DocumentWorld, DocumentError> {
        let name = if template.name.ends_with(".typ") {
            template.name.clone()
        } else {
            format!("{}.typ", template.name)
        };
        let main = file_id(&name)?;
        let json = serde_json::to_string(data)
            .map_err(|e| DocumentError::new("template", format!("文书数据无法写成 JSON：{e}")))?;
        let faces = self.fonts.for_text(&json);
        let mut world = DocumentWorld::new(self.library.clone(), self.fonts.clone(), faces, main);
        world.add("/lib.typ", Bytes::from_string(LETTERS))?;
        world.add("/data.json", Bytes::from_string(json))?;
        if let Some(text) = data.get("qr").and_then(serde_json::Value::as_str)
            && !text.is_empty()
        {
            world.add("/qr.png", Bytes::new(qr::png(text)?))?;
        }
        for (path, content) in &template.files {
            world.add(path, Bytes::new(content.clone()))?;
        }
        world.add(&name, Bytes::from_string(template.source.clone()))?;
        Ok(world)
    }
}
