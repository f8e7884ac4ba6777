//! What an XLSX holds, looked through before anything of it is kept: a small file can be made to inflate without end.
//!
//! calamine keeps all shared strings and styles in memory, and makes room for as many as the file says it has; so these
//! are counted first, and parts whose encoding could hide them are refused.

use super::{BYTES, refused};
use crate::error::Error;
use std::io::{Cursor, Read};
use zip::ZipArchive;
use zip::result::ZipError;

/// All parts together, inflated.
pub const INFLATED: u64 = 128 << 20;
const ENTRIES: usize = 200;
/// Deflate itself goes up to 1,032; a sheet of a million equal cells reaches some 60.
const RATIO: u64 = 200;
/// Below this nobody minds the ratio.
const SMALL: u64 = 1 << 20;
/// The longest stretch without a tag: a text or an attribute.
const STRETCH: usize = 2 << 20;
/// `<` in one part that is neither a sheet nor the shared strings.
const TAGS: usize = 1_000_000;
/// `<` in the styles: each format of a cell is kept with all it has.
const STYLE_TAGS: usize = 100_000;
/// Texts that are shared by cells.
const STRINGS: u64 = 2_000_000;

const OLE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
const CENTRAL: &[u8] = b"PK\x01\x02";

pub fn check(bytes: &[u8]) -> Result<(), Error> {
    if bytes.len() > BYTES {
        let most = BYTES >> 20;
        return Err(refused::too_large(
            format!("ファイルは{most} MiBまでです。分けて送ってください"),
            format!("At most {most} MiB: send it in parts"),
        ));
    }
    if bytes.starts_with(OLE) {
        let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
        return Err(if bytes.windows(name.len()).any(|window| window == name) {
            refused::kind("パスワード付きのブックです", "The workbook has a password")
        } else {
            refused::kind("古い形式のブック（.xls）です", "This is a workbook of the old kind (.xls)")
        });
    }
    if !bytes.starts_with(b"PK") {
        return Err(refused::kind("Excel ブック（.xlsx）ではありません", "This is no workbook (.xlsx)"));
    }
    // Counted before the directory is read, which keeps a record of each.
    if bytes.windows(CENTRAL.len()).filter(|window| *window == CENTRAL).count() > ENTRIES {
        return Err(bomb());
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|cause| damaged(&cause))?;
    let declared = (0..archive.len())
        .map(|index| archive.by_index_raw(index).map(|entry| (entry.size(), entry.compressed_size())));
    let sizes: Vec<(u64, u64)> = declared.collect::<Result<_, _>>().map_err(|cause| damaged(&cause))?;
    let total = sizes.iter().try_fold(0_u64, |sum, (size, _)| sum.checked_add(*size));
    let dense = sizes.iter().any(|(size, packed)| *size > SMALL && *size / RATIO > *packed);
    if total.is_none_or(|total| total > INFLATED) || dense {
        return Err(bomb());
    }
    let mut left = INFLATED;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|cause| damaged(&cause))?;
        let name = part.name().map_err(|cause| damaged(&cause))?.to_ascii_lowercase().replace('\\', "/");
        known_kind(&name)?;
        look_through(part, &name, &mut left)?;
    }
    Ok(())
}

fn known_kind(name: &str) -> Result<(), Error> {
    match name {
        _ if name.ends_with("vbaproject.bin") => {
            Err(refused::kind("マクロの入ったブック（.xlsm）です", "The workbook has macros (.xlsm)"))
        }
        _ if name.ends_with("xl/workbook.bin") => {
            Err(refused::kind("バイナリ形式のブック（.xlsb）です", "This is a binary workbook (.xlsb)"))
        }
        "mimetype" | "content.xml" => {
            Err(refused::kind("OpenDocument 形式（.ods など）です", "This is an OpenDocument file, such as .ods"))
        }
        "word/document.xml" | "ppt/presentation.xml" => {
            Err(refused::kind("Excel ブックではありません（Word・PowerPoint の文書です）", "This is no workbook"))
        }
        _ => Ok(()),
    }
}

