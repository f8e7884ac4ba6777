//! Keys in paths: canonical forms only. Another spelling is refused with the right address.

use crate::domain::code::{Code, Owner};
use crate::domain::key::{LocalCode, PlanCode};
use crate::domain::period::Period;
use crate::error::{self, Error};
use actix_web::HttpRequest;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{Required, Schema};
use uuid::Uuid;

/// A value that may stand in a path.
pub trait PathValue: Sized {
    const DESCRIPTION: &'static str;
    const PATTERN: &'static str;
    const MAX_LENGTH: usize;
    const EXAMPLE: &'static str;

    fn read(name: &str, given: &str, request: &HttpRequest) -> Result<Self, Error>;

    fn parameter(name: &str, example: Option<&str>) -> Parameter {
        let schema = ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .pattern(Some(Self::PATTERN))
            .max_length(Some(Self::MAX_LENGTH))
            .build();
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .description(Some(Self::DESCRIPTION))
            .example(Some(example.unwrap_or(Self::EXAMPLE).into()))
            .schema(Some(Schema::Object(schema)))
            .build()
    }
}

/// A part of the address that cannot be one.
fn bad_segment(name: &str, given: &str, ja: &str, en: &str) -> Error {
    Error::at(
        name,
        error::Code::RequestParameter,
        format!("URL の {name}「{given}」：{ja}"),
        format!("{name} `{given}` in the address: {en}"),
    )
}

impl PathValue for Code {
    const DESCRIPTION: &'static str = "全国地方公共団体コード（6桁） / six-digit code of a municipality or prefecture";
    const PATTERN: &'static str = "^[0-9]{6}$";
    const MAX_LENGTH: usize = 6;
    const EXAMPLE: &'static str = "132292";

    fn read(_: &str, given: &str, request: &HttpRequest) -> Result<Self, Error> {
        municipality(given, request)
    }
}

impl PathValue for Uuid {
    const DESCRIPTION: &'static str = "番号（UUID） / its id, a UUID";
    const PATTERN: &'static str = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$";
    const MAX_LENGTH: usize = 36;
    const EXAMPLE: &'static str = "019aa46d-4180-7000-8000-000000000000";

    fn read(name: &str, given: &str, _: &HttpRequest) -> Result<Self, Error> {
        let canonical = given.parse().ok().filter(|id: &Self| id.hyphenated().to_string() == given);
        canonical.ok_or_else(|| bad_segment(name, given, "UUID の形です", "a UUID in lower case"))
    }
}

/// A code in the path: six digits with their check digit.
pub fn municipality(given: &str, request: &HttpRequest) -> Result<Code, Error> {
    Code::parse(given).map_err(|wrong| {
        let addresses: Vec<String> = wrong
            .suggestions()
            .iter()
            .map(|code| {
                let parts = request.path().split('/').map(|part| if part == given { code.as_str() } else { part });
                parts.collect::<Vec<_>>().join("/")
            })
            .collect();
        let (mut ja, mut en) = (wrong.ja(), wrong.en());
        // Some codes are near to none.
        if !addresses.is_empty() {
            ja = format!("{ja}。正しい URL：{}", addresses.join(" または "));
            en = format!("{en}. The right address: {}", addresses.join(" or "));
        }
        Error::at("municipality", error::Code::MunicipalityNotCanonical, ja, en)
    })
}

/// The address of the request with another value for one part of it.
fn address_with(request: &HttpRequest, name: &str, value: &str) -> Option<String> {
    let pattern = request.match_pattern()?;
    let place =
        pattern.split('/').position(|part| part.strip_prefix('{').and_then(|p| p.strip_suffix('}')) == Some(name))?;
    let parts = request.path().split('/').enumerate().map(|(at, part)| if at == place { value } else { part });
    Some(parts.collect::<Vec<_>>().join("/"))
}

impl PathValue for Period {
    const DESCRIPTION: &'static str =
        "期間：2024（年度）、2023-H1、2023-Q1、201710（月）、baseline、2014-（以降） / period, canonical form";
    const PATTERN: &'static str = "^(baseline|[0-9]{4}(-|-H[12]|-Q[1-4])?|[0-9]{6})$";
    const MAX_LENGTH: usize = 8;
    const EXAMPLE: &'static str = "2023";

    fn read(name: &str, given: &str, request: &HttpRequest) -> Result<Self, Error> {
        Period::parse_canonical(given).map_err(|wrong| {
            let address = Period::parse(given).ok().and_then(|period| address_with(request, name, &period.code()));
            Error::at(
                name,
                error::Code::PeriodNotCanonical,
                address.as_ref().map_or_else(|| wrong.ja(), |url| format!("{}。正しい URL：{url}", wrong.ja())),
                address.as_ref().map_or_else(|| wrong.en(), |url| format!("{}. The right address: {url}", wrong.en())),
            )
        })
    }
}

