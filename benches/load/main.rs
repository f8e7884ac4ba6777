//! `make bench`: the released service under load over HTTP, on a nation of its own.
//!
//! Each round does every work once, one after the other, so that a noisy minute of the machine falls on all alike. What is
//! told is the median round. Judge by the CPU a request costs: the load runs on the same cores.

mod drive;
mod place;
mod report;
mod statements;
mod usage;
mod works;
mod writes;

use clap::Parser;
use place::{Failure, Place};
use report::{Measured, Report};
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;
use works::{ALL, Work, World};

#[derive(Parser)]
struct Arguments {
    /// How much of the nation
    #[arg(long, default_value_t = 0.1)]
    scale: f64,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Of each work in a round
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// Names of works, comma-separated; all without
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Tell what PostgreSQL did for each work, too
    #[arg(long)]
    statements: bool,
    /// Where the database is kept from run to run
    #[arg(long, default_value = "/var/tmp/hagukumi-bench")]
    dir: PathBuf,
    /// Where the results go, too
    #[arg(long, default_value = "target/bench.json")]
    json: PathBuf,
    /// What `cargo bench` passes on
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    // One thread: the cores are for the service and PostgreSQL.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(run(&arguments))
}

async fn run(arguments: &Arguments) -> Result<(), Failure> {
    let place = Place::open(&arguments.dir, arguments.seed, arguments.scale).await?;
    if let Some(time) = place.filled {
        eprintln!("the nation at scale {} took {:.0} s to fill", arguments.scale, time.as_secs_f64());
    }
    let mut world = World::new(&place).await?;
    let chosen = |work: &&Work| arguments.only.is_empty() || arguments.only.iter().any(|name| name == work.name);
    let works: Vec<&Work> = ALL.iter().filter(chosen).collect();
    let mut report = Report::new(arguments.scale, &works);
    for round in 1..=arguments.rounds {
        for work in &works {
            world.renew(&place)?;
            let statements = statements::Statements::begin(&place.owner()?).await?;
            let measured = measure(&place, &mut world, work, arguments.seconds).await?;
            eprintln!("round {round}: {:4} {}", work.name, measured.line());
            if arguments.statements {
                eprint!("{}", statements.told().await?);
            }
            report.add(work, measured);
        }
    }
    std::io::stdout().write_all(report.table().as_bytes())?;
    std::fs::write(&arguments.json, report.json())?;
    eprintln!("written: {}", arguments.json.display());
    Ok(())
}

/// One work on a service of its own, so that no work leaves memory or caches to the next.
async fn measure(place: &Place, world: &mut World, work: &Work, seconds: f64) -> Result<Measured, Failure> {
    if work.writes() {
        place.analyze().await?;
    }
    let service = place.serve()?;
    if work.name.starts_with("W5") {
        world.look_up_drafts(service.address).await?;
    }
    let warm = Duration::from_secs_f64((seconds / 5.0).min(1.0));
    drive::load(service.address, work.sources(world).await?, warm).await?;
    if work.name.starts_with("W5") {
        world.look_up_drafts(service.address).await?;
    }
    let before = (usage::of(service.pid()), usage::of_server(&place.data()));
    let done = drive::load(service.address, work.sources(world).await?, Duration::from_secs_f64(seconds)).await?;
    let after = (usage::of(service.pid()), usage::of_server(&place.data()));
    Ok(Measured::new(&done, work.unit, before, after))
}
