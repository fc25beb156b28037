//! Tests of reading one block.

use super::*;
use crate::chain::candidate::SealedBlock;

fn genesis() -> String {
    SealedBlock::genesis().line().to_owned()
}

fn genesis_with(from: &str, to: &str) -> String {
    let line = genesis();
    assert!(line.contains(from), "{from}");
    line.replacen(from, to, 1)
}

fn problem(text: &str) -> String {
    let link = BlockLine::parse(text.as_bytes()).and_then(|line| line.link());
    link.expect_err(text).to_string()
}

#[test]
fn a_canonical_line_is_read_back_as_the_block_it_was() {
    let text = genesis();
    let line = BlockLine::parse(text.as_bytes()).unwrap();
    assert!(line.is_canonical());
    assert_eq!(line.to_block().unwrap(), SealedBlock::genesis().to_block());
    assert_eq!(line.link().unwrap().hash.to_string(), SealedBlock::genesis().hash().to_string());
}

#[test]
fn both_ways_to_read_agree_on_what_is_canonical_and_on_what_it_says() {
    let line = genesis();
    for text in [
        line.clone(),
        genesis_with("\"Genesis Block\"", "{\"a\": [1.5, null, \"\\u00e9\"]}"),
        genesis_with("\"Genesis Block\"", "{\"b\": 0, \"a\": 0}"),
        genesis_with("\"Genesis Block\"", &"[".repeat(127)),
        genesis_with("\"Genesis Block\"", &format!("{}{}", "[".repeat(127), "]".repeat(127))),
        genesis_with("\"Genesis Block\"", &format!("{}{}", "[".repeat(128), "]".repeat(128))),
        genesis_with("p\": 0", "p\": \"noon\""),
        genesis_with("p\": 0", "p\": 1e+16"),
        genesis_with("p\": 0", "p\": 1e16"),
        genesis_with("p\": 0", "p\": null"),
        genesis_with("\"index\": 0", "\"index\": 00"),
        genesis_with("\"nonce\": 0", "\"nonce\": -0"),
        genesis_with("\"nonce\": 0", "\"nonce\": 18446744073709551616"),
        format!("{line} "),
        format!(" {line}"),
        format!("{line}{line}"),
        line[..line.len() - 1].to_owned(),
    ] {
        let mut reader = Reader::new(text.as_bytes());
        let is_json = reader.skip().and_then(|_| reader.finish()).is_ok();
        let any = BlockLine::parse_any(text.as_bytes()).and_then(|line| line.to_block());
        let expected = any.ok().filter(|_| is_json && reader.is_canonical());
        let canonical = BlockLine::parse_canonical(text.as_bytes());
        let found = canonical.as_ref().map(|line| line.to_block().unwrap());
        assert_eq!(found, expected, "{text}");
        if let Some(line) = canonical {
            assert_eq!(line.digest().unwrap(), sha256([line.header().unwrap().text.as_bytes()]));
        }
    }
    assert!(BlockLine::parse_canonical(line.as_bytes()).is_some());
}

#[test]
fn other_spellings_mean_the_same_block_but_are_not_canonical() {
    let hash = SealedBlock::genesis().hash().to_string();
    for text in [
        genesis_with(", ", ","),
        genesis_with("{", " { "),
        genesis_with("Genesis", "G\\u0065nesis"),
        genesis_with("\"index\": 0", "\"index\": -0"),
        format!(
            r#"{{"hash":"{hash}","timestamp":0,"nonce":0,"index":0,"previous_hash":"0","data":"Genesis Block"}}"#
        ),
        format!(r#"{{"data": "twice", {}"#, &genesis()[1..]),
    ] {
        let line = BlockLine::parse(text.as_bytes()).unwrap();
        assert!(!line.is_canonical(), "{text}");
        assert_eq!(line.to_block().unwrap(), SealedBlock::genesis().to_block(), "{text}");
        assert_eq!(line.link().unwrap().hash.to_string(), hash, "{text}");
    }
}

#[test]
fn what_is_not_a_block_is_named() {
    assert!(problem("[]").contains("found an array"));
    assert!(problem("{}").contains("no \"data\""));
    assert!(problem(&genesis_with("nonce", "nonsense")).contains("property \"nonsense\""));
    assert!(problem(&genesis_with("\"index\": 0", "\"index\": 1.0")).contains("index is 1.0"));
    assert!(problem(&genesis_with("\"nonce\": 0", "\"nonce\": true")).contains("a boolean"));
    assert!(problem(&genesis_with("\"nonce\": 0", "\"nonce\": -1")).contains("nonce is -1"));
    let beyond = "\"index\": 18446744073709551616";
    assert!(problem(&genesis_with("\"index\": 0", beyond)).contains("1844674407370955161"));
    assert!(problem(&genesis_with("p\": 0", "p\": null")).contains("timestamp is null"));
    assert!(problem(&genesis_with("\"0\"", "0")).contains("previous_hash is an integer"));
    assert!(problem(&genesis_with("p\": 0", "p\": NaN")).contains("NaN"));
}

#[test]
fn an_altered_block_does_not_have_its_hash() {
    for (from, to) in [
        ("Genesis", "Exodus"),
        ("\"index\": 0", "\"index\": 1"),
        ("\"nonce\": 0", "\"nonce\": 1"),
        ("\"0\"", "\"1\""),
        ("p\": 0", "p\": 0.0"),
        ("\"hash\": \"", "\"hash\": \"0"),
    ] {
        assert!(problem(&genesis_with(from, to)).contains("it was altered"), "{from}");
    }
    let upper = genesis_with(
        &SealedBlock::genesis().hash().to_string(),
        &SealedBlock::genesis().hash().to_string().to_uppercase(),
    );
    assert!(problem(&upper).contains("it was altered"));
}
