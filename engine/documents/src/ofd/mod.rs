//! Writes OFD packages (GB/T 33190-2016), strict to the schemas of its annex A. What writes pages knows nothing of seals.

mod content;
mod fonts;
mod geometry;
pub(crate) mod package;
pub(crate) mod seal;
mod sfnt;
mod text;
pub(crate) mod xml;

use tongban_base::Timestamp;
use typst_layout::PagedDocument;

use self::content::{Canvas, Resources};
use self::geometry::Matrix;
use self::xml::Xml;
use crate::DocumentError;
use crate::container::Package;

/// What an OFD says about itself.
#[derive(Clone, Debug)]
pub struct OfdOptions {
    /// 32 hexadecimal digits that name the document for ever.
    pub id: String,
    pub title: String,
    pub author: String,
    pub created: Timestamp,
    /// Metadata for programs, e.g. ZZMC, ZZBH, ZZBFJG of a licence (GB/T 36903).
    pub metadata: Vec<(String, String)>,
}

pub(crate) fn write(
    document: &PagedDocument,
    options: &OfdOptions,
) -> Result<Vec<u8>, DocumentError> {
    let mut resources = Resources::default();
    let mut pages = Vec::new();
    let mut size = None;
    for page in document.pages() {
        let id = resources.next_id();
        size.get_or_insert(page.frame.size());
        let mut canvas = Canvas::new(&mut resources, page.frame.size());
        if let Some(paint) = page.fill_or_transparent() {
            canvas.background(&paint, page.frame.size())?;
        }
        canvas.frame(&page.frame, Matrix::IDENTITY)?;
        pages.push((id, canvas.finish()));
    }
    let size = size.ok_or_else(|| DocumentError::new("ofd", "文书没有页面"))?;
    let area = format!(
        "0 0 {} {}",
        xml::number(size.x.to_mm()),
        xml::number(size.y.to_mm())
    );

    let mut package = Package::default();
    package.add("OFD.xml", root(options));
    package.add(
        "Doc_0/Document.xml",
        document_xml(&resources, &pages, &area),
    );
    package.add("Doc_0/PublicRes.xml", public_resources(&resources));
    if !resources.images.is_empty() {
        package.add("Doc_0/DocumentRes.xml", document_resources(&resources));
    }
    for font in &resources.fonts {
        package.add(format!("Doc_0/Res/{}", font.file_name()), font.embed()?);
    }
    for image in &resources.images {
        package.add(
            format!("Doc_0/Res/{}", image.file_name()),
            image.data.clone(),
        );
    }
    for (index, (_, content)) in pages.into_iter().enumerate() {
        package.add(format!("Doc_0/Pages/Page_{index}/Content.xml"), content);
    }
    package.write()
}

fn root(options: &OfdOptions) -> Vec<u8> {
    let mut xml = Xml::new("OFD", &[("Version", "1.0"), ("DocType", "OFD")]);
    xml.open("DocBody", &[]).open("DocInfo", &[]);
    xml.leaf("DocID", &[], &options.id)
        .leaf("Title", &[], &options.title)
        .leaf("Author", &[], &options.author)
        .leaf("CreationDate", &[], &options.created.date().to_string())
        .leaf("Creator", &[], "Tongban")
        .leaf("CreatorVersion", &[], env!("CARGO_PKG_VERSION"));
    if !options.metadata.is_empty() {
        xml.open("CustomDatas", &[]);
        for (name, value) in &options.metadata {
            xml.leaf("CustomData", &[("Name", name)], value);
        }
        xml.close();
    }
    xml.close().leaf("DocRoot", &[], "Doc_0/Document.xml");
    xml.finish()
}

fn document_xml(resources: &Resources, pages: &[(u32, Vec<u8>)], area: &str) -> Vec<u8> {
    let mut xml = Xml::new("Document", &[]);
    xml.open("CommonData", &[])
        .leaf("MaxUnitID", &[], &resources.last_id().to_string())
        .open("PageArea", &[])
        .leaf("PhysicalBox", &[], area)
        .close()
        .leaf("PublicRes", &[], "PublicRes.xml");
    if !resources.images.is_empty() {
        xml.leaf("DocumentRes", &[], "DocumentRes.xml");
    }
    xml.close().open("Pages", &[]);
    for (index, (id, _)) in pages.iter().enumerate() {
        let place = format!("Pages/Page_{index}/Content.xml");
        xml.empty("Page", &[("ID", &id.to_string()), ("BaseLoc", &place)]);
    }
    xml.finish()
}

fn public_resources(resources: &Resources) -> Vec<u8> {
    let mut xml = Xml::new("Res", &[("BaseLoc", "Res")]);
    if !resources.fonts.is_empty() {
        xml.open("Fonts", &[]);
        for font in &resources.fonts {
            let attributes = font.attributes();
            let attributes: Vec<(&str, &str)> =
                attributes.iter().map(|(k, v)| (*k, v.as_str())).collect();
            xml.open("Font", &attributes)
                .leaf("FontFile", &[], &font.file_name())
                .close();
        }
    }
    xml.finish()
}

fn document_resources(resources: &Resources) -> Vec<u8> {
    let mut xml = Xml::new("Res", &[("BaseLoc", "Res")]);
    xml.open("MultiMedias", &[]);
    for image in &resources.images {
        let id = image.id.to_string();
        xml.open(
            "MultiMedia",
            &[("ID", &id), ("Type", "Image"), ("Format", image.format)],
        )
        .leaf("MediaFile", &[], &image.file_name())
        .close();
    }
    xml.finish()
}
