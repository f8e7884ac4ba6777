//! The commands, and nothing else.

use clap::{Parser, Subcommand};
use hagukumi::auth::jwt::Role;
use hagukumi::clients::ClientId;
use hagukumi::clients::commands::{NewClient, Rotation};
use hagukumi::commands::{self, PullRequest, TokenRequest};
use hagukumi::config::{self, environment};
use hagukumi::domain::code::Code;
use hagukumi::domain::key::PlanCode;
use hagukumi::pull::Choice;
use hagukumi::server::Failure;
use hagukumi::{demo, server};
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

/// An answer is made of many short strings: a sixth of its time was the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Hagukumi 育み: exchange of child-care plans, targets and yearly results between municipalities and prefectures.
///
/// Configured by environment variables only; `hagukumi config` lists them.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API
    ///
    /// Needs DATABASE_URL, TOKEN_KEY_FILE, TOKEN_ISSUER and CURSOR_SECRET; with --demo nothing. SIGTERM stops it
    /// gracefully.
    Serve {
        /// With a private database, a key and sample data of its own, kept in HAGUKUMI_DEMO_DIR
        #[arg(long)]
        demo: bool,
        /// Begin the demo with fresh data
        #[arg(long, requires = "demo")]
        reset: bool,
    },
    /// Bring the schema of the database to the newest step
    ///
    /// As the login of DATABASE_OWNER_URL, who owns the tables. `serve` refuses to start on an older schema.
    Migrate,
    /// Forget old changes of the feed: publications and what they made public stay
    ///
    /// As the login of DATABASE_OWNER_URL, while the service runs. Who asks for changes that are gone is told to pull
    /// everything again.
    Prune {
        /// How many days of changes are kept
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=36500))]
        keep_days: u32,
    },
    /// Tell that the database was restored from a backup: cursors of before are refused from now on
    ///
    /// As the login of DATABASE_OWNER_URL, after every restore of a database that clients have read from, before `serve`.
    Restored,
    /// Fill a fresh database with a nation of made-up plans and reports, to measure on
    ///
    /// As the login of DATABASE_OWNER_URL, after `migrate`. At scale 1: 1,741 municipalities, ten years, 2.26 million targets
    /// and as many results; 0.1 is one year of it, less than that fewer municipalities. Same seed, same content.
    Nation {
        /// What the content is drawn from
        #[arg(long, value_name = "N", default_value_t = 1)]
        seed: u64,
        /// How much of the nation
        #[arg(long, value_name = "X", default_value_t = 1.0, value_parser = scale)]
        scale: f64,
    },
    /// Keep a copy of what is public in a file of JSON lines
    ///
    /// By HTTP, from a service anywhere. The first time everything, then only what has changed: run it again, from cron say.
    /// It may be killed at any moment. `docs/pull.md` tells how it works.
    Pull {
        /// Address of the service, such as https://hagukumi.example.jp
        #[arg(long, value_name = "URL")]
        from: String,
        /// The copy; made where it is missing
        #[arg(long, value_name = "FILE")]
        into: PathBuf,
        /// Only of this prefecture and its municipalities: six-digit code
        #[arg(long, value_name = "CODE", value_parser = prefecture, conflicts_with = "plan")]
        prefecture: Option<Code>,
        /// Only this plan and what belongs to it
        #[arg(long, value_name = "PLAN", value_parser = plan)]
        plan: Option<PlanCode>,
        /// Holds an access token; what is public needs none
        #[arg(long, value_name = "FILE")]
        token_file: Option<PathBuf>,
        /// Certificates of a private authority, PEM; otherwise the public authorities
        #[arg(long, value_name = "FILE")]
        ca_file: Option<PathBuf>,
        /// How long a service that does not answer is asked again, in seconds
        #[arg(long, value_name = "N", default_value_t = 60)]
        patience: u64,
    },
    /// Print an access token, signed with TOKEN_KEY_FILE or else with the key of the demo
    Token {
        /// What the caller may do; repeatable
        #[arg(long = "role", required = true, value_enum)]
        roles: Vec<Role>,
        /// Six-digit code of a municipality or prefecture the caller acts for; repeatable
        #[arg(long = "body", value_name = "CODE", value_parser = code)]
        bodies: Vec<Code>,
        /// How long the token is good
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=15))]
        minutes: u32,
        /// Who calls, as the journal will name it
        #[arg(long, value_name = "NAME", default_value = "hagukumi-cli")]
        client: String,
    },
    /// Manage the systems that get access tokens by /oauth/token
    ///
    /// As the login of DATABASE_OWNER_URL.
    #[command(subcommand)]
    Client(ClientCommand),
    /// Manage the keys of access tokens in TOKEN_KEY_FILE; prints state, since when, algorithm and kid of each
    ///
    /// The running service notices a changed file within seconds. A key that has become known: delete the file and
    /// generate another; all tokens are refused then, and clients ask for new ones.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Print the OpenAPI document
    Openapi,
    /// Ask the service on PORT whether it is ready: exit 0 if so, else 1
    Healthcheck,
    /// Print the configuration in force, secrets hidden, and what is wrong with it
    Config,
}

