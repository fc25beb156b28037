//! The atomics that the search is built on, in one place so that a model checker can stand in
//! for them.

#[cfg(all(test, loom))]
mod model;

#[cfg(all(test, loom))]
pub(crate) use loom::sync::atomic::{AtomicBool, AtomicU32};
#[cfg(all(test, loom))]
pub(crate) use model::AtomicU64;

pub(crate) use std::sync::atomic::Ordering;
#[cfg(not(all(test, loom)))]
pub(crate) use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64};
