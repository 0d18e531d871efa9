use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args_os().collect();
    psup_supervisor::role(&args).map_or(ExitCode::SUCCESS, psup_supervisor::Role::run)
}
