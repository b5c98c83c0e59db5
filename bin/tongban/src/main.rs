//! The only program: reads its command line and runs what it says.

use std::process::ExitCode;

use clap::Parser;

use tongban::cli::{AuditCommand, Cli, ClockCommand, Command, JobsCommand};
use tongban::failure::Failure;
use tongban::log::Log;
use tongban::{
    backup, bench, check, check_data, clock, coverage, flow, jobs, operations, restore, scenarios,
    serve, simulate, verify,
};

/// A fifth of a submission's time went into the allocator of the system.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // What this program makes is for its own user only: database, objects, keys, backups.
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    let log = Log::begin();
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| "info,typst=warn,tokio_postgres=warn".into()),
        )
        .with_writer(log.clone())
        .log_internal_errors(false)
        .init();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(cause) => return Failure::new(format!("无法启动：{cause}")).exit(),
    };
    let code = match runtime.block_on(run(Cli::parse().command)) {
        Ok(code) => code,
        Err(failure) => failure.exit(),
    };
    // Work of the processor that nobody waits for any more ends with the program.
    runtime.shutdown_background();
    log.finish();
    code
}

async fn run(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Serve(args) => serve::serve(*args).await,
        Command::Check { packs } => check::check(&packs),
        Command::Flow { chain, bpmn } => flow::draw(&chain, bpmn.as_deref()),
        Command::Verify { file, data } => verify::verify_file(&file, &data).await,
        Command::Audit {
            command: AuditCommand::Verify { anchors, data },
        } => verify::verify_audit(&data, &anchors).await,
        Command::Audit {
            command: AuditCommand::BeginAnchor { data },
        } => verify::begin_anchor(&data).await,
        Command::Clock {
            command: ClockCommand::Accept { data },
        } => clock::accept(&data).await,
        Command::Simulate { name, listen } => simulate::simulate(&name, listen).await,
        Command::Backup {
            target,
            with_keys,
            data,
        } => backup::backup(&target, &data, with_keys.as_deref()).await,
        Command::Restore { source, keys, data } => restore::restore(&source, &data, &keys).await,
        Command::CheckData { data } => check_data::check_data(&data).await,
        Command::Jobs { command } => match command {
            JobsCommand::List { data } => jobs::list(&data).await,
            JobsCommand::Repeat { what, data } => jobs::repeat(&what, &data).await,
        },
        Command::Scenarios(args) => scenarios::scenarios(args).await,
        Command::Bench(args) => bench::bench(args).await,
        Command::Operations => {
            print!("{}", operations::reference());
            Ok(ExitCode::SUCCESS)
        }
        Command::Coverage { json } => coverage::coverage(json),
    }
}
