//! The formats that a material may be handed in as. This list is the only one: what a pack names is read as one of it.

use serde::{Deserialize, Deserializer, Serialize, de};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FileKind {
    Pdf,
    Jpg,
    Png,
    Ofd,
}

impl FileKind {
    pub const ALL: [FileKind; 4] = [Self::Pdf, Self::Jpg, Self::Png, Self::Ofd];

    /// As packs write it, and as names of files end.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Jpg => "jpg",
            Self::Png => "png",
            Self::Ofd => "ofd",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Pdf => "PDF",
            Self::Jpg => "JPG",
            Self::Png => "PNG",
            Self::Ofd => "OFD",
        }
    }

    pub fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpg => "image/jpeg",
            Self::Png => "image/png",
            Self::Ofd => "application/ofd",
        }
    }

    /// How names of such files may end, the usual way first.
    pub fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Jpg => &["jpg", "jpeg", "jfif", "jpe"],
            Self::Png => &["png"],
            Self::Ofd => &["ofd"],
        }
    }

    /// The format that a name claims by its ending.
    pub fn of_name(name: &str) -> Option<Self> {
        let ending = name.rsplit_once('.')?.1.to_ascii_lowercase();
        Self::ALL
            .into_iter()
            .find(|kind| kind.endings().contains(&ending.as_str()))
    }
}

impl<'de> Deserialize<'de> for FileKind {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = String::deserialize(from)?;
        let found = Self::ALL.into_iter().find(|kind| kind.name() == name);
        found.ok_or_else(|| {
            let known = Self::ALL.map(Self::name).join("、");
            de::Error::custom(format!("不能接收“{name}”格式的材料，可以写的有 {known}"))
        })
    }
}
