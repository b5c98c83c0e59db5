//! What stands on laid-out pages: their words, without spaces and ends of lines, and their pictures.

use typst::layout::{Frame, FrameItem};
use typst::visualize::{Image, ImageKind};
use typst_layout::PagedDocument;

pub(crate) fn words(document: &PagedDocument) -> String {
    let mut found = String::new();
    items(document, &mut |item| {
        if let FrameItem::Text(text) = item {
            found.extend(text.text.chars().filter(|c| !c.is_whitespace()));
        }
    });
    found
}

pub(crate) fn has_picture(document: &PagedDocument, content: &[u8]) -> bool {
    let mut found = false;
    items(document, &mut |item| {
        if let FrameItem::Image(image, ..) = item {
            found |= is_of(image, content);
        }
    });
    found
}

fn is_of(image: &Image, content: &[u8]) -> bool {
    match image.kind() {
        ImageKind::Raster(raster) => raster.data().as_slice() == content,
        ImageKind::Svg(_) | ImageKind::Pdf(_) => false,
    }
}

fn items(document: &PagedDocument, each: &mut dyn FnMut(&FrameItem)) {
    for page in document.pages() {
        within(&page.frame, each);
    }
}

fn within(frame: &Frame, each: &mut dyn FnMut(&FrameItem)) {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Group(group) => within(&group.frame, each),
            other => each(other),
        }
    }
}