impl PathValue for PlanCode {
    const DESCRIPTION: &'static str =
        "計画コード：所有団体の6桁コード-名前 / plan code: the owner's code, a hyphen, a name";
    const PATTERN: &'static str = "^[0-9]{6}-[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$";
    const MAX_LENGTH: usize = 55;
    const EXAMPLE: &'static str = "132292-mihon-2020";

    fn read(name: &str, given: &str, _: &HttpRequest) -> Result<Self, Error> {
        PlanCode::parse(given).ok_or_else(|| {
            bad_segment(
                name,
                given,
                "計画コードは 132284-kodomo-2020 の形です",
                "a plan code looks like 132284-kodomo-2020",
            )
        })
    }
}

impl PathValue for LocalCode {
    const DESCRIPTION: &'static str =
        "所有者の中で一意なコード（英数字 . _ -、40字まで） / code, unique within its owner";
    const PATTERN: &'static str = "^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$";
    const MAX_LENGTH: usize = 40;
    const EXAMPLE: &'static str = "4";

    fn read(name: &str, given: &str, _: &HttpRequest) -> Result<Self, Error> {
        LocalCode::parse(given).ok_or_else(|| {
            bad_segment(
                name,
                given,
                "英数字で始まる40字までの英数字 . _ - です",
                "up to 40 letters, digits, `.`, `_`, `-`, a letter or digit first",
            )
        })
    }
}

impl PathValue for Owner {
    const DESCRIPTION: &'static str =
        "所有団体の6桁コード、共通指標は 000000 / owner's code; 000000: common to the nation";
    const PATTERN: &'static str = "^[0-9]{6}$";
    const MAX_LENGTH: usize = 6;
    const EXAMPLE: &'static str = "132292";

    fn read(_: &str, given: &str, request: &HttpRequest) -> Result<Self, Error> {
        Owner::parse(given).or_else(|_| municipality(given, request).map(Owner::Body))
    }
}

impl PathValue for i16 {
    const DESCRIPTION: &'static str = "年度（西暦4桁、4月始まり） / fiscal year by its first calendar year";
    const PATTERN: &'static str = "^(199[0-9]|20[0-5][0-9]|2060)$";
    const MAX_LENGTH: usize = 4;
    const EXAMPLE: &'static str = "2020";

    fn read(name: &str, given: &str, _: &HttpRequest) -> Result<Self, Error> {
        let year = (given.len() == 4).then(|| given.parse().ok()).flatten().filter(|year| (1990..=2060).contains(year));
        year.ok_or_else(|| bad_segment(name, given, "1990から2060までの西暦4桁です", "four digits, 1990 to 2060"))
    }
}

/// Number of a changed goal: 1, 2, …
impl PathValue for u8 {
    const DESCRIPTION: &'static str = "変更目標の番号（1から） / number of the changed goal, from 1";
    const PATTERN: &'static str = "^[1-9][0-9]?$";
    const MAX_LENGTH: usize = 2;
    const EXAMPLE: &'static str = "1";

    fn read(name: &str, given: &str, _: &HttpRequest) -> Result<Self, Error> {
        let number = (!given.starts_with('0')).then(|| given.parse().ok()).flatten().filter(|n| (1..=99).contains(n));
        number.ok_or_else(|| bad_segment(name, given, "1から99までの番号です", "a number from 1 to 99"))
    }
}

/// The key of a resource as it stands in its path: read, documented and written to the journal from one line.
#[macro_export]
macro_rules! path_key {
    ($(#[$meta:meta])* pub struct $name:ident { $($field:ident: $type:ty $(= $example:literal)?),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize)]
        pub struct $name { $(pub $field: $type),+ }

        impl actix_web::FromRequest for $name {
            type Error = $crate::error::Error;
            type Future = std::future::Ready<Result<Self, $crate::error::Error>>;

            fn from_request(request: &actix_web::HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
                let read = || Ok(Self { $($field: <$type as $crate::web::path::PathValue>::read(
                    stringify!($field),
                    request.match_info().get(stringify!($field)).unwrap_or_default(),
                    request,
                )?),+ });
                std::future::ready(read())
            }
        }
        impl utoipa::IntoParams for $name {
            fn into_params(
                _: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
            ) -> Vec<utoipa::openapi::path::Parameter> {
                vec![$({
                    let example: &[&str] = &[$($example)?];
                    <$type as $crate::web::path::PathValue>::parameter(stringify!($field), example.first().copied())
                }),+]
            }
        }
    };
}
