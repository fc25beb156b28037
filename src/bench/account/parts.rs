//! The parts of an account: what was reached, and six losses.

use serde::{Deserialize, Serialize};

/// What became of the threads, in threads' worth. The unit is one thread of the same kernel in the
/// same round that has a CPU to itself. In a sample, the parts add up to the number of threads.
///
/// A part below 0 is a gain, or lies within the uncertainty of measuring. A part that cannot be
/// known is left out, and what it would hold is in the next part that is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "AccountOf{T}"))]
pub struct Account<T> {
    /// The hashes per second, as a multiple of those of one thread per second on a CPU.
    pub reached: T,
    /// Ready to run, but others had the CPU: other programs, or the other workers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting_for_cpu: Option<T>,
    /// Ready to run, but stopped because the control group had used up its CPU quota.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub throttled: Option<T>,
    /// Not on a CPU for other reasons: a virtual machine's host ran somebody else, or the worker
    /// was late to start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub off_cpu: Option<T>,
    /// Finished, while other workers were not.
    pub idle: T,
    /// On a CPU, but at a lower clock than one thread had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lower_clock: Option<T>,
    /// On a CPU, but with fewer hashes per cycle than one thread had.
    pub less_per_cycle: T,
}

/// A loss, by the part that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// [`Account::waiting_for_cpu`].
    WaitingForCpu,
    /// [`Account::throttled`].
    Throttled,
    /// [`Account::off_cpu`].
    OffCpu,
    /// [`Account::idle`].
    Idle,
    /// [`Account::lower_clock`].
    LowerClock,
    /// [`Account::less_per_cycle`].
    LessPerCycle,
}

impl Loss {
    /// All losses, in the order in which one that cannot be known joins the next.
    pub const ALL: [Self; 6] = [
        Self::WaitingForCpu,
        Self::Throttled,
        Self::OffCpu,
        Self::Idle,
        Self::LowerClock,
        Self::LessPerCycle,
    ];

    /// The name of the field.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::WaitingForCpu => "waiting_for_cpu",
            Self::Throttled => "throttled",
            Self::OffCpu => "off_cpu",
            Self::Idle => "idle",
            Self::LowerClock => "lower_clock",
            Self::LessPerCycle => "less_per_cycle",
        }
    }
}

impl<T: Copy> Account<T> {
    /// This loss, if it is known.
    #[must_use]
    pub fn loss(&self, loss: Loss) -> Option<T> {
        match loss {
            Loss::WaitingForCpu => self.waiting_for_cpu,
            Loss::Throttled => self.throttled,
            Loss::OffCpu => self.off_cpu,
            Loss::Idle => Some(self.idle),
            Loss::LowerClock => self.lower_clock,
            Loss::LessPerCycle => Some(self.less_per_cycle),
        }
    }

    /// The same parts of many accounts, each made into one; nothing without accounts. A part is
    /// made of the accounts that have it.
    pub(in crate::bench) fn merged<U>(
        accounts: &[Self],
        merge: impl Fn(&[T]) -> Option<U>,
    ) -> Option<Account<U>> {
        let part = |part: fn(&Self) -> Option<T>| {
            let values: Vec<T> = accounts.iter().filter_map(part).collect();
            merge(&values)
        };
        Some(Account {
            reached: part(|it| Some(it.reached))?,
            waiting_for_cpu: part(|it| it.waiting_for_cpu),
            throttled: part(|it| it.throttled),
            off_cpu: part(|it| it.off_cpu),
            idle: part(|it| Some(it.idle))?,
            lower_clock: part(|it| it.lower_clock),
            less_per_cycle: part(|it| Some(it.less_per_cycle))?,
        })
    }
}

impl Account<f64> {
    /// The losses as they are drawn, each with its size in threads' worth: a loss below 0 is drawn
    /// as nothing, and `less_per_cycle` by that much smaller, so that the parts still add up.
    pub fn drawn(&self) -> impl Iterator<Item = (Loss, f64)> {
        let is_another = |loss: &Loss| *loss != Loss::LessPerCycle;
        let gains: f64 = Loss::ALL
            .into_iter()
            .filter(is_another)
            .filter_map(|loss| self.loss(loss))
            .map(|loss| loss.min(0.0))
            .sum();
        let size = move |loss: Loss, value: f64| match loss {
            Loss::LessPerCycle => (value + gains).max(0.0),
            _ => value.max(0.0),
        };
        let account = *self;
        Loss::ALL.into_iter().filter_map(move |loss| Some((loss, size(loss, account.loss(loss)?))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: Account<f64> = Account {
        reached: 3.0,
        waiting_for_cpu: Some(0.5),
        throttled: None,
        off_cpu: Some(-0.1),
        idle: 0.2,
        lower_clock: Some(-0.05),
        less_per_cycle: 0.45,
    };

    #[test]
    fn a_loss_below_zero_is_drawn_as_nothing_and_the_picture_still_adds_up() {
        let drawn: Vec<(Loss, f64)> = ACCOUNT.drawn().collect();
        let of = |loss| drawn.iter().find(|(it, _)| *it == loss).map(|(_, size)| *size);
        assert_eq!(of(Loss::OffCpu), Some(0.0));
        assert_eq!(of(Loss::LowerClock), Some(0.0));
        assert_eq!(of(Loss::Throttled), None, "what is not known is not drawn");
        assert!((of(Loss::LessPerCycle).unwrap() - 0.3).abs() < 1e-12);
        let all: f64 = drawn.iter().map(|(_, size)| size).sum();
        assert!((ACCOUNT.reached + all - 4.0).abs() < 1e-12);
        assert_eq!(ACCOUNT.off_cpu, Some(-0.1), "the figure itself is not cut");
    }

    #[test]
    fn a_gain_per_cycle_is_drawn_as_nothing() {
        let faster = Account { less_per_cycle: -0.2, ..ACCOUNT };
        assert_eq!(faster.drawn().last(), Some((Loss::LessPerCycle, 0.0)));
    }

    #[test]
    fn a_part_is_merged_from_the_accounts_that_have_it() {
        let other = Account { throttled: Some(1.0), reached: 5.0, ..ACCOUNT };
        let sum = |values: &[f64]| (!values.is_empty()).then(|| values.iter().sum::<f64>());
        let merged = Account::merged(&[ACCOUNT, other], sum).unwrap();
        assert_eq!((merged.reached, merged.throttled), (8.0, Some(1.0)));
        assert_eq!(Account::merged(&[], sum), None);
    }

    #[test]
    fn the_fields_have_the_names_of_the_losses() {
        let known = Account { throttled: Some(0.0), ..ACCOUNT };
        let json = serde_json::to_value(known).unwrap();
        let mut names: Vec<&str> = Loss::ALL.map(Loss::name).to_vec();
        names.push("reached");
        names.sort_unstable();
        assert!(json.as_object().unwrap().keys().eq(names));
        for loss in Loss::ALL {
            assert_eq!(json[loss.name()].as_f64(), known.loss(loss));
        }
    }
}
