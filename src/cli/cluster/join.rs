//! `stripmine join`: makes this machine a host of a cluster.

use std::time::Duration;

use serde::Serialize;

use super::access::{access, failure};
use crate::cli::arguments::cluster::JoinArguments;
use crate::cli::failure::{Failure, Result};
use crate::cli::json;
use crate::cli::live_lines::LiveLines;
use crate::cli::output::{Output, ProgressForm};
use crate::cli::resolve::workers;
use crate::cli::search::build_miner;
use crate::cli::search_progress::LINE_INTERVAL;
use crate::cli::signals::Signals;
use crate::cluster::{Activity, Host, HostProgress};
use crate::machine::{System, Topology};
use crate::text::{counted, cut, duration, hash_rate, prefixed};

/// What a host did, at its end.
#[derive(Serialize)]
struct Joined {
    host: String,
    leases: u64,
    hashes: u64,
    elapsed_s: f64,
}

pub(in crate::cli) fn join_cluster(arguments: &JoinArguments, output: &mut Output) -> Result<()> {
    let signals = Signals::take_over()?;
    let access = access(&arguments.servers, &arguments.access)?;
    let name = arguments.name.clone().or_else(|| System::of_this_machine().host_name());
    let name = name.unwrap_or_else(|| "host".to_owned());
    let miner = build_miner(workers(&arguments.workers, &Topology::detect(), output)?)?;
    let what = format!("{}, {}", miner.kernel(), counted(miner.threads(), "worker"));
    let mut host = Host::connect(&access, &name, miner).map_err(failure)?;
    let mut shown = HostScreen::new(format!("stripmine  host {name}   {what}"), output);
    let ended = host.serve(signals.cancel_token(), &mut |progress| {
        shown.update(progress, signals.take_request(), output);
    });
    drop(shown);
    let HostProgress { leases, hashes, elapsed, .. } = ended.map_err(failure)?;
    let stop = signals.stop();
    let text = format!(
        "{}: host {name} searched {} and {} hashes in {}",
        stop.in_words(),
        counted(leases, "lease"),
        prefixed(hashes as f64),
        duration(elapsed)
    );
    let joined = Joined { host: name, leases, hashes, elapsed_s: elapsed.as_secs_f64() };
    let form = arguments.output.format;
    let reported = json::print_either(form, stop.outcome(), &joined, &text, output);
    Err(Failure::from(stop).after_report(reported))
}

/// The host's own screen.
struct HostScreen {
    title: String,
    form: ProgressForm,
    lines: Option<LiveLines>,
    /// What the last plain line said, and when the next is due.
    said: Option<(Activity, Duration)>,
}

impl HostScreen {
    fn new(title: String, output: &Output) -> Self {
        let form = output.progress;
        let lines = (form == ProgressForm::InPlace).then(LiveLines::on_stderr);
        Self { title, form, lines, said: None }
    }

    fn update(&mut self, progress: &HostProgress, is_asked: bool, output: &mut Output) {
        let line = line(progress);
        if let Some(lines) = &mut self.lines {
            if is_asked {
                lines.clear();
                output.note(&line);
            }
            let width = lines.width();
            let shown = vec![cut(&self.title, width), cut(&format!("  {line}"), width)];
            lines.draw(&output.with_stderr_styles(shown));
            return;
        }
        let is_news = match &self.said {
            None => true,
            Some((said, next)) => {
                kind(said) != kind(&progress.activity) || progress.elapsed >= *next
            }
        };
        if is_asked || is_news && self.form == ProgressForm::Lines {
            output.note(&line);
            self.said = Some((progress.activity.clone(), progress.elapsed + LINE_INTERVAL));
        }
    }
}

/// The activity without its particulars.
fn kind(activity: &Activity) -> std::mem::Discriminant<Activity> {
    std::mem::discriminant(activity)
}

fn line(progress: &HostProgress) -> String {
    let HostProgress { activity, rate, leases, hashes, elapsed } = progress;
    let done = format!(
        "{}, {} hashes in {}",
        counted(*leases, "lease"),
        prefixed(*hashes as f64),
        duration(*elapsed)
    );
    match activity {
        Activity::Disconnected => format!("the server is away; trying again   {done}"),
        Activity::Waiting => format!("waits for work   {done}"),
        Activity::Searching { job, .. } => {
            let job: String = job.chars().take(8).collect();
            format!("searches {job} at {}   {done}", hash_rate(*rate, 3))
        }
    }
}
