use crate::domain::code::Code;
use crate::domain::key::LocalCode;
use crate::error::{Code as ErrorCode, Error, Finding};
use crate::municipalities::types::parameter_code;
use crate::plans::types::{parameter_fiscal_year, require_local_code};
use crate::web::json::Rules;
use crate::web::params::Filter;
use crate::{list_of, path_key, resource};
use serde::Deserialize;
use utoipa::IntoParams;

path_key! {
    /// Address of a department.
    pub struct DepartmentKey { municipality: Code, department: LocalCode = "hoiku" }
}

resource! {
    /// 担当課 / a department
    struct Department {
        /// 団体
        #[schema(pattern = "^[0-9]{6}$", min_length = 6, max_length = 6, example = "132284")]
        municipality: String,
        /// 担当課のコード（団体の中で一意）
        #[schema(pattern = "^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", min_length = 1, max_length = 40, example = "kosodate-shien")]
        code: String,
    }
    /// 担当課の登録内容
    body struct PutDepartment {
        /// 名称 / name
        #[validate(length(min = 1, max = 200))]
        #[schema(min_length = 1, max_length = 200, example = "子育て支援課")]
        name: String,
        /// 局・部 / bureau
        #[serde(default)]
        #[validate(length(min = 1, max = 200))]
        #[schema(min_length = 1, max_length = 200, example = "子ども家庭部")]
        bureau: Option<String>,
        /// 最初の年度。null：定めない / first fiscal year; null: not said
        #[serde(default)]
        #[validate(range(min = 1990, max = 2060))]
        #[schema(minimum = 1990, maximum = 2060, example = 2020)]
        fiscal_year_from: Option<i16>,
        /// 最後の年度。null：存続 / last fiscal year; null: still there
        #[serde(default)]
        #[validate(range(min = 1990, max = 2060))]
        #[schema(minimum = 1990, maximum = 2060, example = 2024)]
        fiscal_year_to: Option<i16>,
        /// 後継の担当課のコード（同じ団体の中） / code of the department that came after it, of the same municipality
        #[serde(default)]
        #[schema(pattern = "^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", min_length = 1, max_length = 40, example = "kodomo-seisaku")]
        successor: Option<String>,
    }
}
list_of!(DepartmentList, Department);

impl Rules for PutDepartment {
    fn check(&mut self, findings: &mut Vec<Finding>) {
        require_local_code("/successor", self.successor.as_deref(), findings);
        if let (Some(from), Some(to)) = (self.fiscal_year_from, self.fiscal_year_to)
            && from > to
        {
            let (ja, en) = ("最後の年度が最初の年度より前です", "the last fiscal year lies before the first");
            findings.push(Finding::new("/fiscal_year_to", ErrorCode::RequestInvalid, ja, en));
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DepartmentFilter {
    /// 団体コード / code of the municipality or prefecture
    #[param(pattern = "^[0-9]{6}$", max_length = 6, example = "132292")]
    pub municipality: Option<String>,
    /// この年度に存在する担当課。省略：すべて / existing in this fiscal year; without: all
    #[param(minimum = 1990, maximum = 2060, example = 2024)]
    pub valid_in: Option<i16>,
}

impl Filter for DepartmentFilter {
    fn check(&mut self) -> Result<(), Error> {
        parameter_code("municipality", self.municipality.as_ref())?;
        parameter_fiscal_year("valid_in", self.valid_in)
    }
}
