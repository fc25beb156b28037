//! The parts of a stack: what was reached, and each loss, in a colour and with or without hatching.

use super::picture::Picture;
use crate::bench::account::{Account, Loss};
use crate::bench::wording::loss_name;

/// A part of a stack; without a loss, what was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part(Option<Loss>);

impl Part {
    /// All parts, from the lowest in a stack to the highest.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        std::iter::once(Self(None)).chain(Loss::ALL.into_iter().rev().map(|loss| Self(Some(loss))))
    }

    pub(super) const fn name(self) -> &'static str {
        match self.0 {
            None => "reached",
            Some(loss) => loss_name(loss),
        }
    }

    /// Whether it also holds what is lost because threads share a core.
    pub(super) const fn is_per_cycle(self) -> bool {
        matches!(self.0, Some(Loss::LessPerCycle))
    }

    /// How many threads' worth are drawn of it.
    pub(super) fn drawn(self, account: &Account<f64>) -> f64 {
        let Some(wanted) = self.0 else { return account.reached };
        account.drawn().find(|(loss, _)| *loss == wanted).map_or(0.0, |(_, size)| size)
    }

    /// The figure itself, which may be below 0.
    pub(super) fn figure<T: Copy>(self, account: &Account<T>) -> Option<T> {
        self.0.map_or(Some(account.reached), |loss| account.loss(loss))
    }

    /// The name of the attribute that has the figure.
    pub(super) const fn attribute(self) -> &'static str {
        match self.0 {
            None => "data-reached",
            Some(Loss::WaitingForCpu) => "data-waiting-for-cpu",
            Some(Loss::Throttled) => "data-throttled",
            Some(Loss::OffCpu) => "data-off-cpu",
            Some(Loss::Idle) => "data-idle",
            Some(Loss::LowerClock) => "data-lower-clock",
            Some(Loss::LessPerCycle) => "data-less-per-cycle",
        }
    }

    /// Draws it as a rectangle. Every other part is hatched, so that neighbours differ without
    /// colour.
    pub(super) fn draw(self, picture: &mut Picture, at: [f64; 2], size: [f64; 2]) {
        picture.rectangle(&format!("part {}", self.0.map_or("reached", Loss::name)), at, size);
        if matches!(self.0, Some(Loss::Throttled | Loss::Idle | Loss::LessPerCycle)) {
            picture.hatching(at, size);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_the_fields_with_hyphens() {
        for part in Part::all() {
            let field = part.0.map_or("reached", Loss::name);
            assert_eq!(part.attribute(), format!("data-{}", field.replace('_', "-")));
        }
    }

    #[test]
    fn neighbours_in_a_stack_differ_in_their_hatching() {
        let is_hatched = |part: Part| {
            let mut picture = Picture::default();
            part.draw(&mut picture, [0.0; 2], [20.0; 2]);
            picture.into_svg().contains("hatching")
        };
        let hatched: Vec<bool> = Part::all().map(is_hatched).collect();
        assert!(hatched.windows(2).all(|pair| pair[0] != pair[1]), "{hatched:?}");
    }
}
