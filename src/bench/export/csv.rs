//! CSV: a row for every sample. `docs/benchmarking.md` describes the columns.

use super::escape;
use crate::bench::account::{Account, Loss};
use crate::bench::curve::{curves, labels};
use crate::bench::document::{Document, PlainSample, Sample, Second};

const HEADING: &str = "label,workload,kernel,baseline,threads,pinned,round,hashes,elapsed_s,\
    hashes_per_s,sum,cycles_per_hash,clock_ghz,reached,waiting_for_cpu,throttled,off_cpu,idle,\
    lower_clock,less_per_cycle,cpu,sustained_at_s\n";

/// Columns of cycles, the clock, and where the threads went.
const ACCOUNT: usize = 9;

/// Which of them is the clock.
const CLOCK: usize = 1;

/// What tells series of samples apart: kernel, baseline, threads, and whether workers were pinned.
/// What does not apply is empty.
type SeriesName<'a> = [&'a dyn ToString; 4];

/// The columns behind a sample's own. They are empty where nothing is known or they do not apply.
#[derive(Default)]
struct Further {
    sum: String,
    account: [String; ACCOUNT],
    cpu: String,
    sustained_at_s: String,
}

/// The table, and the columns that all rows of a document begin with.
struct Rows<'a> {
    table: &'a mut csv::Writer<Vec<u8>>,
    label: &'a str,
    workload: &'a str,
}

pub(super) fn render(documents: &[Document], kernel: Option<&str>) -> Vec<u8> {
    let mut table = csv::Writer::from_writer(HEADING.as_bytes().to_vec());
    for (document, label) in documents.iter().zip(&labels(documents)) {
        let mut rows = Rows { table: &mut table, label, workload: &document.workload.name };
        rows.add_points(document, kernel);
        rows.add_baselines(document);
        rows.add_single_cpus(document, kernel);
        rows.add_long_run(document, kernel);
    }
    table.into_inner().expect("memory takes everything")
}

impl Rows<'_> {
    fn add(&mut self, name: SeriesName<'_>, sample: &PlainSample, further: Further) {
        let PlainSample { round, hashes, elapsed_s, hashes_per_s } = sample;
        let run: [&dyn ToString; 2] = [&self.label, &self.workload];
        let sample: [&dyn ToString; 4] = [round, hashes, elapsed_s, hashes_per_s];
        let cells = run.into_iter().chain(name).chain(sample);
        let cells = cells.map(|cell| escape::csv(&cell.to_string()));
        let Further { sum, account, cpu, sustained_at_s } = further;
        let cells = cells.chain([sum]).chain(account).chain([cpu, sustained_at_s]);
        self.table.write_record(cells).expect("memory takes rows of equal length");
    }

    fn add_points(&mut self, document: &Document, kernel: Option<&str>) {
        let curves = curves(document, &document.label, kernel);
        for point in curves.iter().flat_map(|curve| &curve.points) {
            let name: SeriesName<'_> = [&point.kernel, &"", &point.threads, &point.pinned];
            for sample in &point.samples {
                let (sum, account) = (sample.sum.to_string(), account(sample));
                self.add(name, &sample.plain(), Further { sum, account, ..Further::default() });
            }
        }
    }

    fn add_baselines(&mut self, document: &Document) {
        for baseline in &document.baselines {
            for sample in &baseline.samples {
                self.add([&"", &baseline.name, &1, &""], sample, Further::default());
            }
        }
    }

    fn add_single_cpus(&mut self, document: &Document, kernel: Option<&str>) {
        for each in document.each_cpu.iter().filter(|each| is_chosen(kernel, &each.kernel)) {
            for cpu in &each.cpus {
                for sample in &cpu.samples {
                    let cpu = cpu.cpu.to_string();
                    let further = Further { cpu, ..Further::default() };
                    self.add([&each.kernel, &"", &1, &true], sample, further);
                }
            }
        }
    }

    fn add_long_run(&mut self, document: &Document, kernel: Option<&str>) {
        for run in document.sustained.iter().filter(|run| is_chosen(kernel, &run.kernel)) {
            for (round, second) in run.seconds.iter().enumerate() {
                let &Second { elapsed_s, hashes, hashes_per_s, .. } = second;
                let sample = PlainSample { round, elapsed_s, hashes, hashes_per_s };
                let sustained_at_s = second.at_s.to_string();
                let mut further = Further { sustained_at_s, ..Further::default() };
                further.account[CLOCK] = text_or_empty(second.clock_ghz);
                self.add([&run.kernel, &"", &run.threads, &""], &sample, further);
            }
        }
    }
}

fn is_chosen(kernel: Option<&str>, name: &str) -> bool {
    kernel.is_none_or(|kernel| kernel == name)
}

/// The clock, and where the threads went.
fn account(sample: &Sample) -> [String; ACCOUNT] {
    let losses = |account: Account<f64>| Loss::ALL.map(|loss| account.loss(loss));
    let [waiting, throttled, off, idle, clock, per_cycle] =
        sample.account.map_or_else(Default::default, losses);
    let reached = sample.account.map(|account| account.reached);
    let (cycles, ghz) = (sample.cycles_per_hash(), sample.clock_ghz());
    [cycles, ghz, reached, waiting, throttled, off, idle, clock, per_cycle].map(text_or_empty)
}

fn text_or_empty(figure: Option<f64>) -> String {
    figure.map_or_else(String::new, |figure| figure.to_string())
}
