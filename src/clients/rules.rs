//! Which roles go with which bodies: a client is refused that could do nothing, or less than it seems.

use crate::auth::jwt::Role;
use crate::domain::code::Code;

/// More do not fit into a token together with everything else in it.
pub(super) const MOST_BODIES: usize = 200;

fn is_for(role: Role, body: Code) -> bool {
    match role {
        Role::MunicipalEditor | Role::MunicipalApprover => !body.is_prefecture(),
        Role::PrefectureReader | Role::PrefectureEditor | Role::PrefectureReviewer => body.is_prefecture(),
        Role::Administrator => false,
    }
}

/// Why these roles and bodies make no client: English / Japanese.
pub(super) fn check(roles: &[Role], bodies: &[Code]) -> Result<(), String> {
    if bodies.len() > MOST_BODIES {
        return Err(format!(
            "a client has at most {MOST_BODIES} bodies: add a second one for the others / 団体は{MOST_BODIES}までです。残りは別のクライアントにしてください"
        ));
    }
    for role in roles.iter().filter(|role| **role != Role::Administrator) {
        if !bodies.iter().any(|body| is_for(*role, *body)) {
            let (en, ja) = if role.as_str().starts_with("prefecture") {
                ("prefecture", "都道府県")
            } else {
                ("municipality", "市区町村")
            };
            return Err(format!(
                "{role} acts for a {en}: name it with --body / {role} には{ja}のコードを --body で指定してください"
            ));
        }
    }
    for body in bodies {
        if !roles.iter().any(|role| is_for(*role, *body)) {
            let names: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
            let names = names.join(", ");
            return Err(format!(
                "{names} can do nothing for {body}: add a role or leave the body out / {names} では {body} の操作はできません。役割を加えるか団体を外してください"
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_can_do_what_its_roles_say() {
        use Role::{Administrator, MunicipalApprover, MunicipalEditor, PrefectureReader};
        let code = |code: &str| Code::parse(code).unwrap();
        let (city, other, prefecture) = (code("132292"), code("132284"), code("130001"));
        let many = vec![city; MOST_BODIES + 1];
        let cases: [(&[Role], &[Code], bool); 10] = [
            (&[MunicipalEditor], &[city], true),
            (&[MunicipalEditor, MunicipalApprover], &[city, other], true),
            (&[PrefectureReader], &[prefecture], true),
            (&[PrefectureReader, MunicipalEditor], &[prefecture, city], true),
            (&[Administrator], &[], true),
            (&[Administrator], &[city], false),
            (&[MunicipalEditor], &[], false),
            (&[MunicipalEditor], &[prefecture], false),
            (&[PrefectureReader], &[prefecture, city], false),
            (&[MunicipalEditor], &many, false),
        ];
        for (roles, bodies, good) in cases {
            let verdict = check(roles, bodies);
            assert_eq!(verdict.is_ok(), good, "{roles:?} {bodies:?} {verdict:?}");
            assert!(verdict.err().is_none_or(|text| text.contains(" / ") && !text.is_ascii()));
        }
    }
}
