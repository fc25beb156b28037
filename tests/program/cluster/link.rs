//! A link between a host and its server that can be cut: bytes are neither passed on nor refused.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::server::Server;
use super::{KERNEL, Process};
use crate::common::process::skipped;

/// Passes on what goes between its own port and the server's. Its threads end with the connections,
/// and the one that waits for more with the process.
pub(super) struct Relay {
    address: SocketAddr,
    is_cut: Arc<AtomicBool>,
}

impl Relay {
    pub(super) fn start(address: Ipv4Addr, server: &Server) -> Self {
        let listener = TcpListener::bind((address, 0)).expect("a free port");
        let address = listener.local_addr().expect("it has an address");
        let is_cut = Arc::new(AtomicBool::new(false));
        let (cut, behind) = (Arc::clone(&is_cut), server.port());
        std::thread::spawn(move || {
            for near in listener.incoming().flatten() {
                // Where the server is away, so is the relay.
                let Ok(far) = TcpStream::connect((Ipv4Addr::LOCALHOST, behind)) else { continue };
                let clone = |it: &TcpStream| it.try_clone().expect("a second handle");
                let ways = [(clone(&near), clone(&far)), (far, near)];
                for (from, to) in ways {
                    let cut = Arc::clone(&cut);
                    std::thread::spawn(move || pass_on(from, to, &cut));
                }
            }
        });
        Self { address, is_cut }
    }

    pub(super) fn url(&self) -> String {
        format!("nats://{}", self.address)
    }

    pub(super) fn set_cut(&self, is_cut: bool) {
        self.is_cut.store(is_cut, Ordering::Relaxed);
    }
}

/// Passes bytes on until either end closes; keeps them while the link is cut.
fn pass_on(mut from: TcpStream, mut to: TcpStream, is_cut: &AtomicBool) {
    let mut bytes = [0; 1 << 14];
    while let Ok(len @ 1..) = from.read(&mut bytes) {
        while is_cut.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(5));
        }
        if to.write_all(&bytes[..len]).is_err() {
            break;
        }
    }
    for end in [from, to] {
        // The other direction may have closed it.
        let _ = end.shutdown(Shutdown::Both);
    }
}

/// A network of its own for one host, behind a pair of virtual interfaces; gone when dropped.
pub(super) struct Network {
    name: String,
    near: Ipv4Addr,
}

impl Network {
    /// Makes one; `None`, loudly, where this machine allows none.
    pub(super) fn new() -> Option<Self> {
        let id = std::process::id();
        // One of 64 * 256 networks that nobody should use.
        let [high, low] = [id / 256 % 64, id % 256].map(|it| u8::try_from(it).expect("it fits"));
        let near = Ipv4Addr::new(100, 64 + high, low, 1);
        let space = Self { name: format!("stripmine-{id}"), near };
        let Self { name, .. } = &space;
        let (inner, outer) = (format!("smi{id}"), space.interface());
        let far = Ipv4Addr::new(100, 64 + high, low, 2);
        let is_made = [
            format!("netns add {name}"),
            format!("link add {outer} type veth peer name {inner}"),
            format!("link set {inner} netns {name}"),
            format!("address add {near}/30 dev {outer}"),
            format!("link set {outer} up"),
            format!("-n {name} address add {far}/30 dev {inner}"),
            format!("-n {name} link set {inner} up"),
        ];
        if is_made.iter().all(|arguments| ip(arguments)) {
            return Some(space);
        }
        skipped("a host in a network of its own; it takes root and `ip netns`");
        None
    }

    /// The address of this side.
    pub(super) fn near(&self) -> Ipv4Addr {
        self.near
    }

    fn interface(&self) -> String {
        self.name.replace("stripmine-", "smo")
    }

    pub(super) fn set_cut(&self, is_cut: bool) {
        let state = if is_cut { "down" } else { "up" };
        assert!(ip(&format!("link set {} {state}", self.interface())), "the link stays");
    }

    /// A host of one worker in this network, whose server is behind the relay.
    pub(super) fn host(&self, name: &str, relay: &Relay) -> Process {
        let mut command = Command::new("ip");
        command.args([
            "netns",
            "exec",
            &self.name,
            env!("CARGO_BIN_EXE_stripmine"),
            "join",
            &relay.url(),
            "--cluster-insecure",
        ]);
        command.args(["--name", name, "--threads", "1"]).args(KERNEL);
        Process::start(command.stdout(Stdio::null()).stderr(Stdio::null()))
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        // The interfaces would go with the network, but later than the next one needs their names.
        // What was not made cannot be removed.
        ip(&format!("link delete {}", self.interface()));
        ip(&format!("netns delete {}", self.name));
    }
}

/// Whether `ip` does this.
fn ip(arguments: &str) -> bool {
    let done = Command::new("ip").args(arguments.split(' ')).stderr(Stdio::null()).status();
    done.is_ok_and(|status| status.success())
}
