//! Under what name a file is kept.

use tongban_base::typed;

use super::FileKind;

/// The last part of the name, without characters that could steer a terminal or a header, and not too long. The ending
/// follows the content: whoever opens the file later goes by it.
///
/// # Errors
/// A name that claims to be something that cannot be kept, in words.
pub fn kept_name(name: &str, kind: FileKind) -> Result<String, String> {
    let name = shown_name(name);
    if name.contains('.') && FileKind::of_name(&name).is_none() {
        let (title, ending) = (kind.title(), kind.name());
        return Err(format!(
            "只能上传文件名以 .{ending} 结尾的 {title} 文件，请改正文件名后再上传"
        ));
    }
    Ok(named(name, kind))
}

fn named(name: String, kind: FileKind) -> String {
    if FileKind::of_name(&name) == Some(kind) {
        return name;
    }
    let stem = match FileKind::of_name(&name) {
        Some(_) => name
            .rsplit_once('.')
            .map_or(name.as_str(), |(stem, _)| stem),
        None => &name,
    };
    format!("{stem}.{}", kind.name())
}

fn shown_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let clean: String = typed::visible(last)
        .chars()
        .filter(|c| !c.is_control() && *c != '"')
        .collect();
    let length = clean.chars().count();
    clean.chars().skip(length.saturating_sub(120)).collect()
}

#[cfg(test)]
mod tests {
    use super::{named, shown_name};
    use crate::FileKind;

    #[test]
    fn the_name_of_a_file_shows_its_ending_and_nothing_unseen() {
        for (sent, shown) in [
            ("原证\u{202e}gpj.exe", "原证gpj.exe"),
            ("\u{202d}原证\u{202c}.pdf", "原证.pdf"),
            ("C:\\a\\原\u{200b}证\u{feff}.pdf", "原证.pdf"),
            ("原\"证\n.pdf", "原证.pdf"),
        ] {
            assert_eq!(shown_name(sent), shown, "{sent:?}");
        }
    }

    #[test]
    fn a_name_ends_as_the_content_says() {
        for (name, kind, ends) in [
            ("照片.jfif", FileKind::Jpg, "照片.jfif"),
            ("照片.JPG", FileKind::Png, "照片.png"),
            ("照片", FileKind::Jpg, "照片.jpg"),
        ] {
            assert_eq!(named(name.to_owned(), kind), ends);
        }
    }
}
