//! Chains as people have them: other names, other spellings, other wrappers.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::common::process::Scratch;
use crate::common::python::dialects;
use crate::common::times;
use stripmine::chain::python_json::{Value, parse};
use stripmine::chain::{
    ChainFileError, DialectHints, Flaw, Reason, Verification, VerifyOptions, verify, verify_from,
};

/// What is known about the chains in this directory, one line for each.
fn expected(text: &str) -> impl Iterator<Item = Value> {
    text.lines().map(|line| parse(line.as_bytes()).unwrap())
}

fn member<'v>(object: &'v Value, key: &str) -> Option<&'v Value> {
    let Value::Object(members) = object else { panic!("not an object: {object}") };
    members.get(key)
}

fn text<'v>(object: &'v Value, key: &str) -> Option<&'v str> {
    match member(object, key)? {
        Value::String(text) => Some(text),
        other => panic!("{key} is no text: {other}"),
    }
}

fn number(object: &Value, key: &str) -> Option<u64> {
    match member(object, key)? {
        Value::Integer(integer) => integer.as_u64(),
        other => panic!("{key} is no integer: {other}"),
    }
}

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/chains")
}

#[test]
fn every_chain_of_the_collection_is_what_is_said_about_it() {
    let mut count = 0;
    for case in expected(&fs::read_to_string(cases().join("expected.jsonl")).unwrap()) {
        let path = cases().join(text(&case, "file").unwrap());
        let options = VerifyOptions::default();
        let of_file = verify(&path, &options);
        let streamed = verify_from(&path, File::open(&path).unwrap(), &options);
        is_as_said(&case, of_file);
        is_as_said(&case, streamed);
        count += 1;
    }
    assert_eq!(count, 29);
}

#[track_caller]
fn is_as_said(case: &Value, verified: Result<Verification, ChainFileError>) {
    if text(case, "verdict").unwrap() == "valid" {
        let verified = verified.unwrap_or_else(|error| panic!("{case}: {error}"));
        assert_eq!(Some(verified.blocks), number(case, "blocks"), "{case}");
        let Some(Value::Object(names)) = member(case, "names") else { panic!("{case}") };
        for (role, name) in names {
            let told = format!("{role}={name}").replace('"', "");
            let names = verified.dialect.names.to_string();
            assert!(names.split(',').any(|pair| pair == told), "{case}: {names}");
        }
        let first_index = names.contains_key("index").then_some(0);
        let first_index = number(case, "first_index").or(first_index);
        assert_eq!(verified.dialect.first_index, first_index, "{case}");
        assert_eq!(verified.lacks_newline, member(case, "note").is_some(), "{case}");
        if text(case, "file").unwrap().starts_with("spelling-") {
            assert_eq!(Some(&*verified.dialect.spelling.to_string()), text(case, "spelling"));
        }
    } else {
        let Err(ChainFileError::Refused { flaw, .. }) = verified else { panic!("{case}") };
        assert_eq!(Some(flaw.block), number(case, "block"), "{case}: {flaw}");
    }
}

/// A short word for what is wrong.
fn why(flaw: &Flaw) -> &'static str {
    let reason = flaw.reason.to_string();
    match &flaw.reason {
        Reason::Block(_) => "hash",
        Reason::Chain(_) if reason.contains("index is") => "index",
        Reason::Chain(_) => "previous",
        Reason::NoBlocks => "none",
        other => panic!("{other:?}"),
    }
}

fn told(verified: Result<Verification, ChainFileError>, blocks: Option<u64>) -> String {
    match verified {
        Ok(verified) => {
            assert_eq!(Some(verified.blocks), blocks);
            r#"["valid"]"#.to_owned()
        }
        Err(ChainFileError::Refused { flaw, .. }) => match flaw.reason {
            Reason::Undecided(_) => r#"["undecided"]"#.to_owned(),
            _ => format!(r#"["invalid", {}, "{}"]"#, flaw.block, why(&flaw)),
        },
        Err(error) => panic!("{error}"),
    }
}

/// Half of them have a flaw; `STRIPMINE_SEED` makes others.
#[test]
fn random_chains_of_python_are_what_a_plain_checker_says_about_them() {
    let scratch = Scratch::new();
    let seed = std::env::var("STRIPMINE_SEED").unwrap_or_else(|_| "1".to_owned());
    let count = times(500, 20_000).to_string();
    let directory = scratch.directory().to_str().unwrap();
    let Some(made) = dialects(&["make", &seed, &count, directory], "") else { return };
    for case in expected(&made) {
        let path = scratch.path(text(&case, "file").unwrap());
        let mut options = VerifyOptions::default();
        options.threads = 2;
        let blocks = number(&case, "blocks");
        let detected = told(verify(&path, &options), blocks);
        assert_eq!(detected, member(&case, "detected").unwrap().to_string(), "{seed}: {case}");
        let mut hints = DialectHints::default();
        hints.names = text(&case, "names").unwrap().parse().unwrap();
        hints.spelling = Some(text(&case, "spelling").unwrap().parse().unwrap());
        options.dialect = Some(&hints);
        let given = told(verify(&path, &options), blocks);
        assert_eq!(given, member(&case, "told").unwrap().to_string(), "{seed}: {case}");
    }
}
