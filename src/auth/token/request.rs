//! Reading a request for a token.

use super::refusal::{OauthError, Refusal};
use actix_web::dev::Payload;
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName};
use actix_web::{FromRequest, HttpRequest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::LocalBoxFuture;
use futures_util::{FutureExt, StreamExt};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt;
use utoipa::ToSchema;

/// Longer than any honest request.
const MOST_BYTES: usize = 16 * 1024;
const KNOWN: [&str; 4] = ["grant_type", "scope", "client_id", "client_secret"];

/// トークンの請求（application/x-www-form-urlencoded） / a request for a token
///
/// ほかのパラメーターは無視される / other parameters are ignored, as RFC 6749 wants it
#[derive(Default, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenForm {
    /// 常に client_credentials / always `client_credentials`
    #[schema(
        min_length = 18,
        max_length = 18,
        pattern = "^client_credentials$",
        example = "client_credentials",
        nullable = false,
        required
    )]
    grant_type: Option<String>,
    /// 役割を絞る（空白区切り）。なければクライアントの全役割 / some of the client's roles, separated by spaces
    #[schema(max_length = 200, example = "municipal_editor", nullable = false)]
    scope: Option<String>,
    /// Authorization: Basic を使わないとき / where Authorization: Basic is not used
    #[schema(max_length = 200, example = "nishitokyo", nullable = false)]
    client_id: Option<String>,
    /// Authorization: Basic を使わないとき / where Authorization: Basic is not used
    #[schema(max_length = 200, format = Password, nullable = false)]
    client_secret: Option<String>,
}

/// Who asks, with which proof, for what.
pub struct TokenRequest {
    pub client: String,
    pub secret: String,
    pub scope: Option<String>,
}

impl fmt::Debug for TokenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenRequest")
    }
}

/// Why it cannot be read, and whose it seems to be.
#[derive(Debug)]
pub struct Unreadable {
    pub refusal: Refusal,
    pub client: Option<String>,
}

impl From<Refusal> for Unreadable {
    fn from(refusal: Refusal) -> Self {
        Self { refusal, client: None }
    }
}

/// The outcome of reading: the handler tells the log of either.
pub struct Read(pub Result<TokenRequest, Unreadable>);

impl FromRequest for Read {
    type Error = Refusal;
    type Future = LocalBoxFuture<'static, Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let head = check_head(request).and_then(|()| credentials(request));
        let mut payload = payload.take();
        async move {
            let basic = match head {
                Ok(basic) => basic,
                Err(refusal) => return Ok(Self(Err(refusal.into()))),
            };
            let mut body = Vec::new();
            while let Some(chunk) = payload.next().await {
                match chunk {
                    Ok(chunk) if body.len() + chunk.len() <= MOST_BYTES => body.extend_from_slice(&chunk),
                    Ok(_) => return Ok(Self(Err(Refusal::request("the body is longer than 16 KiB").into()))),
                    Err(_) => return Ok(Self(Err(Refusal::request("the body did not arrive whole").into()))),
                }
            }
            Ok(Self(form(&body).map_err(Unreadable::from).and_then(|form| read(form, basic))))
        }
        .boxed_local()
    }
}

/// The only value of a header, if there is one.
fn only(request: &HttpRequest, name: HeaderName) -> Result<Option<&[u8]>, Refusal> {
    let mut all = request.headers().get_all(name);
    match (all.next(), all.next()) {
        (_, Some(_)) => Err(Refusal::request("a header is given twice")),
        (value, None) => Ok(value.map(|value| value.as_bytes())),
    }
}

fn check_head(request: &HttpRequest) -> Result<(), Refusal> {
    if !request.query_string().is_empty() {
        return Err(Refusal::request("parameters are sent in the body, never in the address"));
    }
    let media = only(request, CONTENT_TYPE)?.and_then(|value| std::str::from_utf8(value).ok());
    let media: mime::Mime = media.and_then(|text| text.parse().ok()).ok_or(Refusal::FORM)?;
    let utf8 =
        media.params().all(|(name, value)| name == mime::CHARSET && value.as_str().eq_ignore_ascii_case("utf-8"));
    if media.essence_str() == "application/x-www-form-urlencoded" && utf8 { Ok(()) } else { Err(Refusal::FORM) }
}