#[derive(Subcommand)]
enum KeysCommand {
    /// Make the file: a current key and the next one
    Generate,
    /// The next key signs from now on, the current one retires, another becomes the next
    Rotate,
    /// List the keys
    List,
}

#[derive(Subcommand)]
enum ClientCommand {
    /// Add a client; its secret is printed once
    Add {
        /// Its id: lower-case letters, digits and hyphens; never given a second time
        #[arg(value_parser = client_id)]
        id: ClientId,
        /// What it is, for people
        #[arg(long)]
        name: String,
        /// What it may do; repeatable
        #[arg(long = "role", required = true, value_enum)]
        roles: Vec<Role>,
        /// Six-digit code of a municipality or prefecture it acts for; repeatable
        #[arg(long = "body", value_name = "CODE", value_parser = code)]
        bodies: Vec<Code>,
    },
    /// List all: id, state, since when its secrets are, roles, bodies, name
    List,
    /// Give a client a new secret; the one it has stays good beside it
    ///
    /// Two secrets at most: of three the oldest ends. When the client uses the new one: `--finish`.
    Rotate {
        #[arg(value_parser = client_id)]
        id: ClientId,
        /// The secrets it has end now: for one that has become known
        #[arg(long, conflicts_with = "finish")]
        at_once: bool,
        /// No new secret: the older of the two ends
        #[arg(long)]
        finish: bool,
    },
    /// Disable a client, for good: no more tokens, and those it has are refused within 30 seconds
    Disable {
        #[arg(value_parser = client_id)]
        id: ClientId,
    },
}

fn client_id(given: &str) -> Result<ClientId, String> {
    ClientId::parse(given).ok_or_else(|| "3 to 40 lower-case letters, digits and single hyphens".to_owned())
}

fn code(given: &str) -> Result<Code, String> {
    Code::parse(given).map_err(|wrong| wrong.en())
}

fn prefecture(given: &str) -> Result<Code, String> {
    let code = code(given)?;
    if code.is_prefecture() { Ok(code) } else { Err(format!("{code} is no prefecture")) }
}

fn scale(given: &str) -> Result<f64, String> {
    let scale = given.parse().ok().filter(|scale| (0.000_001..=1.0).contains(scale));
    scale.ok_or_else(|| "above 0, at most 1".to_owned())
}

fn plan(given: &str) -> Result<PlanCode, String> {
    PlanCode::parse(given).ok_or_else(|| "a plan code looks like 132284-kodomo-2020".to_owned())
}

impl From<ClientCommand> for commands::Client {
    fn from(command: ClientCommand) -> Self {
        match command {
            ClientCommand::Add { id, name, roles, bodies } => Self::Add(NewClient { id, name, roles, bodies }),
            ClientCommand::List => Self::List,
            ClientCommand::Rotate { id, at_once: true, .. } => Self::Rotate(id, Rotation::AtOnce),
            ClientCommand::Rotate { id, finish: true, .. } => Self::Rotate(id, Rotation::Finish),
            ClientCommand::Rotate { id, .. } => Self::Rotate(id, Rotation::Beside),
            ClientCommand::Disable { id } => Self::Disable(id),
        }
    }
}

fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Serve { demo: true, reset } => demo::serve(config::demo(&environment)?, reset),
        Command::Serve { demo: false, .. } => server::serve(config::serve(&environment)?),
        Command::Migrate => commands::migrate(&config::migrate(&environment)?),
        Command::Prune { keep_days } => commands::prune(&config::migrate(&environment)?, keep_days),
        Command::Restored => commands::restored(&config::migrate(&environment)?),
        Command::Nation { seed, scale } => commands::nation(&config::migrate(&environment)?, seed, scale),
        Command::Pull { from, into, prefecture, plan, token_file, ca_file, patience } => {
            let choice = match (prefecture, plan) {
                (Some(code), _) => Choice::Prefecture(code),
                (None, Some(plan)) => Choice::Plan(plan),
                (None, None) => Choice::Everything,
            };
            commands::pull(PullRequest { from, into, choice, token_file, ca_file, patience_seconds: patience })
        }
        Command::Token { roles, bodies, minutes, client } => {
            commands::token(&environment, TokenRequest { roles, bodies, minutes, client }, io::stdout())
        }
        Command::Client(command) => commands::client(&config::migrate(&environment)?, command.into(), io::stdout()),
        Command::Keys(KeysCommand::Generate) => commands::keys(&environment, commands::Keys::Generate, io::stdout()),
        Command::Keys(KeysCommand::Rotate) => commands::keys(&environment, commands::Keys::Rotate, io::stdout()),
        Command::Keys(KeysCommand::List) => commands::keys(&environment, commands::Keys::List, io::stdout()),
        Command::Openapi => commands::openapi(io::stdout()),
        Command::Healthcheck => commands::healthcheck(&environment),
        Command::Config => commands::config(&environment, io::stdout()),
    }
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("hagukumi: {failure}");
            ExitCode::FAILURE
        }
    }
}
