//! The ZIP package of an OFD. Written in one canonical form only (stored entries, fixed header fields), so that
//! every byte of a sealed file is either covered by a digest or fixed by the form. Knows no OFD.

mod read;
mod write;

pub(crate) use read::{Archive, Digest, Place, ReadFault, ReadFaultKind};

/// Files of a package in their order. Names have no leading slash.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Package {
    entries: Vec<(String, Vec<u8>)>,
}

impl Package {
    /// Adds a file, or replaces the one of that name.
    pub(crate) fn add(&mut self, name: impl Into<String>, data: Vec<u8>) {
        let name = name.into();
        match self.entries.iter_mut().find(|(n, _)| *n == name) {
            Some(entry) => entry.1 = data,
            None => self.entries.push((name, data)),
        }
    }

    /// The file at an absolute or relative path from the root.
    pub(crate) fn get(&self, path: &str) -> Option<&[u8]> {
        let name = path.trim_start_matches('/');
        self.entries
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, data)| data.as_slice())
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.entries.iter().map(|(n, d)| (n.as_str(), d.as_slice()))
    }
}

/// `path` as it stands in a file of the folder `base`: absolute paths stay, `..` and `.` are resolved.
pub(crate) fn resolve(base: &str, path: &str) -> String {
    let mut parts: Vec<&str> = if path.starts_with('/') {
        Vec::new()
    } else {
        base.split('/').filter(|p| !p.is_empty()).collect()
    };
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The folder of a file, without slashes at either end.
pub(crate) fn folder(path: &str) -> &str {
    path.trim_start_matches('/')
        .rsplit_once('/')
        .map_or("", |(folder, _)| folder)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_and_every_flipped_byte_is_noticed() {
        let mut package = Package::default();
        package.add("OFD.xml", b"<a/>".to_vec());
        package.add("Doc_0/\u{7ae0}.dat", vec![7; 40]);
        let bytes = package.write().unwrap();
        assert_eq!(Package::read(&bytes).unwrap(), package);
        for index in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[index] ^= 0x10;
            let same = Package::read(&changed)
                .is_ok_and(|p| p == package && p.write().unwrap() == changed);
            assert!(!same, "byte {index} is free");
        }
    }

    #[test]
    fn paths_are_resolved_from_the_folder_of_the_file_that_names_them() {
        assert_eq!(
            resolve("Doc_0/Signs", "Sign_0/Signature.xml"),
            "Doc_0/Signs/Sign_0/Signature.xml"
        );
        assert_eq!(resolve("Doc_0/Signs", "/OFD.xml"), "OFD.xml");
        assert_eq!(resolve("Doc_0", "../../OFD.xml"), "OFD.xml");
    }
}
