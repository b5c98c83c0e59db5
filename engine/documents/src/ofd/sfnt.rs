//! Completes a font subset so that readers other than PDF viewers can use it: a character map, and the tables that
//! they ask for. Must not know OFD.

use ttf_parser::RawFace;

/// Tables taken over from the full face when the subset lacks them: metrics that readers insist on.
const KEPT: [&[u8; 4]; 2] = [b"OS/2", b"name"];

/// `subset` with a map of the given characters; `None` when it is no font.
pub(super) fn complete(
    subset: &[u8],
    full: &[u8],
    index: u32,
    map: &[(char, u16)],
) -> Option<Vec<u8>> {
    let face = RawFace::parse(subset, 0).ok()?;
    let original = RawFace::parse(full, index).ok()?;
    let mut tables: Vec<([u8; 4], Vec<u8>)> = face
        .table_records
        .into_iter()
        .filter_map(|r| Some((r.tag.to_bytes(), face.table(r.tag)?.to_vec())))
        .filter(|(tag, _)| tag != b"cmap")
        .collect();
    for tag in KEPT {
        if !tables.iter().any(|(t, _)| t == tag)
            && let Some(data) = original.table(ttf_parser::Tag::from_bytes(tag))
        {
            tables.push((*tag, data.to_vec()));
        }
    }
    if !tables.iter().any(|(t, _)| t == b"post") {
        tables.push((*b"post", post()));
    }
    tables.push((*b"cmap", cmap(map)));
    tables.sort_unstable_by_key(|(tag, _)| *tag);
    let flavour = subset.get(..4)?;
    assemble(flavour, &tables)
}

/// A `post` table of version 3: no glyph names.
fn post() -> Vec<u8> {
    let mut table = vec![0; 32];
    table[1] = 3;
    table
}

/// Format 12 covers all of Unicode; format 4 is there for readers that know only the basic plane.
fn cmap(map: &[(char, u16)]) -> Vec<u8> {
    let mut map = map.to_vec();
    map.sort_unstable();
    let (basic, full) = (format_4(&map), format_12(&map));
    let mut table = Vec::new();
    short(&mut table, 0);
    short(&mut table, 2);
    for (encoding, offset) in [(1, 20), (10, 20 + basic.len())] {
        short(&mut table, 3);
        short(&mut table, encoding);
        long(&mut table, offset as u32);
    }
    table.extend(basic);
    table.extend(full);
    table
}

/// Runs of characters whose glyphs follow one another.
fn runs(map: &[(char, u16)]) -> Vec<(u32, u32, u16)> {
    let mut runs: Vec<(u32, u32, u16)> = Vec::new();
    for (c, glyph) in map {
        let code = u32::from(*c);
        match runs.last_mut() {
            Some((start, end, first))
                if *end + 1 == code && u32::from(*first) + (code - *start) == u32::from(*glyph) =>
            {
                *end = code;
            }
            _ => runs.push((code, code, *glyph)),
        }
    }
    runs
}

fn format_4(map: &[(char, u16)]) -> Vec<u8> {
    let basic: Vec<(char, u16)> = map
        .iter()
        .copied()
        .filter(|(c, _)| u32::from(*c) < 0xFFFF)
        .collect();
    let mut segments = runs(&basic);
    segments.push((0xFFFF, 0xFFFF, 0));
    let count = segments.len() as u16;
    let power = count.ilog2() as u16;
    let mut table = Vec::new();
    short(&mut table, 4);
    short(&mut table, 16 + 8 * count);
    short(&mut table, 0);
    short(&mut table, count * 2);
    short(&mut table, 2 << power);
    short(&mut table, power);
    short(&mut table, (count * 2).wrapping_sub(2 << power));
    for (_, end, _) in &segments {
        short(&mut table, *end as u16);
    }
    short(&mut table, 0);
    for (start, _, _) in &segments {
        short(&mut table, *start as u16);
    }
    for (start, _, first) in &segments {
        // The last, obligatory segment maps U+FFFF to the missing glyph.
        short(&mut table, first.wrapping_sub(*start as u16));
    }
    for _ in &segments {
        short(&mut table, 0);
    }
    table
}

fn format_12(map: &[(char, u16)]) -> Vec<u8> {
    let groups = runs(map);
    let mut table = Vec::new();
    short(&mut table, 12);
    short(&mut table, 0);
    long(&mut table, 16 + 12 * groups.len() as u32);
    long(&mut table, 0);
    long(&mut table, groups.len() as u32);
    for (start, end, first) in groups {
        long(&mut table, start);
        long(&mut table, end);
        long(&mut table, u32::from(first));
    }
    table
}

fn assemble(flavour: &[u8], tables: &[([u8; 4], Vec<u8>)]) -> Option<Vec<u8>> {
    let count = u16::try_from(tables.len()).ok()?;
    let power = count.checked_ilog2()? as u16;
    let mut font = flavour.to_vec();
    short(&mut font, count);
    short(&mut font, 16 << power);
    short(&mut font, power);
    short(&mut font, (count * 16).wrapping_sub(16 << power));
    let mut offset = 12 + 16 * tables.len();
    let mut head = None;
    for (tag, data) in tables {
        if tag == b"head" {
            head = Some(offset);
        }
        font.extend_from_slice(tag);
        long(&mut font, checksum(&without_adjustment(tag, data)));
        long(&mut font, u32::try_from(offset).ok()?);
        long(&mut font, u32::try_from(data.len()).ok()?);
        offset += data.len().next_multiple_of(4);
    }
    for (tag, data) in tables {
        font.extend_from_slice(&without_adjustment(tag, data));
        font.resize(font.len().next_multiple_of(4), 0);
    }
    let adjustment = 0xB1B0_AFBA_u32.wrapping_sub(checksum(&font));
    if let Some(place) = head.and_then(|h| font.get_mut(h + 8..h + 12)) {
        place.copy_from_slice(&adjustment.to_be_bytes());
    }
    Some(font)
}

/// The sum over the whole font stands in `head` and counts as nought while it is made.
fn without_adjustment(tag: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut data = data.to_vec();
    if tag == b"head"
        && let Some(place) = data.get_mut(8..12)
    {
        place.fill(0);
    }
    data
}

fn checksum(data: &[u8]) -> u32 {
    data.chunks(4).fold(0, |sum, chunk| {
        let mut word = [0; 4];
        word[..chunk.len()].copy_from_slice(chunk);
        sum.wrapping_add(u32::from_be_bytes(word))
    })
}

fn short(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_be_bytes());
}

fn long(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_be_bytes());
}
