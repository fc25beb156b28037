//! The way to a cluster's servers: addresses, encryption and credentials.

use std::error::Error;
use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr as _;
use std::time::Duration;

use async_nats::{Client, ConnectOptions, Event, ServerAddr, rustls};
use tokio::sync::mpsc::UnboundedSender;

use super::error::ClusterError;

/// Time between two pings of a server. Where two of them go unanswered, the next server is tried.
const PING_INTERVAL: Duration = Duration::from_secs(2);

/// The longest pause between two attempts to connect.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// The user's name where there are no credentials.
const ANYONE: &str = "anyone";

/// A user's name and password.
#[derive(Clone)]
pub struct Credentials {
    /// The name; letters, digits, `-` and `_`.
    pub user: String,
    /// The password.
    pub password: String,
}

/// How to reach the servers.
#[derive(Clone)]
pub struct Access {
    servers: Vec<ServerAddr>,
    text: String,
    credentials: Option<Credentials>,
    certificates: Option<PathBuf>,
    needs_tls: bool,
}

impl Access {
    /// Reads addresses, `nats://HOST[:PORT][,HOST…]`. Servers that are not on this machine must
    /// offer TLS, unless `is_insecure`.
    ///
    /// # Errors
    /// When an address is none or holds a password, or the user's name cannot be part of a subject.
    pub fn new(
        servers: &str,
        certificates: Option<PathBuf>,
        credentials: Option<Credentials>,
        is_insecure: bool,
    ) -> Result<Self, ClusterError> {
        let addresses: Vec<_> = servers.split(',').map(read_address).collect::<Result<_, _>>()?;
        if let Some(Credentials { user, .. }) = &credentials {
            let is_word = |it: char| it.is_ascii_alphanumeric() || "-_".contains(it);
            if user.is_empty() || !user.chars().all(is_word) {
                return Err(ClusterError::Credentials(
                    "a user's name has letters, digits, - and _ alone".to_owned(),
                ));
            }
        }
        let is_far = !addresses.iter().all(is_loopback);
        let asks_for_tls = addresses.iter().any(ServerAddr::tls_required);
        Ok(Self {
            servers: addresses,
            text: servers.to_owned(),
            credentials,
            needs_tls: asks_for_tls || certificates.is_some() || is_far && !is_insecure,
            certificates,
        })
    }

    /// The user's name, as a part of subjects.
    pub(super) fn user(&self) -> &str {
        self.credentials.as_ref().map_or(ANYONE, |credentials| &credentials.user)
    }

    /// Connects; afterwards, a lost connection is made again for as long as it takes.
    pub(super) async fn connect(
        &self,
        name: &str,
        events: UnboundedSender<Event>,
    ) -> Result<Client, ClusterError> {
        let mut options = ConnectOptions::new()
            .name(name)
            .ping_interval(PING_INTERVAL)
            .connection_timeout(Duration::from_secs(3))
            .request_timeout(Some(Duration::from_secs(3)))
            .reconnect_delay_callback(|attempts| {
                let attempts = u32::try_from(attempts).unwrap_or(u32::MAX);
                Duration::from_millis(50).saturating_mul(attempts).min(LONGEST_PAUSE)
            })
            .require_tls(self.needs_tls)
            .event_callback(move |event| {
                // Nobody listens when the command is about to end.
                let _ = events.send(event);
                std::future::ready(())
            });
        if let Some(path) = &self.certificates {
            options = options.add_root_certificates(path.clone());
        }
        if let Some(Credentials { user, password }) = &self.credentials {
            options = options
                .user_and_password(user.clone(), password.clone())
                .custom_inbox_prefix(format!("_INBOX_{user}"));
        }
        options.connect(&self.servers[..]).await.map_err(|source| self.unreachable(source))
    }

    fn unreachable(&self, source: async_nats::ConnectError) -> ClusterError {
        use async_nats::ConnectErrorKind as Kind;
        match source.kind() {
            kind if kind == Kind::Tls || self.needs_tls && is_about_tls(&source) => {
                ClusterError::Address(format!(
                    "no encrypted connection to {}: {source}. The servers must offer TLS with a \
                     certificate that --cluster-ca FILE vouches for; --cluster-insecure goes \
                     without, unless the servers insist",
                    self.text
                ))
            }
            Kind::Authentication | Kind::AuthorizationViolation => ClusterError::Credentials(
                format!("{} refuses these credentials: {source}", self.text),
            ),
            _ => ClusterError::Unreachable { servers: self.text.clone(), source },
        }
    }
}

/// Whether the other side's certificate or its handshake is what went wrong.
fn is_about_tls(error: &async_nats::ConnectError) -> bool {
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    causes.into_iter().any(|cause| {
        let io = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        io.is_some_and(<dyn Error + Send + Sync>::is::<rustls::Error>)
            || cause.is::<rustls::Error>()
    })
}

fn read_address(text: &str) -> Result<ServerAddr, ClusterError> {
    let address = ServerAddr::from_str(text.trim()).map_err(|error| {
        // The text is not repeated: it may hold a password.
        ClusterError::Address(format!("not an address such as nats://host:4222: {error}"))
    })?;
    if address.has_user_pass() || address.password().is_some() {
        return Err(ClusterError::Address(
            "an address with a password is seen by everybody on the machine; put user and \
             password into a file, one a line, and name it with --cluster-creds"
                .to_owned(),
        ));
    }
    if !["nats", "tls"].contains(&address.scheme()) || address.host().is_empty() {
        return Err(ClusterError::Address("not an address such as nats://host:4222".to_owned()));
    }
    Ok(address)
}

fn is_loopback(address: &ServerAddr) -> bool {
    let host = address.host();
    host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(servers: &str) -> Result<Access, ClusterError> {
        Access::new(servers, None, None, false)
    }

    #[test]
    fn a_server_elsewhere_must_offer_tls() {
        for near in ["nats://127.0.0.1:4222", "localhost", "nats://[::1]:4222,nats://localhost"] {
            assert!(!access(near).unwrap().needs_tls, "{near}");
        }
        for far in ["nats://10.0.0.1", "h1,h2,h3", "localhost,h2", "tls://localhost"] {
            assert!(access(far).unwrap().needs_tls, "{far}");
        }
        assert!(!Access::new("h1,h2", None, None, true).unwrap().needs_tls);
    }

    #[test]
    fn a_password_in_an_address_is_refused_and_not_repeated() {
        for address in ["nats://ann:secret@h1", "h1,nats://ann:secret@h2", "nats://:secret@h1"] {
            let error = access(address).err().expect("it is refused").to_string();
            assert!(error.contains("--cluster-creds") && !error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for address in ["", "http://h1", "ws://h1", "nats://", "h1,,h2", "nats://h1:port"] {
            assert!(access(address).is_err(), "{address:?}");
        }
    }

    #[test]
    fn a_user_s_name_cannot_reach_into_other_subjects() {
        for user in ["", "a.b", "*", ">", "a b"] {
            let (user, password) = (user.to_owned(), String::new());
            let credentials = Some(Credentials { user, password });
            assert!(Access::new("localhost", None, credentials, false).is_err());
        }
    }
}
