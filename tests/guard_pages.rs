//! No kernel reads or writes outside its tables and buffers. Here, every allocation of the program
//! ends, or begins, at a page that must not be touched: an access to it ends the process.
//!
//! The stack is not guarded; `tests/long.sh --only sanitised-kernels` checks it.
#![cfg(target_os = "linux")]
#![allow(unsafe_code, reason = "an allocator")]

mod common;

use std::alloc::{GlobalAlloc, Layout};
use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};

use common::{bytes, kernels, oracle, side_by_side};
use fastrand::Rng;
use rustix::mm::{MapFlags, MprotectFlags, ProtFlags, mmap_anonymous, mprotect, munmap};
use stripmine::miner::{Miner, Outcome, Search};
use stripmine::pow::{Hashing, Job, NonceEncoding, Target, Template};

/// Whether allocations begin at a page that nobody may touch; otherwise they end at one.
static AT_THE_BEGINNING: AtomicBool = AtomicBool::new(false);

/// Maps pages for each allocation, with one before and one after them that nobody may touch.
struct Guarded;

#[global_allocator]
static ALLOCATOR: Guarded = Guarded;

/// Asks the C library, which keeps the number at hand. `rustix` may allocate to find it out, and
/// an allocator cannot wait for an allocation.
fn page_bytes() -> usize {
    // SAFETY: it takes a number and returns one.
    let bytes = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(bytes).expect("every Linux has a page size")
}

impl Guarded {
    /// Bytes of a page, of what is allocated, and of the pages that hold it.
    fn sizes(layout: Layout) -> (usize, usize, usize) {
        let (page, size) = (page_bytes(), layout.pad_to_align().size());
        (page, size, size.next_multiple_of(page))
    }
}

// SAFETY: each allocation is a mapping of its own, at least as large as asked for, and aligned:
// it begins at a page, or a padded size before one; larger alignments are refused.
unsafe impl GlobalAlloc for Guarded {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let (page, size, pages) = Self::sizes(layout);
        if layout.align() > page {
            return ptr::null_mut();
        }
        let (nobody, private) = (ProtFlags::empty(), MapFlags::PRIVATE);
        // SAFETY: a new mapping, which overlaps nothing.
        let map = unsafe { mmap_anonymous(ptr::null_mut(), page + pages + page, nobody, private) };
        let Ok(map) = map else { return ptr::null_mut() };
        let start = map.cast::<u8>().wrapping_add(page);
        let ours = MprotectFlags::READ | MprotectFlags::WRITE;
        // SAFETY: these are the pages of the mapping but for its first and its last.
        if unsafe { mprotect(start.cast(), pages, ours) }.is_err() {
            return ptr::null_mut();
        }
        let at_the_beginning = AT_THE_BEGINNING.load(Ordering::Relaxed);
        start.wrapping_add(if at_the_beginning { 0 } else { pages - size })
    }

    unsafe fn dealloc(&self, allocation: *mut u8, layout: Layout) {
        let (page, _, pages) = Self::sizes(layout);
        let start = allocation.map_addr(|address| address & !(page - 1));
        // SAFETY: the whole mapping of this allocation, which nobody uses any more.
        let _ = unsafe { munmap(start.wrapping_sub(page).cast(), page + pages + page) };
    }
}

/// Searches every alignment of the nonce with every kernel, and compares with the oracle.
fn search_everything() {
    let mut random = Rng::with_seed(11);
    for prefix_len in 0..128 {
        let width = u32::try_from(prefix_len % 20).unwrap();
        let suffix_len = random.usize(..130);
        let (prefix, suffix) = (bytes(&mut random, prefix_len), bytes(&mut random, suffix_len));
        let decimal = Template::new(prefix.clone(), NonceEncoding::Decimal, suffix.clone());
        // Across the ends of a group of low digits.
        let first = 10_u64.pow(width).saturating_sub(30);
        searches_as_the_oracle_does(&decimal, first, &mut random);
        let binary = Template::new(prefix, NonceEncoding::LittleEndian32, suffix);
        searches_as_the_oracle_does(&binary.with_hashing(Hashing::Twice), 65_500, &mut random);
    }
}

