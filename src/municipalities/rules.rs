use super::types::Succession;
use crate::error::Error;
use crate::web::write::etag;
use aws_lc_rs::digest::{SHA256, digest};

/// Another's naming it as its successor changes what is shown of a municipality, but not its version. A write reads the
/// part before `;`.
pub fn shown_etag(version: i64, predecessors: &[Succession]) -> Result<String, Error> {
    if predecessors.is_empty() {
        return Ok(etag(version));
    }
    let shown = serde_json::to_vec(predecessors).map_err(Error::internal)?;
    let print: String = digest(&SHA256, &shown).as_ref().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("\"v{version};{print}\""))
}
