//! The messages of a cluster: JSON, each with the version of the protocol.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::error::ClusterError;
use super::spans::Span;
use crate::miner::WorkerReport;
use crate::pow::{Digest, Hashing, Kernel, NonceEncoding, Target, Template};

/// The version of everything that hosts and coordinators say to each other. Those of different
/// versions refuse each other.
pub const PROTOCOL: u32 = 1;

/// A message with its version.
#[derive(Serialize, Deserialize)]
struct Versioned<T> {
    protocol: u32,
    #[serde(flatten)]
    content: T,
}

/// The message as bytes.
pub(super) fn encode(content: &impl Serialize) -> Vec<u8> {
    let message = Versioned { protocol: PROTOCOL, content };
    serde_json::to_vec(&message).expect("these types have a form in JSON")
}

/// Reads a message of this version. A message of another version is refused whatever it holds.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ClusterError> {
    #[derive(Deserialize)]
    struct Version {
        protocol: u32,
    }
    let unreadable = |error: serde_json::Error| ClusterError::Unreadable(error.to_string());
    let Version { protocol } = serde_json::from_slice(bytes).map_err(unreadable)?;
    if protocol != PROTOCOL {
        return Err(ClusterError::Protocol { theirs: protocol, ours: PROTOCOL });
    }
    Ok(serde_json::from_slice::<Versioned<T>>(bytes).map_err(unreadable)?.content)
}

/// The fingerprint of a header's message.
pub(super) fn fingerprint(header: &[u8]) -> String {
    hex::encode(Sha256::digest(header))
}

/// A search as it is offered to hosts: it does not change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct JobMessage {
    /// In hex digits, since it may hold any bytes.
    prefix: String,
    suffix: String,
    encoding: EncodingName,
    hashed_twice: bool,
    /// 64 hex digits.
    target: String,
    range: Span,
    /// What the coordinator must know to go on after a restart, such as a block's timestamp.
    pub(super) note: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum EncodingName {
    Decimal,
    LittleEndian32,
    LittleEndian64,
    BigEndian32,
    BigEndian64,
}

/// A header to search, its target and its nonces.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// The header.
    pub template: Template,
    /// The target that a digest must meet.
    pub target: Target,
    /// The nonces to try.
    pub range: Span,
}

impl Task {
    /// Whether this nonce is one of the search's, and valid.
    pub(super) fn is_valid(&self, nonce: u64) -> bool {
        let Span { first, last } = self.range;
        (first..=last).contains(&nonce) && self.target.is_met_by(&self.template.digest(nonce))
    }
}

impl JobMessage {
    pub(super) fn new(task: &Task, note: &str) -> Self {
        let Task { template, target, range } = task;
        let encoding = match template.encoding() {
            NonceEncoding::Decimal => EncodingName::Decimal,
            NonceEncoding::LittleEndian32 => EncodingName::LittleEndian32,
            NonceEncoding::LittleEndian64 => EncodingName::LittleEndian64,
            NonceEncoding::BigEndian32 => EncodingName::BigEndian32,
            NonceEncoding::BigEndian64 => EncodingName::BigEndian64,
        };
        Self {
            prefix: hex::encode(template.prefix()),
            suffix: hex::encode(template.suffix()),
            encoding,
            hashed_twice: template.hashing() == Hashing::Twice,
            target: target.to_string(),
            range: *range,
            note: note.to_owned(),
        }
    }

    /// The search that it offers.
    pub(super) fn task(&self) -> Result<Task, ClusterError> {
        let encoding = match self.encoding {
            EncodingName::Decimal => NonceEncoding::Decimal,
            EncodingName::LittleEndian32 => NonceEncoding::LittleEndian32,
            EncodingName::LittleEndian64 => NonceEncoding::LittleEndian64,
            EncodingName::BigEndian32 => NonceEncoding::BigEndian32,
            EncodingName::BigEndian64 => NonceEncoding::BigEndian64,
        };
        let bytes = |text: &String| {
            hex::decode(text).map_err(|error| ClusterError::Unreadable(error.to_string()))
        };
        let hashing = if self.hashed_twice { Hashing::Twice } else { Hashing::Once };
        let unreadable = |what: &str| ClusterError::Unreadable(what.to_owned());
        let target = Digest::from_hex(&self.target).ok_or_else(|| unreadable("no target"))?;
        let Span { first, last } = self.range;
        if first > last || last > encoding.max_nonce() || (first, last) == (0, u64::MAX) {
            return Err(unreadable("the header cannot hold its nonces"));
        }
        let template = Template::new(bytes(&self.prefix)?, encoding, bytes(&self.suffix)?);
        Ok(Task {
            template: template.with_hashing(hashing),
            target: Target::from_be_bytes(*target.as_be_bytes()),
            range: self.range,
        })
    }
}