fn searches_as_the_oracle_does(template: &Template, first: u64, random: &mut Rng) {
    let range = first..=first + 60 + random.u64(..60);
    let digest = oracle::digest(template, range.start() + random.u64(..60));
    let targets = [Target::from_be_bytes(*digest.as_be_bytes()), Target::ZERO]
        .map(|target| (target, oracle::lowest(template, target, range.clone())));
    for kernel in kernels() {
        let mut job = Job::new(template, Target::ZERO, kernel);
        for (target, expected) in targets {
            job = job.with_target(target);
            let hit = job.search(range.clone());
            assert_eq!(hit.map(|hit| hit.nonce), expected, "{kernel} {template:?}");
        }
    }
}

/// Long enough for whole passes over a kernel's tables, on several threads.
fn mine_with_every_kernel() {
    for kernel in kernels() {
        let miner = Miner::builder().threads(3).kernel(kernel).build().unwrap();
        for suffix_len in [0, 60, 110] {
            let suffix = "x".repeat(suffix_len);
            let template = Template::new("guarded ", NonceEncoding::Decimal, suffix);
            let search = Search::default().with_range(0..=40_000);
            let outcome = miner.search(&template, &Target::ZERO, search);
            assert!(matches!(outcome, Ok(Outcome::Exhausted(_))), "{kernel}: {outcome:?}");
        }
    }
}

/// Where the guard pages of a process that this program starts are: `before` or `beyond` what is
/// allocated.
const PLACE: &str = "GUARD_PAGES_PLACE";

/// Not a test of its own: it searches where `no_kernel_leaves_its_tables_and_buffers` starts it.
#[test]
fn search_beside_guard_pages() {
    let Some(place) = std::env::var_os(PLACE) else { return };
    AT_THE_BEGINNING.store(place == "before", Ordering::Relaxed);
    search_everything();
    mine_with_every_kernel();
}

/// Two processes: threads of one would wait for each other at every allocation.
#[test]
fn no_kernel_leaves_its_tables_and_buffers() {
    side_by_side(["before", "beyond"], |place| {
        let mut command = this_program();
        command.args(["--exact", "search_beside_guard_pages"]).env(PLACE, place);
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.contains("1 passed"), "{place}: {output:?}");
    });
}

/// Set where this program is to touch what it may not.
const TRESPASS: &str = "GUARD_PAGES_TRESPASS";

/// Not a test of its own: it reads one byte past, or before, a buffer and ends by that.
#[test]
fn trespass() {
    let Some(place) = std::env::var_os(TRESPASS) else { return };
    AT_THE_BEGINNING.store(place == "before", Ordering::Relaxed);
    let buffer = [1_u8; 77].to_vec();
    let place = if place == "before" { -1 } else { 77 };
    // SAFETY: none; nobody but the test below asks for this, and what it reads is a guard page.
    let byte = unsafe { buffer.as_ptr().wrapping_offset(place).read_volatile() };
    panic!("it was read: {byte}");
}

/// This program once more, in the emulator that cargo was told to run it in, where there is one.
fn this_program() -> Command {
    const EMULATOR: &str = "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER";
    let program = std::env::current_exe().unwrap().into_os_string();
    let emulator = std::env::var(EMULATOR).ok().filter(|_| cfg!(target_arch = "aarch64"));
    let emulator = emulator.iter().flat_map(|line| line.split_whitespace()).map(OsString::from);
    let words: Vec<OsString> = emulator.chain([program]).collect();
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]);
    command
}

#[test]
fn a_guard_page_ends_who_touches_it() {
    const SIGSEGV: i32 = 11;
    for place in ["before", "beyond"] {
        let mut command = this_program();
        let output = command.args(["--exact", "trespass"]).env(TRESPASS, place).output().unwrap();
        assert_eq!(output.status.signal(), Some(SIGSEGV), "{place}: {output:?}");
    }
}
