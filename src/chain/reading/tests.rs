//! Tests of the short way through a tutorial block that is spelled otherwise.

use fastrand::Rng;

use super::*;
use crate::chain::line::sha256;
use crate::chain::python_json::{Value, parse};

const HASH: &str = "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f";

/// The text of a block of the tutorial, spelled in any way, now and then with something amiss.
fn block(random: &mut Rng, hash: &str) -> String {
    let data = ["\"a\"", "[1.0,{\"b\": 2}]", "\"\\u00e9\"", "\"é\"", "1.50", "-0", "{}"];
    let digits = ["0", "7", "18446744073709551615"];
    let index = if random.u8(..20) == 0 { "-1" } else { digits[random.usize(..3)] };
    let nonce = if random.u8(..20) == 0 { "1.0" } else { digits[random.usize(..3)] };
    let escaped = HASH.replacen('0', "\\u0030", 1);
    let previous_hash = ["0", HASH, &escaped][random.usize(..3)];
    let timestamp = ["1.5", "1.50", "\"now\"", "17"][random.usize(..4)];
    let mut members = vec![
        format!("\"data\": {}", data[random.usize(..data.len())]),
        format!("\"hash\": \"{hash}\""),
        format!("\"index\": {index}"),
        format!("\"nonce\": {nonce}"),
        format!("\"previous_hash\": \"{previous_hash}\""),
        format!("\"timestamp\": {timestamp}"),
    ];
    match random.u8(..40) {
        0 => members.push("\"difficulty\": 4".to_owned()),
        1 => members.push("\"index\": 7".to_owned()),
        2 => drop(members.pop()),
        _ => {}
    }
    if random.bool() {
        random.shuffle(&mut members);
    }
    let separator = [", ", ",", ",\n    "][random.usize(..3)];
    format!("{{{}}}", members.join(separator))
}

/// The hash that Python gives the block.
fn hash_of(text: &str) -> Digest {
    let Value::Object(mut members) = parse(text.as_bytes()).unwrap() else { panic!("{text}") };
    members.retain(|name, _| name != "hash");
    sha256([Value::Object(members).to_string().as_bytes()])
}

#[test]
fn the_short_way_finds_what_the_long_one_finds() {
    let mut short = 0;
    for seed in 0..20_000 {
        let right = hash_of(&block(&mut Rng::with_seed(seed), "")).to_string();
        let is_right = seed % 4 > 0;
        let text = block(&mut Rng::with_seed(seed), if is_right { &right } else { HASH });
        let Some(Checked::Tutorial { link, is_canonical, styles }) =
            check_respelled(text.as_bytes())
        else {
            continue;
        };
        short += 1;
        assert_eq!(
            read_line(text.as_bytes()).and_then(|it| it.link().map_err(Reason::from)),
            Ok(link),
            "{text}"
        );
        assert!(!is_canonical && is_right, "{text}");
        let properties = Properties::parse(text.as_bytes()).unwrap();
        for style in JsonStyle::ALL {
            let is_same = properties.hash("hash", style) == link.hash;
            assert_eq!(styles.contains(style), is_same, "{style}: {text}");
        }
    }
    assert!(short > 4_000, "it was taken {short} times");
}
