//! Times of single functions, to notice when one becomes slower: `cargo bench --bench functions`.
//!
//! Criterion measures one thing after another. What is to be compared belongs in `ratios`.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use stripmine::chain::python_json::{Reader, Value, parse, write_value};
use stripmine::chain::{Candidate, Chain, SealedBlock, Timestamp};
use stripmine::pow::{Job, Kernel, NonceEncoding, Target, Template};

const NONCES: u64 = 1_000;

fn json(criterion: &mut Criterion) {
    let genesis = SealedBlock::genesis();
    let line = genesis.line();
    let value = parse(line.as_bytes()).expect("a block is JSON");
    let mut group = criterion.benchmark_group("python_json");
    group.throughput(Throughput::Bytes(line.len() as u64));
    group.bench_function("skip a block's line", |bencher| {
        bencher.iter(|| Reader::new(black_box(line.as_bytes())).skip());
    });
    group.bench_function("parse a block's line", |bencher| {
        bencher.iter(|| parse(black_box(line.as_bytes())));
    });
    group.bench_function("write a block's line", |bencher| {
        bencher.iter(|| {
            let mut out = String::new();
            write_value(&mut out, black_box(&value));
            out
        });
    });
    group.finish();
}

fn chain(criterion: &mut Criterion) {
    let mut chain = Chain::new();
    chain.accept(&SealedBlock::genesis()).expect("the genesis block is a first block");
    let block = next_block(&chain).seal(0);
    criterion.bench_function("chain: make a candidate", |bencher| {
        bencher.iter(|| next_block(black_box(&chain)));
    });
    criterion.bench_function("chain: accept a block", |bencher| {
        bencher.iter(|| chain.clone().accept(black_box(&block)));
    });
}

fn next_block(chain: &Chain) -> Candidate {
    let timestamp = Timestamp::Integer(1_700_000_000_u64.into());
    chain.candidate(&timestamp, &Value::from("Block 1")).expect("small data fits")
}

fn kernels(criterion: &mut Criterion) {
    let template = Template::new([b'p'; 42], NonceEncoding::Decimal, [b's'; 115]);
    let mut group = criterion.benchmark_group("search");
    group.throughput(Throughput::Elements(NONCES));
    for kernel in Kernel::available() {
        let job = Job::new(&template, Target::ZERO, kernel);
        group.bench_function(kernel.name(), |bencher| {
            bencher.iter(|| job.search(black_box(1_000_000)..=1_000_000 + NONCES - 1));
        });
    }
    group.finish();
}

criterion_group!(benches, json, chain, kernels);
criterion_main!(benches);