/// How far a search is: the last message counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct StateMessage {
    /// The SHA-256 of the header's message, which all this is about.
    pub(super) header: String,
    /// How often a coordinator has started this search.
    pub(super) start: u64,
    /// Everything below it was searched.
    pub(super) floor: u64,
    /// The lowest valid nonce so far.
    pub(super) find: Option<u64>,
    pub(super) verdict: Option<VerdictName>,
    /// The hosts that get no more leases, as `user/name`.
    pub(super) refused: Vec<String>,
}

impl StateMessage {
    /// The state of a search that nobody has begun.
    pub(super) fn first(floor: u64, header: String) -> Self {
        Self { header, start: 0, floor, find: None, verdict: None, refused: Vec::new() }
    }

    /// The same search with nothing done.
    pub(super) fn afresh(self, floor: u64) -> Self {
        Self { start: self.start, ..Self::first(floor, self.header) }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum VerdictName {
    Found,
    Exhausted,
    Withdrawn,
}

/// A range for one host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct LeaseMessage {
    pub(super) job: String,
    /// The SHA-256 of the message with the header to search.
    pub(super) header: String,
    pub(super) lease: u64,
    pub(super) span: Span,
    /// A host that needs longer than this for the whole lease searches only its beginning.
    pub(super) seconds: f64,
    /// The host that has searched this range: another one shall search it again, all of it.
    pub(super) repeats: Option<String>,
}

/// What a host did with a lease.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct ReportMessage {
    pub(super) job: String,
    /// The SHA-256 of the message with the header that was searched.
    pub(super) header: String,
    pub(super) lease: u64,
    pub(super) host: String,
    /// All these nonces were tested.
    pub(super) span: Span,
    /// Whether the last of them is valid; no other is.
    pub(super) is_find: bool,
    /// The lowest hash of the range.
    pub(super) best: Best,
    pub(super) kernel: String,
    pub(super) seconds: f64,
    /// How often the engine has given this lease to somebody.
    pub(super) deliveries: u64,
    pub(super) workers: Vec<WorkerMessage>,
}

impl ReportMessage {
    /// The nonces tested by all workers.
    pub(super) fn hashes(&self) -> u64 {
        self.workers.iter().fold(0, |sum, worker| sum.saturating_add(worker.hashes))
    }
}

/// A hash and its nonce.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Best {
    pub(super) nonce: u64,
    pub(super) hash: String,
}

/// One worker's part in a lease.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct WorkerMessage {
    pub(super) stripes: u64,
    pub(super) hashes: u64,
    pub(super) busy_s: f64,
}

impl From<&WorkerReport> for WorkerMessage {
    fn from(worker: &WorkerReport) -> Self {
        let busy_s = worker.busy.as_secs_f64();
        Self { stripes: worker.stripes, hashes: worker.hashes, busy_s }
    }
}

/// What a host says once a second, and when it is called.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct HelloMessage {
    pub(super) host: String,
    pub(super) kernel: String,
    pub(super) threads: usize,
    /// Hashes per second, over its last lease.
    pub(super) rate: f64,
    /// Leases that it holds.
    pub(super) held: usize,
    /// Nonces tested in leases that it has not reported yet.
    pub(super) tested: u64,
    /// Whether it goes.
    pub(super) leaves: bool,
}

/// A coordinator's call for hellos.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct CallMessage {}

/// Nonces above this one no longer matter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct StopMessage {
    pub(super) find: u64,
}

/// The kernel with this name, if this version has it.
pub(super) fn kernel(name: &str) -> Option<Kernel> {
    name.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_survives_the_wire_whatever_bytes_its_header_holds() {
        for encoding in NonceEncoding::ALL {
            for hashing in [Hashing::Once, Hashing::Twice] {
                let template =
                    Template::new([0, 0xff, b'"'], encoding, "é\n").with_hashing(hashing);
                let range = Span { first: 7, last: encoding.max_nonce() };
                let target = Target::from_bits(77).unwrap();
                let task = Task { template, target, range };
                let bytes = encode(&JobMessage::new(&task, "12.5"));
                let message: JobMessage = decode(&bytes).unwrap();
                assert_eq!((message.task().unwrap(), &*message.note), (task, "12.5"));
            }
        }
    }

    #[test]
    fn a_search_that_its_header_cannot_hold_is_refused() {
        let template = Template::bitcoin(&[0; 80]);
        for (first, last) in [(0, 1 << 32), (5, 4)] {
            let range = Span { first, last };
            let task = Task { template: template.clone(), target: Target::ZERO, range };
            assert!(JobMessage::new(&task, "").task().is_err(), "{range:?}");
        }
    }

    #[test]
    fn another_version_is_refused_with_both_numbers_whatever_else_it_says() {
        let error = decode::<StopMessage>(br#"{"protocol": 7, "halt": [1]}"#).unwrap_err();
        let text = error.to_string();
        assert!(text.contains('7') && text.contains(&PROTOCOL.to_string()), "{text}");
        for bytes in [&b"{}"[..], b"", b"{\"protocol\": 1}", b"[1]", b"\xff"] {
            let error = decode::<StopMessage>(bytes).unwrap_err();
            assert!(matches!(error, ClusterError::Unreadable(_)), "{error}");
        }
    }
}