/// Id and secret of `Authorization: Basic` (RFC 7617), each form-encoded before (RFC 6749 §2.3.1).
fn credentials(request: &HttpRequest) -> Result<Option<(String, String)>, Refusal> {
    let Some(header) = only(request, AUTHORIZATION)? else { return Ok(None) };
    let header = std::str::from_utf8(header).map_err(|_| Refusal::BASIC)?;
    let (scheme, encoded) = header.split_once(' ').ok_or(Refusal::BASIC)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(Refusal::BASIC);
    }
    let decoded = STANDARD.decode(encoded.trim_start_matches(' ')).map_err(|_| Refusal::BASIC)?;
    let decoded = String::from_utf8(decoded).map_err(|_| Refusal::BASIC)?;
    let (id, secret) = decoded.split_once(':').ok_or(Refusal::BASIC)?;
    Ok(Some((unfolded(id)?, unfolded(secret)?)))
}

fn unfolded(text: &str) -> Result<String, Refusal> {
    // A name without a value: what would end it is encoded in what is sent.
    if text.contains(['&', '=']) {
        return Err(Refusal::BASIC);
    }
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(text).map_err(|_| Refusal::BASIC)?;
    match pairs.as_slice() {
        [] => Ok(String::new()),
        [(text, value)] if value.is_empty() && is_plain(text) => Ok(text.clone()),
        _ => Err(Refusal::BASIC),
    }
}

/// Free of what no id, secret or scope holds: control characters, and what was not UTF-8.
fn is_plain(text: &str) -> bool {
    !text.contains(|c: char| c.is_control() || c == '\u{fffd}')
}

/// Known parameters, none given twice; one without a value counts as left out (RFC 6749 §3.2).
fn form(body: &[u8]) -> Result<TokenForm, Refusal> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(body).map_err(|_| Refusal::FORM)?;
    let mut seen = BTreeSet::new();
    for (name, value) in &pairs {
        if !seen.insert(name.as_str()) {
            return Err(Refusal::request("a parameter is given twice"));
        }
        if !is_plain(name) || !is_plain(value) {
            return Err(Refusal::request("a parameter holds characters that cannot be used"));
        }
    }
    let mut form = TokenForm::default();
    for (name, value) in pairs.into_iter().filter(|(name, value)| KNOWN.contains(&name.as_str()) && !value.is_empty()) {
        let field = match name.as_str() {
            "grant_type" => &mut form.grant_type,
            "scope" => &mut form.scope,
            "client_id" => &mut form.client_id,
            _ => &mut form.client_secret,
        };
        *field = Some(value);
    }
    Ok(form)
}

fn read(form: TokenForm, basic: Option<(String, String)>) -> Result<TokenRequest, Unreadable> {
    let client = basic.as_ref().map(|(id, _)| id.clone()).or_else(|| form.client_id.clone());
    let refused = |refusal: Refusal| Unreadable { refusal, client: client.clone() };
    match form.grant_type.as_deref() {
        Some("client_credentials") => {}
        Some(_) => {
            let text = "grant_type must be client_credentials";
            return Err(refused(Refusal::of(OauthError::UnsupportedGrantType, text)));
        }
        None => return Err(refused(Refusal::request("grant_type is missing: it must be client_credentials"))),
    }
    let (client_id, secret) = match (basic, form.client_id, form.client_secret) {
        (Some(_), _, Some(_)) => {
            let text = "the client authenticates twice: use Authorization: Basic or client_secret, never both";
            return Err(refused(Refusal::request(text)));
        }
        (Some((id, _)), Some(other), None) if id != other => {
            return Err(refused(Refusal::request("client_id is another one than that of Authorization: Basic")));
        }
        (Some(basic), _, None) => basic,
        (None, Some(id), Some(secret)) => (id, secret),
        (None, _, _) => {
            let text = "send client id and secret: by Authorization: Basic or as client_id and client_secret";
            return Err(refused(Refusal::client(text)));
        }
    };
    Ok(TokenRequest { client: client_id, secret, scope: form.scope })
}
