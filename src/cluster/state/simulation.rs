//! The state machine in a world where everything goes wrong: hosts die with leases or come back
//! with them much later, messages are lost, doubled and reordered, the engine forgets what it held,
//! and the coordinator is started again. The final nonce is the lowest, every time, and every run
//! ends.

use std::collections::BTreeSet;

use fastrand::Rng;

use super::{Action, Event, LeaseNumber, Span, State, Verdict, is_void};

/// A fault that the simulation must notice, in the state machine or in what stands around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// A lease whose message is gone counts as searched.
    AckCounts,
    /// What is written down as the floor is one too high.
    FloorTooHigh,
    /// After a find, hosts drop leases below it as well.
    StopsAll,
    /// A restart gives leases before it has heard the reports that there are.
    GivesBeforeReplay,
}

impl Fault {
    const ALL: [Self; 4] =
        [Self::AckCounts, Self::FloorTooHigh, Self::StopsAll, Self::GivesBeforeReplay];
}

/// What a host says about a lease.
#[derive(Clone, Copy, Debug)]
struct LeaseReport {
    lease: LeaseNumber,
    span: Span,
    is_find: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Host {
    lease: Option<(LeaseNumber, Span)>,
    /// The lease that it has reported and not yet acknowledged.
    unacked: Option<LeaseNumber>,
}

/// Everything but the coordinator's state survives its restart.
struct World {
    random: Rng,
    range: Span,
    valid: BTreeSet<u64>,
    hosts: Vec<Host>,
    /// The engine's work queue: a lease stays until it is acknowledged.
    queue: Vec<(LeaseNumber, Span)>,
    /// The engine's stored reports.
    done: Vec<LeaseReport>,
    /// What was last written down: floor and find.
    written: Option<(u64, Option<u64>)>,
    /// Reports on their way to the coordinator.
    inbox: Vec<LeaseReport>,
    /// Stored reports that the coordinator must hear before it gives a lease.
    replay: Vec<LeaseReport>,
    starts: u64,
    state: State,
    verdict: Option<Verdict>,
    fault: Option<Fault>,
}

/// Why a run shows a mistake.
type Mistake = String;

impl World {
    fn new(seed: u64, fault: Option<Fault>) -> Self {
        let mut random = Rng::with_seed(seed);
        let len = random.u64(1..300);
        let first = match random.u8(..4) {
            0 => u64::MAX - len,
            1 => 0,
            _ => random.u64(..1_000),
        };
        let range = Span::new(first, first + len - 1).expect("it holds a nonce");
        let one_in = *random.choice(&[3, 30, 300, 3_000]).expect("it is not empty");
        let valid = (range.first..=range.last).filter(|_| random.u64(..one_in) == 0).collect();
        let hosts = vec![Host::default(); random.usize(1..6)];
        let (state, written) = (State::new(range, first, None, 0), None);
        let mut world = Self {
            random,
            range,
            valid,
            hosts,
            queue: Vec::new(),
            done: Vec::new(),
            written,
            inbox: Vec::new(),
            replay: Vec::new(),
            starts: 0,
            state,
            verdict: None,
            fault,
        };
        world.start();
        world
    }

    /// Starts the coordinator, again or for the first time.
    fn start(&mut self) {
        let (floor, find) = self.written.unwrap_or((self.range.first, None));
        self.state = State::new(self.range, floor, find, self.starts << 32);
        self.starts += 1;
        self.inbox.clear();
        self.replay.clone_from(&self.done);
        self.random.shuffle(&mut self.replay);
        if self.fault == Some(Fault::GivesBeforeReplay) {
            // It is not asked for leases yet.
            drop(self.state.take(Event::Replayed));
        }
    }

    fn hear(&mut self, event: Event) -> Result<(), Mistake> {
        for action in self.state.take(event) {
            match action {
                Action::Lease { .. } if !self.replay.is_empty() => {
                    return Err(format!("{action:?} before {:?} was heard", self.replay));
                }
                Action::Lease { lease, span } => self.queue.push((lease, span)),
                Action::Stop { .. } => {
                    self.queue.clear();
                    self.write();
                }
                Action::End(verdict) => self.verdict = Some(verdict),
            }
        }
        Ok(())
    }

    fn write(&mut self) {
        let too_high = u64::from(self.fault == Some(Fault::FloorTooHigh));
        let floor = self.state.floor().saturating_add(too_high).min(self.range.last);
        self.written = Some((floor, self.state.find()));
    }

    /// The coordinator hears what it was started with.
    fn replay_one(&mut self) -> Result<(), Mistake> {
        match self.replay.pop() {
            Some(LeaseReport { lease, span, is_find }) => {
                self.hear(Event::Report { lease, span, is_find })
            }
            None if self.state.is_replayed => Ok(()),
            None => {
                for (lease, span) in self.queue.clone() {
                    self.hear(Event::Standing { lease, span })?;
                }
                self.hear(Event::Replayed)
            }
        }
    }

    fn want_leases(&mut self) -> Result<(), Mistake> {
        let (leases, len) = (self.random.usize(1..8), self.random.u64(1..50));
        self.hear(Event::Wanted { leases, len })
    }

