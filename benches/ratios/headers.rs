//! The cost of a hash for each kernel, on one thread, for headers of several shapes, by CPU time.

use anyhow::Result;
use stripmine::bench::sha2_digest;
use stripmine::bench::statistics::quantile;
use stripmine::pow::{
    Anatomy, BlockRole, Job, Kernel, NonceEncoding, NonceLimit, NonceStart, Target, Template,
};

use super::clock::{CLOCK, multiplications};
use super::on_cpu::timed;
use super::ports::Stream;
use super::sampler::{Sample, Sampler, Samples, bracketed};
use super::settings::Settings;
use super::utilisation;

const DIGEST: &str = "sha2 digest in place";

/// A header's name, the header, and where its nonces begin.
type Case = (&'static str, Template, u64);

fn cases(chain: &Template) -> [Case; 6] {
    let target = Target::from_bits(40).unwrap_or(Target::ZERO);
    let wide = NonceStart::cheapest(chain, &target, Kernel::detect(), NonceLimit::Wide);
    let text = |prefix, suffix| {
        Template::new(vec![b'p'; prefix], NonceEncoding::Decimal, vec![b's'; suffix])
    };
    [
        ("chain header", chain.clone(), 10_000_000),
        ("chain header, auto:wide", wide.template(chain), wide.first),
        ("text, one block", text(20, 0), 10_000_000),
        ("text, two blocks", text(20, 60), 10_000_000),
        ("text, low digits begin block two", text(55, 20), 100_000_000_000),
        ("Bitcoin header, hashed twice", Template::bitcoin(&[7; 80]), 1_000_000),
    ]
}

/// Prints a table for every header, and the spread over all alignments of the nonce.
pub(crate) fn print(settings: &Settings, chain: &Template) -> Result<()> {
    let streams = Stream::all();
    if streams.is_none() {
        println!("\nPORT LIMIT NOT MEASURED: this CPU has no AVX-512F, no utilisation is shown");
    }
    for case in cases(chain) {
        print_case(settings, &case, streams.unwrap_or_default())?;
    }
    print_alignments(settings)
}

fn print_case(settings: &Settings, case: &Case, streams: &[Stream]) -> Result<()> {
    let (name, template, first) = case;
    let mut sampler = Sampler::default()
        .subject(CLOCK, || Ok(multiplications()))
        .subject(DIGEST, || Ok(digest(template, *first)));
    for kernel in Kernel::available() {
        let nonces = if kernel == Kernel::Portable { 64_000 } else { 640_000 };
        let job = Job::new(template, Target::ZERO, kernel);
        sampler = sampler.subject(kernel.name(), move || Ok(search(&job, *first, nonces)));
    }
    for stream in streams {
        sampler = sampler.subject(stream.name(), move || Ok(stream.sample()));
    }
    let measured = sampler.run(settings.rounds)?;
    let anatomy = Anatomy::new(template, *first, Kernel::Avx512);
    println!("\n{name}: {} bytes, {} a hash for kernel avx512", anatomy.header_len, anatomy.cost);
    println!("{:20}  {:>7}  {:>11}  {:>24}", "", "MH/s", "cycles/hash", "x sha2 digest in place");
    let is_stream = |name: &str| streams.iter().any(|stream| stream.name() == name);
    for row in measured.names().filter(|name| *name != CLOCK && !is_stream(name)) {
        print_row(&measured, row);
    }
    utilisation::print(&measured, &anatomy, Kernel::Avx512.name(), streams);
    Ok(())
}

fn print_row(samples: &Samples, name: &str) {
    let rate = samples.median_rate(name).unwrap_or_default() / 1e6;
    let cycles = samples.ratio(CLOCK, name).map_or(0.0, |ratio| ratio.median);
    let ratio = samples.ratio(name, DIGEST).map(|ratio| bracketed(&ratio)).unwrap_or_default();
    println!("{name:20}  {rate:>7.2}  {cycles:>11.1}  {ratio:>24}");
}

fn digest(template: &Template, first: u64) -> Sample {
    const NONCES: u64 = 100_000;
    timed(|| {
        assert_eq!(sha2_digest(template, &Target::ZERO, first..=first + NONCES - 1), None);
        NONCES as f64
    })
}

fn search(job: &Job<'_>, first: u64, nonces: u64) -> Sample {
    timed(|| {
        assert_eq!(job.search(first..=first + nonces - 1), None);
        nonces as f64
    })
}

/// The first nonce of those that end at every place in a block.
const FIRST: u64 = 3_000_000_000;

/// The same header with its nonce ending at every one of the 64 places in a block.
fn print_alignments(settings: &Settings) -> Result<()> {
    let kernel = Kernel::detect();
    println!("\n{kernel}, nonces of ten digits ending at each byte of a block");
    for (name, suffix) in [("nothing after the nonce", 0), ("64 bytes after the nonce", 64)] {
        let templates: Vec<Template> = (0..64)
            .map(|end| {
                Template::new(vec![b'p'; 64 + end - 10], NonceEncoding::Decimal, vec![b's'; suffix])
            })
            .collect();
        let mut sampler = Sampler::default().subject(CLOCK, || Ok(multiplications()));
        for (end, template) in templates.iter().enumerate() {
            let job = Job::new(template, Target::ZERO, kernel);
            sampler = sampler.subject(end.to_string(), move || Ok(search(&job, FIRST, 320_000)));
        }
        let measured = sampler.run(settings.rounds)?;
        print_by_blocks(&measured, &templates, name, kernel);
    }
    Ok(())
}

/// Alignments are comparable where as many blocks are hashed for every nonce.
fn print_by_blocks(samples: &Samples, templates: &[Template], name: &str, kernel: Kernel) {
    let blocks = |template: &Template| blocks_per_nonce(&Anatomy::new(template, FIRST, kernel));
    let counts = templates.iter().map(blocks).collect::<std::collections::BTreeSet<_>>();
    for count in counts {
        let ends = (0..templates.len()).filter(|end| blocks(&templates[*end]) == count);
        let cycles: Vec<f64> = ends
            .filter_map(|end| samples.ratio(CLOCK, &end.to_string()))
            .map(|ratio| ratio.median)
            .collect();
        let at = |share| quantile(&cycles, share).unwrap_or_default();
        let (fastest, median, slowest) = (at(0.0), at(0.5), at(1.0));
        println!(
            "{name}, {count} blocks a nonce, {} places: {fastest:.1} to {slowest:.1} cycles/hash, \
             median {median:.1}; the slowest runs at {:.2} of the median",
            cycles.len(),
            median / slowest
        );
    }
}

/// Blocks that are hashed for every nonce, not for many of them together.
fn blocks_per_nonce(anatomy: &Anatomy) -> usize {
    let is_shared = |role: &&BlockRole| match role {
        BlockRole::Midstate | BlockRole::HigherDigits => true,
        BlockRole::Varying { shared_by, .. } => *shared_by > 1,
        BlockRole::LowestDigits { .. }
        | BlockRole::Constant
        | BlockRole::Whole
        | BlockRole::SecondHash { .. } => false,
    };
    anatomy.blocks.iter().filter(|role| !is_shared(role)).count()
}
