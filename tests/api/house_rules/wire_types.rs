//! The types that travel: found by their derive, or by the macro that writes them.

use super::none;
use super::source::{Source, sources};
use std::collections::BTreeMap;

struct WireType {
    name: String,
    place: String,
    is_struct: bool,
    /// Derives and serde attributes; empty for those a macro of ours completes.
    attributes: String,
}

fn wire_types(source: &Source) -> Vec<WireType> {
    let (mut found, mut attributes, mut depth, mut in_macro) = (Vec::new(), String::new(), 0, false);
    for (number, line) in source.code() {
        let trimmed = line.trim();
        if depth > 0 || trimmed.starts_with("#[") {
            attributes += trimmed;
            depth += trimmed.matches(['[', '(']).count();
            depth -= trimmed.matches([']', ')']).count();
            continue;
        }
        in_macro = (in_macro || ["words! {", "resource! {"].iter().any(|name| line.ends_with(name))) && line != "}";
        let given = std::mem::take(&mut attributes);
        let words = trimmed.trim_start_matches("pub ").trim_start_matches("body ");
        let declared = words.strip_prefix("struct ").map(|rest| (rest, true));
        let declared = declared.or_else(|| words.strip_prefix("enum ").map(|rest| (rest, false)));
        let listed = trimmed.strip_prefix("list_of!(").map(|rest| (rest, true));
        let Some((rest, is_struct)) = declared.or(listed) else { continue };
        let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let travels = in_macro || listed.is_some() || given.contains("ToSchema") || given.contains("IntoParams");
        if travels && !name.is_empty() {
            let place = format!("{}:{number}: {name}", source.path);
            found.push(WireType { name, place, is_struct, attributes: given });
        }
    }
    found
}

fn all() -> Vec<WireType> {
    let all: Vec<WireType> = sources("src").iter().flat_map(wire_types).collect();
    for known in ["Plan", "PutPlan", "PlanList", "PlanKind", "PlanFilter", "Problem", "MunicipalityKind"] {
        assert!(all.iter().any(|found| found.name == known), "the search does not find {known}");
    }
    all
}

/// utoipa keeps the last of two and says nothing.
#[test]
fn names_are_unique_in_the_crate() {
    let mut places = BTreeMap::<String, Vec<String>>::new();
    for found in all() {
        places.entry(found.name).or_default().push(found.place);
    }
    none("wire types with one name", places.into_values().filter(|places| places.len() > 1).flatten().collect());
}

#[test]
fn nothing_unknown_is_taken() {
    let open = all().into_iter().filter(|found| {
        let reads = found.attributes.contains("Deserialize");
        found.is_struct && reads && !found.attributes.contains("deny_unknown_fields")
    });
    none("what is read has #[serde(deny_unknown_fields)]", open.map(|found| found.place).collect());
}

#[test]
fn no_request_is_written_as_it_came() {
    let writes = |found: &WireType| ["Insertable", "AsChangeset"].iter().any(|name| found.attributes.contains(name));
    let broken = all().into_iter().filter(writes).map(|found| found.place);
    none("a wire type derives neither Insertable nor AsChangeset: the row struct is private", broken.collect());
}

/// What a filter works out of its parameters (`#[param(ignore)]` beside it) is no part of the contract; all else is.
#[test]
fn no_field_is_skipped() {
    let mut broken = Vec::new();
    for source in sources("src") {
        let lines: Vec<(usize, &str)> = source.code().collect();
        for window in lines.windows(3) {
            let (number, line) = window[1];
            let skips =
                ["serde(skip)", "skip_serializing)", "skip_deserializing"].iter().any(|word| line.contains(word));
            if skips && !window.iter().any(|(_, line)| line.contains("param(ignore)")) {
                broken.push(format!("{}:{number}: {}", source.path, line.trim()));
            }
        }
    }
    none("no #[serde(skip)] on a wire type", broken);
}
