//! A build without the feature `cluster` has its flags, and says that it has no cluster.

use crate::common::process::Scratch;

#[test]
fn a_build_without_a_cluster_says_so() {
    let scratch = Scratch::new();
    let url = "nats://127.0.0.1:4222";
    for arguments in [
        &["join", url][..],
        &["mine", "--cluster", url],
        &["solve", "--prefix", "x", "--cluster", url],
    ] {
        let ran = scratch.run_untouched(arguments);
        ran.ends_with_code(2).prints_nothing().says(&["this build has no cluster", "--features"]);
    }
}