/// Inflates a part and forgets it.
pub fn look_through(mut part: impl Read, name: &str, left: &mut u64) -> Result<(), Error> {
    let strings = name.ends_with("sharedstrings.xml");
    let most = match name {
        _ if strings || name.contains("/worksheets/") => usize::MAX,
        _ if name.ends_with("styles.xml") => STYLE_TAGS,
        _ => TAGS,
    };
    let mut counted = Counted::default();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = part.read(&mut buffer).map_err(|cause| damaged(&ZipError::Io(cause)))?;
        let bytes = buffer.get(..read).unwrap_or_default();
        if bytes.is_empty() {
            break;
        }
        *left = left.checked_sub(u64::try_from(read).unwrap_or(u64::MAX)).ok_or_else(bomb)?;
        counted.take(bytes, strings);
        if counted.tags > most || counted.longest > STRETCH || counted.strings > STRINGS {
            return Err(bomb());
        }
    }
    if (name.ends_with(".xml") || name.ends_with(".rels")) && !counted.is_utf8() {
        return Err(refused::malformed(
            format!("ブックの中の {name} が UTF-8 ではありません。Excel で開いて保存し直してください"),
            format!("The part {name} is not in UTF-8: open the workbook in a spreadsheet and save it again"),
        ));
    }
    Ok(())
}

#[derive(Default)]
struct Counted {
    /// The first bytes, with the declaration of the encoding.
    head: Vec<u8>,
    /// The last bytes of the block before.
    tail: Vec<u8>,
    tags: usize,
    stretch: usize,
    longest: usize,
    strings: u64,
}

impl Counted {
    fn take(&mut self, bytes: &[u8], strings: bool) {
        const HEAD: usize = 200;
        self.head.extend(bytes.iter().take(HEAD.saturating_sub(self.head.len())));
        for byte in bytes {
            self.stretch = if *byte == b'<' { 0 } else { self.stretch + 1 };
            self.longest = self.longest.max(self.stretch);
            self.tags += usize::from(*byte == b'<');
        }
        if strings {
            self.count_strings(bytes);
        }
    }

    /// The strings there are, and those for which room would be made: `uniqueCount="…"`.
    fn count_strings(&mut self, bytes: &[u8]) {
        const KEPT: usize = 64;
        const SAID: &[u8] = b"uniqueCount";
        let seen = self.tail.len();
        let block = [self.tail.as_slice(), bytes].concat();
        let begins = |at: usize, word: &[u8]| block.get(at..).is_some_and(|rest| rest.starts_with(word));
        for (at, byte) in block.iter().enumerate() {
            // A word over the border between two blocks is counted with the second.
            if *byte == b'<' && at + 3 > seen && begins(at, b"<si") {
                self.strings += 1;
            }
            if *byte == b'u' && begins(at, SAID) {
                let behind = block.iter().skip(at + SAID.len()).skip_while(|b| !b.is_ascii_digit());
                let digits: String = behind.take_while(|b| b.is_ascii_digit()).map(|b| char::from(*b)).collect();
                let said = if digits.is_empty() { 0 } else { digits.parse().unwrap_or(u64::MAX) };
                self.strings = self.strings.max(said);
            }
        }
        self.tail = block.iter().skip(block.len().saturating_sub(KEPT)).copied().collect();
    }

    /// Says nothing else of itself: in another encoding the counts would be of other characters.
    fn is_utf8(&self) -> bool {
        let head = self.head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.head);
        let text = String::from_utf8_lossy(head).to_ascii_lowercase();
        let declared = text.split("?>").next().unwrap_or_default();
        let plain = text.is_empty() || (text.starts_with('<') && !text.contains('\0'));
        plain && (!declared.contains("encoding") || declared.contains("utf-8"))
    }
}

fn bomb() -> Error {
    let most = INFLATED >> 20;
    refused::too_large(
        format!(
            "ブックの中身が大きすぎます（展開して{most} MiB、{ENTRIES}部品まで）。使わないシート・書式・画像を消すか、\
             分けて送ってください"
        ),
        format!(
            "The content of the workbook is too large (at most {most} MiB inflated, in {ENTRIES} parts). Remove sheets, \
             formats and pictures that are not used, or send it in parts"
        ),
    )
}

fn damaged(cause: &ZipError) -> Error {
    refused::malformed(
        format!("ブックが壊れています（{cause}）。Excel で開いて保存し直してください"),
        format!("The workbook is damaged ({cause}): open it in a spreadsheet and save it again"),
    )
}
