//! Splits the threads of a sample into what was reached and what was lost.

use super::parts::Account;
use super::times::WorkerTimes;

/// What was measured in a sample.
#[derive(Clone, Copy, Debug)]
pub(in crate::bench) struct Observed<'a> {
    /// Seconds from the barrier to the stop of the last worker.
    pub(in crate::bench) elapsed_s: f64,
    /// Nonces tested, by worker.
    pub(in crate::bench) hashes: &'a [u64],
    pub(in crate::bench) times: &'a WorkerTimes,
}

/// What is known of both samples of a split.
#[derive(Clone, Copy, Debug)]
struct Known {
    on_cpu: bool,
    waited: bool,
    clock: bool,
}

/// A worker's figures, with what stands in for those that are not known.
struct Worker {
    hashes: f64,
    stopped_after_s: f64,
    on_cpu_s: f64,
    waited_s: f64,
    clock_hz: f64,
}

impl Observed<'_> {
    fn workers(&self, known: Known) -> impl Iterator<Item = Worker> {
        let times = self.times;
        let figure = |is_known: bool, figures: &Option<Vec<f64>>, worker: usize| {
            figures.as_ref().filter(|_| is_known).map(|figures| figures[worker])
        };
        (0..self.hashes.len()).map(move |worker| {
            let stopped_after_s = times.stopped_after_s[worker];
            let waited_s = figure(known.waited, &times.waited_s, worker).unwrap_or(0.0);
            // Without a CPU clock, the rest counts as if it had been on a CPU.
            let on_cpu_s = figure(known.on_cpu, &times.on_cpu_s, worker);
            let on_cpu_s = on_cpu_s.unwrap_or(stopped_after_s - waited_s);
            // Without clocks, all are alike.
            let clock_hz = figure(known.clock, &times.clock_hz, worker).unwrap_or(1.0);
            let hashes = self.hashes[worker] as f64;
            Worker { hashes, stopped_after_s, on_cpu_s, waited_s, clock_hz }
        })
    }
}

/// Where the threads of a sample went, against a sample of one thread of the same kernel in the
/// same round. `are_clocks_comparable` is false where the measured clocks are not those of the
/// cores, since siblings share them.
///
/// With T the sample's time; c a worker's time on a CPU ÷ T; f its clock ÷ that of the one thread;
/// h its hashes per cycle ÷ those of the one thread, the number of threads is
/// Σ (1 − c) + Σ c (1 − f) + Σ c f (1 − h) + Σ c f h. The first sum is split by what kept a worker
/// from a CPU; the last is what was reached.
///
/// `None` where the readings give no finite figures, as from a thread that had no time on a CPU.
pub(in crate::bench) fn split(
    sample: Observed<'_>,
    one_thread: Observed<'_>,
    are_clocks_comparable: bool,
) -> Option<Account<f64>> {
    let both =
        |is_known: fn(&WorkerTimes) -> bool| is_known(sample.times) && is_known(one_thread.times);
    let known = Known {
        on_cpu: both(|times| times.on_cpu_s.is_some()),
        waited: both(|times| times.waited_s.is_some()),
        clock: are_clocks_comparable && both(|times| times.clock_hz.is_some()),
    };
    let one = one_thread.workers(known).next()?;
    let throttled = throttled_share(sample, known);
    let mut account = Account::default();
    let [mut waiting, mut throttling, mut off, mut slower] = [0.0; 4];
    for it in sample.workers(known) {
        let threads = |seconds: f64| seconds / sample.elapsed_s;
        let on_cpu = threads(it.on_cpu_s);
        let at_its_clock = on_cpu * it.clock_hz / one.clock_hz;
        let reached = threads(it.hashes * one.on_cpu_s / one.hashes);
        let waited = threads(it.waited_s);
        waiting += waited * (1.0 - throttled.unwrap_or(0.0));
        throttling += waited * throttled.unwrap_or(0.0);
        off += threads(it.stopped_after_s - it.on_cpu_s - it.waited_s);
        account.idle += threads(sample.elapsed_s - it.stopped_after_s);
        slower += on_cpu - at_its_clock;
        account.less_per_cycle += at_its_clock - reached;
        account.reached += reached;
    }
    account.waiting_for_cpu = known.waited.then_some(waiting);
    account.throttled = throttled.map(|_| throttling);
    account.off_cpu = known.on_cpu.then_some(off);
    account.lower_clock = known.clock.then_some(slower);
    let is_finite =
        [account.reached, account.less_per_cycle, slower].iter().all(|it| it.is_finite());
    is_finite.then_some(account)
}