    /// Some host takes a lease; the engine may give one that another host has, too.
    fn deliver(&mut self, host: usize) {
        if self.queue.is_empty() || self.hosts[host].lease.is_some() {
            return;
        }
        let at = self.random.usize(..self.queue.len());
        let (lease, span) = self.queue[at];
        let find = self.written.and_then(|(_, find)| find);
        let stops_all = self.fault == Some(Fault::StopsAll) && find.is_some();
        if stops_all || is_void(span.first, find) {
            self.queue.remove(at);
        } else {
            self.hosts[host].lease = Some((lease, span));
        }
    }

    /// A host searches its lease, or the beginning of it, and its report is stored.
    fn report(&mut self, host: usize) {
        let Some((lease, span)) = self.hosts[host].lease.take() else { return };
        let span = span.cut_to(if self.random.bool() { u64::MAX } else { self.random.u64(1..40) });
        let find = self.valid.range(span.first..=span.last).next().copied();
        let span = Span { last: find.unwrap_or(span.last), ..span };
        let told = LeaseReport { lease, span, is_find: find.is_some() };
        self.done.push(told);
        self.inbox.push(told);
        self.hosts[host].unacked = Some(lease);
    }

    fn acknowledge(&mut self, host: usize) {
        if let Some(lease) = self.hosts[host].unacked.take() {
            self.queue.retain(|(number, _)| *number != lease);
        }
    }

    /// The coordinator hears a report, any of those on their way.
    fn hear_report(&mut self, keeps: bool) -> Result<(), Mistake> {
        if self.inbox.is_empty() {
            return Ok(());
        }
        let at = self.random.usize(..self.inbox.len());
        let LeaseReport { lease, span, is_find } =
            if keeps { self.inbox[at] } else { self.inbox.swap_remove(at) };
        self.hear(Event::Report { lease, span, is_find })
    }

    /// The coordinator looks whether the engine still has the leases that are out.
    fn look_for_lost(&mut self) -> Result<(), Mistake> {
        let is_queued = |lease: &LeaseNumber| self.queue.iter().any(|(it, _)| it == lease);
        let out: Vec<_> = self.state.out.iter().map(|(lease, span)| (*lease, *span)).collect();
        let lost: Vec<_> = out.into_iter().filter(|(lease, _)| !is_queued(lease)).collect();
        lost.into_iter().try_for_each(|(lease, span)| {
            self.hear(match self.fault {
                Some(Fault::AckCounts) => Event::Report { lease, span, is_find: false },
                _ => Event::Lost { lease },
            })
        })
    }

    /// One thing happens, most often a good one.
    fn stir(&mut self) -> Result<(), Mistake> {
        let host = self.random.usize(..self.hosts.len());
        match self.random.u8(..100) {
            0..25 => self.deliver(host),
            25..45 => self.report(host),
            45..60 => self.acknowledge(host),
            60..75 => self.hear_report(false)?,
            75..80 => self.hear_report(true)?,
            80..85 => self.replay_one()?,
            85..89 => self.want_leases()?,
            89..91 => self.look_for_lost()?,
            91..93 => self.write(),
            // A host dies, with its lease or after its report.
            93..95 => self.hosts[host] = Host::default(),
            // A report never reaches this start of the coordinator.
            95 => _ = self.inbox.pop(),
            // The engine loses a lease.
            96 => _ = self.queue.pop(),
            97..99 => self.start(),
            // The engine comes back with nothing, or with old reports alone.
            _ if self.random.u8(..4) == 0 => {
                self.queue.clear();
                self.done.clear();
                self.written = None;
            }
            _ => self.queue.clear(),
        }
        Ok(())
    }

    /// A round in which everybody does their work.
    fn settle(&mut self) -> Result<(), Mistake> {
        while !self.replay.is_empty() || !self.state.is_replayed {
            self.replay_one()?;
        }
        self.want_leases()?;
        for host in 0..self.hosts.len() {
            self.deliver(host);
            self.report(host);
            self.acknowledge(host);
        }
        while !self.inbox.is_empty() {
            self.hear_report(false)?;
        }
        self.look_for_lost()
    }

    fn run(mut self) -> Result<(), Mistake> {
        let trouble = self.random.usize(..400);
        for _ in 0..trouble {
            if self.verdict.is_none() {
                self.stir()?;
            }
        }
        for _ in 0..2_000 {
            if self.verdict.is_none() {
                self.settle()?;
            }
        }
        let lowest = self.valid.first().copied();
        let expected = lowest.map_or(Verdict::Exhausted, Verdict::Found);
        match self.verdict {
            Some(verdict) if verdict == expected => Ok(()),
            verdict => Err(format!("{verdict:?}, and right is {expected:?}")),
        }
    }
}

/// The seed of the first run that shows a mistake.
fn first_mistake(runs: u64, fault: Option<Fault>) -> Option<(u64, Mistake)> {
    let first = std::env::var("STRIPMINE_SEED").map_or(0, |it| it.parse().expect("a number"));
    (first..first + runs).find_map(|seed| Some((seed, World::new(seed, fault).run().err()?)))
}

#[test]
fn the_lowest_nonce_is_final_and_every_run_ends() {
    let is_long = std::env::var_os("STRIPMINE_LONG").is_some();
    assert_eq!(first_mistake(if is_long { 100_000 } else { 4_000 }, None), None);
}

#[test]
fn every_fault_is_noticed() {
    for fault in Fault::ALL {
        let mistake = first_mistake(4_000, Some(fault));
        let (seed, mistake) = mistake.unwrap_or_else(|| panic!("{fault:?} goes unnoticed"));
        println!("{fault:?}: seed {seed}: {mistake}");
    }
}
