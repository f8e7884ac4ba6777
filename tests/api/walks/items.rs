//! Every resource that is read alone has an ETag, and is not sent again to who has it.

use super::operations;
use super::table::{Guard, guard};
use super::world::{CITY, SCOPES, world};
use crate::given::token_of;

#[actix_web::test]
async fn a_reader_who_has_it_is_told_so() {
    let server = world().await;
    let token = token_of(&server, CITY);
    let mut seen = 0;
    for operation in operations() {
        // The meaning of a code is no resource: it changes with the program.
        let alone = operation.method == "GET"
            && !operation.is_list()
            && operation.path.contains('{')
            && operation.id != "get_problem";
        if !alone || matches!(guard(&operation.id), Guard::Insider | Guard::Importer | Guard::Parties | Guard::Reporter)
        {
            continue;
        }
        for scope in SCOPES {
            let address = scope.address(&operation);
            let first = server.get(&address).expect(200).await;
            let etag = first.etag().to_owned();
            // A file of many records is weakly the same.
            let text = etag.trim_start_matches("W/");
            assert!(text.starts_with('"') && text.len() > 3, "{address}: no ETag");
            assert_eq!(first.header("cache-control"), "no-cache", "{address}");
            for known in [&etag, &format!("\"x\", W/{text}"), "*"] {
                let same = server.get(&address).header("if-none-match", known).expect(304).await;
                assert_eq!((same.etag(), same.text.as_str()), (etag.as_str(), ""), "{address}");
            }
            let other = server.get(&address).header("if-none-match", "\"v999\"").expect(200).await;
            assert_eq!(other.text, first.text);
            // A table is not written.
            let is_table = operation.path.ends_with("/table");
            if matches!(guard(&operation.id), Guard::Definition | Guard::Party) && !is_table {
                let working = server.get(&format!("{address}view=working")).token(&token).expect(200).await;
                assert_eq!(working.header("cache-control"), "no-store", "{address}");
                // What a write compares with.
                assert!(working.etag().starts_with("\"v"), "{address}: {}", working.etag());
            }
            seen += 1;
        }
    }
    assert!(seen >= 20, "only {seen} resources were read");
}