/// The share of the waits that was throttling: at most what the control group counted. `None` where
/// either is not known.
fn throttled_share(sample: Observed<'_>, known: Known) -> Option<f64> {
    let throttled_s = sample.times.throttled_s.filter(|_| known.waited)?;
    let waited_s: f64 = sample.workers(known).map(|it| it.waited_s).sum();
    Some(if waited_s > 0.0 { (throttled_s / waited_s).min(1.0) } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::super::parts::Loss;
    use super::*;

    /// A sample of one second, in which every worker runs all the time at 4 GHz and hashes a
    /// million nonces.
    struct Sample {
        hashes: Vec<u64>,
        times: WorkerTimes,
    }

    impl Sample {
        fn of(threads: usize) -> Self {
            let all = |value: f64| vec![value; threads];
            let times = WorkerTimes {
                stopped_after_s: all(1.0),
                on_cpu_s: Some(all(1.0)),
                waited_s: Some(all(0.0)),
                clock_hz: Some(all(4e9)),
                throttled_s: Some(0.0),
                stolen_s: None,
            };
            Self { hashes: vec![1_000_000; threads], times }
        }

        fn on_cpu_s(&mut self) -> &mut [f64] {
            self.times.on_cpu_s.as_mut().unwrap()
        }

        fn waited_s(&mut self) -> &mut [f64] {
            self.times.waited_s.as_mut().unwrap()
        }

        fn clock_hz(&mut self) -> &mut [f64] {
            self.times.clock_hz.as_mut().unwrap()
        }

        fn observed(&self) -> Observed<'_> {
            Observed { elapsed_s: 1.0, hashes: &self.hashes, times: &self.times }
        }

        fn account(&self) -> Account<f64> {
            split(self.observed(), Self::of(1).observed(), true).unwrap()
        }
    }

    /// Everything is at one place, and the parts add up to the threads.
    #[track_caller]
    fn assert_lost(account: &Account<f64>, threads: f64, losses: &[(Loss, f64)]) {
        for loss in Loss::ALL {
            let expected = losses.iter().find(|(it, _)| *it == loss).map_or(0.0, |it| it.1);
            let found = account.loss(loss).unwrap_or(0.0);
            assert!((found - expected).abs() < 1e-9, "{loss:?}: {found}, not {expected}");
        }
        assert_adds_up(account, threads);
    }

    #[track_caller]
    fn assert_adds_up(account: &Account<f64>, threads: f64) {
        let lost: f64 = Loss::ALL.iter().filter_map(|loss| account.loss(*loss)).sum();
        assert!((account.reached + lost - threads).abs() < 1e-9, "{account:?}");
    }

    #[test]
    fn threads_that_lack_nothing_reach_all() {
        for threads in [1, 2, 64] {
            let account = Sample::of(threads).account();
            assert_lost(&account, threads as f64, &[]);
            assert!((account.reached - threads as f64).abs() < 1e-9);
        }
    }

    #[test]
    fn a_worker_whose_clock_is_20_percent_lower_loses_a_fifth_to_its_clock() {
        let mut sample = Sample::of(4);
        sample.clock_hz()[2] = 3.2e9;
        sample.hashes[2] = 800_000;
        assert_lost(&sample.account(), 4.0, &[(Loss::LowerClock, 0.2)]);
    }

    #[test]
    fn a_kernel_that_is_slower_when_others_run_loses_per_cycle() {
        let mut sample = Sample::of(4);
        sample.hashes.fill(700_000);
        let account = sample.account();
        assert_lost(&account, 4.0, &[(Loss::LessPerCycle, 1.2)]);
        assert!((account.reached - 2.8).abs() < 1e-9);
    }

    #[test]
    fn a_slower_kernel_at_a_lower_clock_loses_at_both_places() {
        let mut sample = Sample::of(2);
        sample.clock_hz()[1] = 2e9;
        sample.hashes[1] = 400_000;
        let lost = [(Loss::LowerClock, 0.5), (Loss::LessPerCycle, 0.1)];
        assert_lost(&sample.account(), 2.0, &lost);
    }

    #[test]
    fn a_busy_loop_on_one_cpu_is_waiting_there_and_idle_time_elsewhere() {
        // The second worker waits for 0.4 s; the first ends early, as there are no stripes left.
        let mut sample = Sample::of(2);
        sample.waited_s()[1] = 0.4;
        sample.on_cpu_s()[1] = 0.6;
        sample.hashes[1] = 600_000;
        sample.times.stopped_after_s[0] = 0.9;
        sample.on_cpu_s()[0] = 0.9;
        sample.hashes[0] = 900_000;
        let lost = [(Loss::WaitingForCpu, 0.4), (Loss::Idle, 0.1)];
        assert_lost(&sample.account(), 2.0, &lost);
    }

    #[test]
    fn waits_are_throttling_as_far_as_the_group_counted() {
        let mut sample = Sample::of(2);
        sample.waited_s().copy_from_slice(&[0.5, 0.3]);
        sample.on_cpu_s().copy_from_slice(&[0.5, 0.7]);
        sample.hashes = vec![500_000, 700_000];
        for (counted, throttled) in [(0.0, 0.0), (0.6, 0.6), (0.8, 0.8), (5.0, 0.8)] {
            sample.times.throttled_s = Some(counted);
            let lost = [(Loss::Throttled, throttled), (Loss::WaitingForCpu, 0.8 - throttled)];
            assert_lost(&sample.account(), 2.0, &lost);
        }
    }

    #[test]
    fn what_no_clock_counted_is_off_the_cpu() {
        let mut sample = Sample::of(2);
        sample.on_cpu_s()[0] = 0.9;
        sample.hashes[0] = 900_000;
        assert_lost(&sample.account(), 2.0, &[(Loss::OffCpu, 0.1)]);
        // A CPU clock that ran ahead is a loss below zero, not cut.
        sample.on_cpu_s()[0] = 1.02;
        let account = sample.account();
        assert!(account.off_cpu.is_some_and(|off| (off + 0.02).abs() < 1e-9));
        assert_adds_up(&account, 2.0);
    }

    #[test]
    fn one_thread_can_have_losses_of_its_own() {
        let mut alone = Sample::of(1);
        alone.waited_s()[0] = 0.25;
        alone.on_cpu_s()[0] = 0.75;
        let account = split(alone.observed(), alone.observed(), true).unwrap();
        assert_lost(&account, 1.0, &[(Loss::WaitingForCpu, 0.25)]);
    }

    #[test]
    fn a_figure_that_is_missing_joins_the_next_one() {
        let mut whole = Sample::of(2);
        whole.waited_s()[0] = 0.2;
        whole.on_cpu_s()[0] = 0.7;
        whole.clock_hz().fill(3e9);
        whole.hashes = vec![500_000, 600_000];
        let sample = |change: fn(&mut WorkerTimes)| {
            let mut times = whole.times.clone();
            change(&mut times);
            let account = Sample { hashes: whole.hashes.clone(), times }.account();
            assert_adds_up(&account, 2.0);
            account
        };
        let all = sample(|_| ());
        let no_waits = sample(|times| times.waited_s = None);
        assert_eq!((no_waits.waiting_for_cpu, no_waits.throttled), (None, None));
        let off = all.waiting_for_cpu.unwrap() + all.off_cpu.unwrap();
        assert!((no_waits.off_cpu.unwrap() - off).abs() < 1e-9);
        let no_count = sample(|times| times.throttled_s = None);
        assert_eq!((no_count.throttled, no_count.waiting_for_cpu), (None, all.waiting_for_cpu));
        let no_clock = sample(|times| times.clock_hz = None);
        assert_eq!(no_clock.lower_clock, None);
        let on_cpu = all.lower_clock.unwrap() + all.less_per_cycle;
        assert!((no_clock.less_per_cycle - on_cpu).abs() < 1e-9);
        let no_cpu_time = sample(|times| times.on_cpu_s = None);
        assert_eq!(no_cpu_time.off_cpu, None);
        assert_eq!(no_cpu_time.waiting_for_cpu, all.waiting_for_cpu);
        let times = WorkerTimes { stopped_after_s: vec![1.0, 1.0], ..WorkerTimes::default() };
        let nothing = Sample { hashes: whole.hashes.clone(), times }.account();
        assert_lost(&nothing, 2.0, &[(Loss::LessPerCycle, 0.9)]);
    }

    #[test]
    fn clocks_beside_busy_siblings_are_joined_with_the_work_per_cycle() {
        let mut sample = Sample::of(2);
        sample.clock_hz().fill(3e9);
        sample.hashes.fill(600_000);
        let account = split(sample.observed(), Sample::of(1).observed(), false).unwrap();
        assert_eq!(account.lower_clock, None);
        assert_lost(&account, 2.0, &[(Loss::LessPerCycle, 0.8)]);
    }

    #[test]
    fn readings_that_cannot_be_divided_give_no_account() {
        let (sample, mut alone) = (Sample::of(2), Sample::of(1));
        alone.clock_hz()[0] = 0.0;
        assert_eq!(split(sample.observed(), alone.observed(), true), None);
        let nobody = Sample::of(0);
        assert_eq!(split(sample.observed(), nobody.observed(), true), None);
    }
}
