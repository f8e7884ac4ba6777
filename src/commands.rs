//! The commands beside `serve`: `migrate`, `prune`, `restored`, `pull`, `nation`, `client`, `keys`, `token`, `openapi`, `healthcheck`, `config`.

use crate::app;
use crate::auth::jwt::{Grant, Role};
use crate::auth::key_file::{KeyFile, PUBLISHED_BEFORE, Rotation};
use crate::changes::commands as changes;
use crate::clients::ClientId;
use crate::clients::commands::{self as clients, NewClient};
use crate::clock::Clock;
use crate::config::{self, Lookup};
use crate::db::migrations;
use crate::demo;
use crate::domain::code::Code;
use crate::health::probe;
use crate::logging;
use crate::nation::{self, Filled};
use crate::pull::{self, Done};
use crate::server::{self, Failure};
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use uuid::Uuid;

/// Brings the schema to the newest step, as the owner's login.
pub fn migrate(config: &config::Migrate) -> Result<(), Failure> {
    logging::init(&config.log);
    let done = server::runtime()?.block_on(migrations::migrate(&config.owner, None))?;
    for step in &done {
        log::info!(step = step.as_str(); "done");
    }
    log::info!(
        steps = done.len(), database:? = config.owner;
        "the schema is up to date; the service's login needs: grant hagukumi_service, hagukumi_published to <login>"
    );
    Ok(())
}

/// Forgets old changes of the feed.
pub fn prune(config: &config::Migrate, keep_days: u32) -> Result<(), Failure> {
    logging::init(&config.log);
    let (last, gone) = server::runtime()?.block_on(changes::prune(&config.owner, keep_days, Clock::system().now()))?;
    log::info!(entries = gone, up_to = last, keep_days; "pruned; who asks for changes up to there is told to begin anew");
    Ok(())
}

/// After a restore: cursors of the history before are refused from now on.
pub fn restored(config: &config::Migrate) -> Result<(), Failure> {
    logging::init(&config.log);
    server::runtime()?.block_on(changes::restored(&config.owner))?;
    log::info!("the epoch is renewed: clients are told to pull everything again");
    Ok(())
}

/// Fills a fresh database with a nation to measure on.
pub fn nation(config: &config::Migrate, seed: u64, scale: f64) -> Result<(), Failure> {
    logging::init(&config.log);
    let Filled { municipalities, years, records, facts } =
        server::runtime()?.block_on(nation::fill(&config.owner, seed, scale))?;
    log::info!(municipalities, years, records, facts; "filled");
    Ok(())
}

/// What `hagukumi pull` is told.
pub struct PullRequest {
    pub from: String,
    pub into: PathBuf,
    pub choice: pull::Choice,
    pub token_file: Option<PathBuf>,
    pub ca_file: Option<PathBuf>,
    pub patience_seconds: u64,
}

/// Brings a copy of what is public up to date.
pub fn pull(request: PullRequest) -> Result<(), Failure> {
    let named = |path: &PathBuf, error: io::Error| format!("{}: {error}", path.display());
    let token = request.token_file.map(|path| fs::read_to_string(&path).map_err(|error| named(&path, error)));
    let authority = request.ca_file.map(|path| fs::read(&path).map_err(|error| named(&path, error)));
    let done = pull::run(&pull::Order {
        from: request.from,
        into: request.into,
        choice: request.choice,
        token: token.transpose()?.map(|token| token.trim().to_owned()),
        authority: authority.transpose()?,
        patience_seconds: request.patience_seconds,
    })?;
    let Done { whole, changes, resources } = done;
    let how = if whole { "everything / 全件, " } else { "" };
    eprintln!("{how}{changes} changes / 件の変更, {resources} resources / 件");
    Ok(())
}

/// What a token is asked for on the command line.
pub struct TokenRequest {
    pub roles: Vec<Role>,
    pub bodies: Vec<Code>,
    pub minutes: u32,
    pub client: String,
}

/// Prints an access token.
pub fn token(given: Lookup, request: TokenRequest, mut out: impl Write) -> Result<(), Failure> {
    if request.bodies.is_empty() && request.roles != [Role::Administrator] {
        return Err("a role other than administrator acts for somebody: name the municipality with --body / \
                    administrator 以外の役割には、--body で団体コードを指定してください"
            .into());
    }
    let issuer = match config::signer(given)? {
        Some(issuer) => issuer,
        None => {
            let dir = config::demo_dir(given);
            let issuer = demo::key::issuer_of(&dir)?.ok_or(
                "TOKEN_KEY_FILE is not set, and there is no demo yet / TOKEN_KEY_FILE が設定されておらず、デモもまだありません",
            )?;
            eprintln!("signed with the key of the demo in {}", dir.display());
            issuer
        }
    };
    let grant = Grant {
        subject: request.client.clone(),
        client_id: request.client,
        roles: request.roles,
        bodies: request.bodies.iter().map(Code::to_string).collect(),
        lifetime_seconds: u64::from(request.minutes) * 60,
    };
    writeln!(out, "{}", issuer.sign(&grant, Clock::system().now(), Uuid::now_v7())?)?;
    Ok(())
}

