//! A page of the feed costs its own entries, however long the history is.

use crate::harness::Server;
use diesel_async::SimpleAsyncConnection;
use hagukumi::web::position::FeedPosition;
use uuid::Uuid;

/// 20,000 numbers of five entries, of fifty plans in turn.
const HISTORY: &str = "
    insert into publications (no, at) select n, timestamptz '2020-01-01' + n * interval '1 minute' from generate_series(1, 20000) n;
    insert into changes (no, seq, op, resource, key, plan, prefecture, etag)
    select n, s, 'upsert', 'program', jsonb_build_object('plan', '131016-p' || n % 50, 'program', s::text), '131016-p' || n % 50,
        lpad((n % 47 + 1)::text, 2, '0') || '0000', '\"v1\"'
    from generate_series(1, 20000) n, generate_series(0, 4) s;
    update publication_head set no = 20000, at = timestamptz '2020-01-01' + 20000 * interval '1 minute',
        epoch = '00000000-0000-0000-0000-000000000007';
    analyze";

const LOOKED_AT: &str = "select sum(heap_blks_read + heap_blks_hit + idx_blks_read + idx_blks_hit)::bigint as count
    from pg_statio_user_tables where relname in ('changes', 'publications')";

async fn looked_at(server: &Server) -> i64 {
    let sessions =
        "select count(*) from pg_stat_activity where datname = current_database() and usename = 'hagukumi_app'";
    while server.count(sessions).await > 0 {
        tokio::task::yield_now().await;
    }
    server.count(LOOKED_AT).await
}

#[actix_web::test]
async fn a_page_looks_at_its_own_entries_only() {
    let mut server = Server::start().await;
    server.owner().await.batch_execute(HISTORY).await.unwrap();
    let place = |no: i64| {
        let position = FeedPosition { epoch: Uuid::from_u128(7), no, seq: FeedPosition::END };
        position.seal(&server.state.cursors, None).unwrap()
    };
    let (middle, near, end) = (place(10_000), place(19_990), place(20_000));
    for (query, entries) in [
        (format!("limit=100&after={middle}"), 100),
        (format!("limit=1000&after={near}"), 50),
        (format!("limit=1000&after={end}"), 0),
        (format!("limit=100&plan=131016-p7&after={middle}"), 100),
        (format!("limit=1000&plan=131016-p7&after={near}"), 0),
        (format!("limit=1000&plan=131016-none&after={middle}"), 0),
        (format!("limit=100&data=true&after={middle}"), 100),
    ] {
        let before = looked_at(&server).await;
        let page = server.get(&format!("/changes?{query}")).expect(200).await;
        assert_eq!(page.results().len(), entries, "{query}");
        // A session tells its counts when it ends at the latest.
        server = server.restart().await;
        let looked = looked_at(&server).await - before;
        assert!((0..=5 * i64::try_from(entries).unwrap() + 40).contains(&looked), "{query}: {looked} blocks");
    }
}
