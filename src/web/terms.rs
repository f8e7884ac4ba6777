//! Under which terms public answers may be used, and how they are to be named (出典): the operator's to say.

use std::sync::Arc;

/// What public answers say of themselves.
#[derive(Clone, Debug, PartialEq)]
pub struct Terms(Arc<Inner>);

#[derive(Debug, PartialEq)]
struct Inner {
    source: String,
    licence: String,
    licence_url: String,
}

pub const DEFAULT_SOURCE: &str = "育み（子ども・子育て支援計画の目標と実績）";
/// Digital Agency, 2024; compatible with CC BY 4.0.
pub const DEFAULT_LICENCE: &str = "公共データ利用規約（第1.0版）";
pub const DEFAULT_LICENCE_URL: &str = "https://www.digital.go.jp/resources/open_data/public_data_license_v1.0";

impl Terms {
    /// The address is ASCII: it travels in a header.
    pub fn new(source: String, licence: String, licence_url: String) -> Self {
        Self(Arc::new(Inner { source, licence, licence_url }))
    }

    /// Who is to be named as the source.
    pub fn source(&self) -> &str {
        &self.0.source
    }

    pub fn licence(&self) -> &str {
        &self.0.licence
    }

    pub fn licence_url(&self) -> &str {
        &self.0.licence_url
    }
}

impl Default for Terms {
    fn default() -> Self {
        Self::new(DEFAULT_SOURCE.to_owned(), DEFAULT_LICENCE.to_owned(), DEFAULT_LICENCE_URL.to_owned())
    }
}