/// What `hagukumi client` is told to do.
pub enum Client {
    Add(NewClient),
    List,
    Rotate(ClientId, clients::Rotation),
    Disable(ClientId),
}

/// Manages clients; what is printed for a new secret can be read by a program too.
pub fn client(config: &config::Migrate, command: Client, mut out: impl Write) -> Result<(), Failure> {
    let (owner, now) = (&config.owner, Clock::system().now());
    server::runtime()?.block_on(async {
        let (id, secret) = match command {
            Client::Add(new) => (new.id.clone(), Some(clients::add(owner, new, now).await?)),
            Client::List => return clients::list(owner, out).await,
            Client::Rotate(id, rotation) => (id.clone(), clients::rotate(owner, &id, rotation, now).await?),
            Client::Disable(id) => {
                clients::disable(owner, &id, now).await?;
                eprintln!("{id}: disabled; its tokens are refused within 30 seconds / 無効にしました（30秒以内に全トークン失効）");
                return Ok(());
            }
        };
        match secret {
            Some(secret) => {
                writeln!(out, "client_id={id}\nclient_secret={}", secret.as_str())?;
                eprintln!("the secret is shown this once: hand it over safely / シークレットの表示はこの1回だけです");
            }
            None => eprintln!("{id}: only its newest secret is good now / 有効なのは最新のシークレットだけになりました"),
        }
        Ok(())
    })
}

/// What `hagukumi keys` is told to do.
#[derive(Clone, Copy)]
pub enum Keys {
    Generate,
    Rotate,
    List,
}

/// Makes, rotates or lists the keys of tokens in TOKEN_KEY_FILE.
pub fn keys(given: Lookup, command: Keys, mut out: impl Write) -> Result<(), Failure> {
    let path = config::key_file(given)?;
    let (now, wait) = (Clock::system().now(), PUBLISHED_BEFORE.num_minutes());
    match command {
        Keys::Generate => {
            if path.exists() {
                return Err(format!(
                    "{}: there is one already; `keys rotate` changes its keys / すでにあります",
                    path.display()
                )
                .into());
            }
            KeyFile::generate(now)?.write(&path)?;
        }
        Keys::Rotate => {
            let mut file = KeyFile::read(&path)?;
            let done = file.rotate(now)?;
            file.write(&path)?;
            match done {
                Rotation::Rotated => eprintln!(
                    "rotated: the running service signs with the new key within seconds, and accepts the old one until its tokens have expired. \
                     Copy the file to every replica; rotate again after {wait} minutes at the earliest / \
                     鍵を交代しました。旧鍵のトークンは期限まで有効です。ファイルを全台に配り、次の交代は{wait}分以上あけてください"
                ),
                Rotation::Prepared => eprintln!(
                    "a next key is added, the current one stays: copy the file to every replica, wait {wait} minutes, then rotate / \
                     次の鍵を追加しました（現在の鍵のままです）。ファイルを全台に配り、{wait}分後にもう一度実行してください"
                ),
            }
        }
        Keys::List => {}
    }
    for line in KeyFile::read(&path)?.list() {
        writeln!(out, "{}", line.join("\t"))?;
    }
    Ok(())
}

/// Prints the OpenAPI document as it is committed.
pub fn openapi(mut out: impl Write) -> Result<(), Failure> {
    writeln!(out, "{}", app::openapi().to_pretty_json()?)?;
    Ok(())
}

/// Asks the service on this machine whether it is ready.
pub fn healthcheck(given: Lookup) -> Result<(), Failure> {
    Ok(probe::ask(config::listen(given)?.local())?)
}

/// Prints what is in force; fails where `serve` or `migrate` would.
pub fn config(given: Lookup, mut out: impl Write) -> Result<(), Failure> {
    let (table, wrong) = config::show(given);
    write!(out, "{table}")?;
    let lines: Vec<String> = wrong.iter().map(ToString::to_string).collect();
    if lines.is_empty() { Ok(()) } else { Err(lines.join("\n").into()) }
}
