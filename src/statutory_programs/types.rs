use crate::db::schema::statutory_programs;
use crate::error::Error;
use crate::list_of;
use crate::plans::types::parameter_fiscal_year;
use crate::web::params::Filter;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// 法定事業 / a statutory program
#[derive(Debug, Serialize, ToSchema, Queryable, Selectable)]
#[diesel(table_name = statutory_programs)]
#[serde(deny_unknown_fields)]
pub struct StatutoryProgram {
    /// 法定事業コード / code
    #[schema(min_length = 1, max_length = 60, example = "prenatal_checkups")]
    pub code: String,
    /// 名称（日本語）
    #[schema(max_length = 200, example = "妊婦健康診査")]
    pub name_ja: String,
    /// 名称（英語） / name in English
    #[schema(max_length = 200, example = "Prenatal checkups")]
    pub name_en: String,
    /// 最初の年度 / first fiscal year
    #[schema(minimum = 1990, maximum = 2060, example = 2015)]
    pub fiscal_year_from: i16,
    /// 最後の年度。null：継続中 / last fiscal year; null: in force
    #[schema(minimum = 1990, maximum = 2060)]
    pub fiscal_year_to: Option<i16>,
    /// 法令の順 / order of the law
    #[schema(minimum = 1, maximum = 1000, example = 13)]
    pub position: i16,
}
list_of!(StatutoryProgramList, StatutoryProgram);

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StatutoryProgramFilter {
    /// この年度に行われるもの。省略：すべて / in force in this fiscal year; without: all
    #[param(minimum = 1990, maximum = 2060, example = 2024)]
    pub fiscal_year: Option<i16>,
}

impl Filter for StatutoryProgramFilter {
    fn check(&mut self) -> Result<(), Error> {
        parameter_fiscal_year("fiscal_year", self.fiscal_year)
    }
}
