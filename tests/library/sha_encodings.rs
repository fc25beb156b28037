//! `tests/sha_encodings/check.py` finds VEX encodings beside SHA instructions in recorded
//! disassembly.

use crate::common::python::python;

const DIRECTORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sha_encodings");

/// Runs the check with these arguments: its exit code, standard output and standard error.
fn check(arguments: &[&str]) -> Option<(i32, String, String)> {
    let script = format!("{DIRECTORY}/check.py");
    let output = python(&[&[script.as_str()], arguments].concat())?.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Some((output.status.code().unwrap(), text(output.stdout), text(output.stderr)))
}

fn check_listing(name: &str) -> Option<(i32, String, String)> {
    check(&["--listing", &format!("{DIRECTORY}/{name}.txt")])
}

#[test]
fn legacy_encodings_pass_and_other_functions_may_use_avx() {
    let Some((code, out, err)) = check_listing("legacy_only") else { return };
    let expected = "functions with SHA instructions: 1 looked at, 0 with VEX or EVEX encodings; \
                    0 of avx512-sha excepted\n";
    assert_eq!((code, out.as_str(), err.as_str()), (0, expected, ""));
}

#[test]
fn a_function_compiled_with_avx_is_named_with_its_first_offence() {
    let Some((code, out, err)) = check_listing("avx_put_back") else { return };
    assert_eq!(code, 1);
    assert_eq!(
        err,
        "stripmine_pow::kernel::sha_ni::again: has SHA instructions and \
         `vpaddd %xmm2,%xmm5,%xmm2`\n"
    );
    assert!(out.contains("2 looked at, 1 with VEX or EVEX"), "{out}");
}

#[test]
fn a_listing_without_sha_instructions_fails() {
    let Some((code, out, err)) = check_listing("no_sha_instructions") else { return };
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.starts_with("nothing was checked: no function has sha256rnds2"), "{err}");
}

#[test]
fn only_avx512_sha_may_mix() {
    let Some((code, out, err)) = check_listing("avx512_sha_mixes") else { return };
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.ends_with("1 looked at, 0 with VEX or EVEX encodings; 2 of avx512-sha excepted\n"));
}

#[test]
fn a_listing_that_is_not_there_fails() {
    let Some((code, out, err)) = check_listing("none") else { return };
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("none.txt: No such file"), "{err}");
}

/// Variants of the good listing: one line more, in the function with SHA instructions.
#[test]
fn every_kind_of_vex_encoding_is_found_and_no_other() {
    let good = std::fs::read_to_string(format!("{DIRECTORY}/legacy_only.txt")).unwrap();
    let directory = tempfile::tempdir().unwrap();
    for (instruction, expected) in [
        ("vzeroupper", 1),
        ("vmovd  %r12d,%xmm0", 1),
        ("{evex} vmovdqu 0x20(%rsi),%xmm2", 1),
        ("vpternlogd $0x96,%zmm6,%zmm0,%zmm16", 1),
        ("vpxor  xmm0,xmm0,xmm0", 1),
        ("andn   %rcx,%rax,%rdx", 0),
        ("rorx   $0x6,%eax,%ecx", 0),
        ("paddd  -0x1814f0(%rip),%xmm0        # 2e020 <vpaddd_ymm>", 0),
        ("lock cmpxchg %rcx,(%rdx)", 0),
    ] {
        let (name, code) = good.split_once(":\n").unwrap();
        let listing = directory.path().join("listing.txt");
        std::fs::write(&listing, format!("{name}:\n  1af8af:\t{instruction}\n{code}")).unwrap();
        let Some((code, _, err)) = check(&["--listing", listing.to_str().unwrap()]) else { return };
        assert_eq!(code, expected, "{instruction}: {err}");
        assert_eq!(err.contains(&format!("`{instruction}`")), code == 1, "{err}");
    }
}
