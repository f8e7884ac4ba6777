//! `hagukumi pull`: a copy of everything public in one file, brought up to date each time it runs. It knows the service by
//! HTTP alone and is written to be read: a client in another language does the same. `docs/pull.md` tells it in prose.
//!
//! 1. Nothing yet: keep the place of now (`/changes/head`), then pull every list.
//! 2. From the place that is kept: `/changes?after=…&data=true`, page by page; each entry replaces or deletes one resource.
//! 3. 410: that place is lost (a restore, or too long ago). Begin at 1.
//!
//! What was published while the lists were pulled comes a second time in step 2, with the same content: entries say what
//! is, not what is to be added, so nothing is doubled, and since the place was kept first, nothing is missed.

mod client;
mod copy;
mod lists;

use client::{Answer, Client};
use copy::{Copy, CopyFile};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::path::PathBuf;

pub use client::Failure;
pub use lists::Choice;

/// What is pulled, from where, and where it is kept.
pub struct Order {
    /// `https://hagukumi.example.jp`
    pub from: String,
    pub into: PathBuf,
    pub choice: Choice,
    pub token: Option<String>,
    /// Certificates of a private authority, PEM.
    pub authority: Option<Vec<u8>>,
    /// How long a service that does not answer is asked again.
    pub patience_seconds: u64,
}

/// What a run did.
#[derive(Debug, PartialEq, Eq)]
pub struct Done {
    /// Everything was pulled by the lists: the first time, or because the place was lost.
    pub whole: bool,
    /// Entries of the feed.
    pub changes: usize,
    /// Resources in the copy.
    pub resources: usize,
}

/// Up to so many changes are done again after a kill.
const KEPT_EVERY: usize = 20_000;

pub fn run(order: &Order) -> Result<Done, Failure> {
    let client = Client::new(order)?;
    let file = CopyFile::open(order)?;
    if let Some(mut copy) = file.read()?
        && let Some(changes) = follow(&client, &file, order, &mut copy)?
    {
        return Ok(Done { whole: false, changes, resources: copy.len() });
    }
    let mut copy = Copy::at(head(&client)?);
    lists::pull(&client, &order.choice, &mut copy)?;
    file.write(&copy)?;
    let changes = follow(&client, &file, order, &mut copy)?.ok_or("the place of a moment ago is lost already")?;
    Ok(Done { whole: true, changes, resources: copy.len() })
}

fn head(client: &Client) -> Result<String, Failure> {
    #[derive(Deserialize)]
    struct Head {
        cursor: String,
    }
    Ok(serde_json::from_str::<Head>(&client.found("/api/v1/changes/head")?)?.cursor)
}

#[derive(Deserialize)]
struct Page {
    resultset: Resultset,
    results: Vec<Change>,
}

#[derive(Deserialize)]
struct Resultset {
    /// Null: this is the end for now.
    next: Option<String>,
    /// To be kept once the page is dealt with.
    position: String,
}

#[derive(Deserialize)]
struct Change {
    op: String,
    address: String,
    data: Option<Box<RawValue>>,
}

/// Brings the copy up to date. None: its place is lost.
fn follow(client: &Client, file: &CopyFile, order: &Order, copy: &mut Copy) -> Result<Option<usize>, Failure> {
    let (mut changes, mut unkept) = (0, 0);
    loop {
        let page = format!("/api/v1/changes?data=true&limit=1000{}&after={}", order.choice.filter(), copy.cursor);
        let page: Page = match client.get(&page)? {
            Answer::Found(page) => serde_json::from_str(&page)?,
            Answer::Lost => return Ok(None),
            Answer::Missing => return Err("this service has no change feed".into()),
        };
        changes += page.results.len();
        unkept += page.results.len();
        for change in page.results {
            apply(client, change, copy)?;
        }
        let moved = copy.cursor != page.resultset.position;
        copy.cursor = page.resultset.position;
        let end = page.resultset.next.is_none();
        if unkept >= KEPT_EVERY || (end && (unkept > 0 || moved)) {
            file.write(copy)?;
            unkept = 0;
        }
        if end {
            return Ok(Some(changes));
        }
    }
}

fn apply(client: &Client, change: Change, copy: &mut Copy) -> Result<(), Failure> {
    match (change.op.as_str(), change.data) {
        ("delete", _) => copy.remove(&change.address),
        (_, Some(content)) => copy.put(change.address, content),
        // Its present content. Gone since: the feed tells so further on.
        (_, None) => match client.get(&change.address)? {
            Answer::Found(content) => copy.put(change.address, RawValue::from_string(content)?),
            Answer::Missing | Answer::Lost => copy.remove(&change.address),
        },
    }
    Ok(())
}
