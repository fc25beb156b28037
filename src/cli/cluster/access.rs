//! The way to a cluster's servers, from arguments, a file and the environment.

use std::env::var;
use std::fs;
use std::path::Path;

use crate::cli::arguments::cluster::AccessArguments;
use crate::cli::failure::{Failure, Result};
use crate::cluster::{Access, ClusterError, Credentials};
use crate::text::shown_path;

/// How these servers are reached.
pub(super) fn access(servers: &str, arguments: &AccessArguments) -> Result<Access> {
    let credentials = match &arguments.cluster_creds {
        Some(path) => Some(credentials_in(path)?),
        None => credentials_of_environment()?,
    };
    let AccessArguments { cluster_ca, cluster_insecure, .. } = arguments;
    if let Some(path) = cluster_ca {
        fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    }
    Access::new(servers, cluster_ca.clone(), credentials, *cluster_insecure).map_err(failure)
}

fn credentials_in(path: &Path) -> Result<Credentials> {
    let text = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
    let mut lines = text.lines().map(|line| line.trim_end().to_owned());
    match (lines.next(), lines.next(), lines.next()) {
        (Some(user), Some(password), None) => Ok(Credentials { user, password }),
        _ => Err(Failure::usage(format!(
            "{}: two lines are needed, a user's name and a password",
            shown_path(path)
        ))),
    }
}

fn credentials_of_environment() -> Result<Option<Credentials>> {
    let of = |name| var(name).ok().filter(|value| !value.is_empty());
    match (of("STRIPMINE_CLUSTER_USER"), of("STRIPMINE_CLUSTER_PASSWORD")) {
        (Some(user), Some(password)) => Ok(Some(Credentials { user, password })),
        (None, None) => Ok(None),
        _ => Err(Failure::usage(
            "set both STRIPMINE_CLUSTER_USER and STRIPMINE_CLUSTER_PASSWORD, or neither",
        )),
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::system(format!("cannot read {}: {error}", shown_path(path)))
}

/// How a command ends with an error of the cluster.
pub(super) fn failure(error: ClusterError) -> Failure {
    match error {
        ClusterError::Address(_) | ClusterError::Credentials(_) => Failure::usage(error),
        ClusterError::Coordinated | ClusterError::Refused | ClusterError::Protocol { .. } => {
            Failure::refused(error)
        }
        _ => Failure::system(error),
    }
}
