//! The source tree as text.

use std::fs;
use std::path::Path;

pub struct Source {
    /// From the root of the project, with slashes.
    pub path: String,
    pub text: String,
}

/// Every file below a folder of the project, in order; none where there is no such folder.
pub fn sources(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut found, mut folders) = (Vec::new(), vec![root.join(folder)]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                found.push(Source { path: name, text: fs::read_to_string(&path).unwrap() });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

impl Source {
    /// `plans` of `src/plans/routes.rs`; `app` of `src/app.rs`
    pub fn slice(&self) -> &str {
        self.path.split('/').nth(1).unwrap_or("").trim_end_matches(".rs")
    }

    fn is_test(&self) -> bool {
        self.path.ends_with("/tests.rs") || self.path.contains("/tests/")
    }

    /// Numbered lines without comments, and without the tests that stand at the end of a file.
    pub fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines: Vec<&str> = self.text.lines().collect();
        let tests = lines.windows(2).position(|pair| pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod tests {"));
        let end = if self.is_test() { 0 } else { tests.unwrap_or(lines.len()) };
        let whole = lines.into_iter().take(end);
        whole.enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")).map(|(at, line)| (at + 1, line))
    }

    /// Is this a place for SQL?
    pub fn holds_sql(&self) -> bool {
        self.path.ends_with("/queries.rs")
            || self.path.contains("/queries/")
            || ["db", "journal", "publications"].contains(&self.slice())
    }
}

/// Does the name that begins here also end where it should?
pub fn is_word_at(text: &str, at: usize, name: &str) -> bool {
    !text[at + name.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
}
