//! Examples of bodies: what the demo holds under the address that the examples of its parameters name. Sent there again,
//! it changes nothing and succeeds.

use super::{parameters, parameters_of};
use crate::demo::sample::{self, Request};
use actix_web::http::Method;
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::path::{Operation, ParameterIn};

pub(super) struct Examples(Vec<Request>);

impl Examples {
    /// None where the sample cannot be read: the demo does not start then, and a test misses the examples.
    pub(super) fn of_the_demo() -> Self {
        Self(sample::requests().unwrap_or_default())
    }

    pub(super) fn complete(&self, address: &str, method: &Method, operation: &mut Operation) {
        if *method != Method::PUT {
            return;
        }
        let Some(stored) = self.stored(&address_of(address, operation)) else { return };
        let Some(RefOr::T(body)) = &mut operation.request_body else { return };
        if let Some(RefOr::T(json)) = body.content.get_mut("application/json")
            && json.example.is_none()
        {
            json.example = Some(stored);
        }
    }

    /// What the last PUT to this address left there.
    fn stored(&self, path: &str) -> Option<Value> {
        let written = |request: &&Request| request.method == "PUT" && request.path == path;
        self.0.iter().rfind(written).and_then(|request| request.json.clone())
    }
}

/// Below `/api/v1`, with the examples in place of the parameters.
fn address_of(address: &str, operation: &Operation) -> String {
    let in_path = parameters_of(operation).filter(|parameter| matches!(parameter.parameter_in, ParameterIn::Path));
    in_path.fold(address.trim_start_matches("/api/v1").to_owned(), |address, parameter| {
        let example = parameters::example(parameter);
        let example = example.as_ref().and_then(Value::as_str).unwrap_or_default();
        address.replace(&format!("{{{}}}", parameter.name), example)
    })
}
