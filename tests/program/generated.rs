//! What is made for shells: completions, man pages, and lines to paste.

#[cfg(unix)]
use crate::common::process::run;
use crate::common::process::{Scratch, program, skipped};

#[test]
fn every_shell_gets_completions_for_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let ran = Scratch::new().run(&["completions", shell]).ends_with_code(0).without_a_word();
        let words = ["stripmine", "mine", "verify", "show", "kernels", "completions", "man"];
        let ran = ran.prints(&words).prints(&["difficulty", "chain"]);
        let mut check = program(shell);
        let scratch = Scratch::new();
        match check.arg("-n").arg(scratch.write("script", &ran.stdout)).output() {
            Ok(output) => assert!(output.status.success(), "{shell} reads it: {output:?}"),
            Err(error) => skipped(&format!("whether {shell} reads its completions: {error}")),
        }
    }
}

#[test]
fn every_command_has_a_man_page() {
    let page = |arguments: &[&str]| {
        let ran = Scratch::new().run(arguments).ends_with_code(0).without_a_word();
        ran.prints(&[".TH", ".SH NAME", ".SH SYNOPSIS", "stripmine"])
    };
    page(&["man"]).prints(&["verify", "completions"]);
    for command in ["mine", "verify", "show", "kernels", "completions", "man"] {
        page(&["man", command]).prints(&[command]);
    }
}

#[test]
fn every_man_page_says_what_the_program_leaves_and_reads() {
    for command in [&[][..], &["mine"], &["verify"], &["solve"], &["bench"], &["man"]] {
        let ran = Scratch::new().run(&[&["man"], command].concat()).ends_with_code(0);
        let ran = ran.prints(&["EXIT STATUS", "EXAMPLES", "FILES", "ENVIRONMENT", "NO_COLOR"]);
        assert!(ran.out().matches("\nstripmine ").count() >= 2, "two examples: {ran}");
    }
}

/// Completes a line of bash with the program's completions; one candidate a line.
fn completed(line: &str) -> Option<String> {
    let scratch = Scratch::new();
    scratch.write("a_file", "");
    let script = scratch.run(&["completions", "bash"]).ends_with_code(0).out().to_owned();
    let words: Vec<_> = line.split(' ').map(|word| format!("'{word}'")).collect();
    let script = format!(
        "{script}\nCOMP_WORDS=({}); COMP_CWORD={}; compopt() {{ :; }}\n\
         _stripmine stripmine \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"\n\
         printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        words.join(" "),
        words.len() - 1
    );
    let mut bash = program("bash");
    match bash.current_dir(scratch.directory()).args(["-c", &script]).output() {
        Ok(output) => Some(String::from_utf8(output.stdout).unwrap()),
        Err(error) => {
            skipped(&format!("what bash completes; bash does not start: {error}"));
            None
        }
    }
}

#[test]
fn files_are_offered_for_files_alone_and_kernels_for_kernels() {
    for flag in ["--threads", "--start-nonce", "--blocks", "--difficulty", "--timestamp"] {
        let Some(offered) = completed(&format!("stripmine mine {flag} ")) else { return };
        assert!(!offered.contains("a_file"), "{flag}: {offered}");
    }
    let offered = completed("stripmine mine --kernel ").unwrap();
    assert!(offered.contains("portable\n") && !offered.contains("a_file"), "{offered}");
    for flag in ["--chain", "--data-lines"] {
        let offered = completed(&format!("stripmine mine {flag} ")).unwrap();
        assert!(offered.contains("a_file"), "{flag}: {offered}");
    }
}

/// Whatever the file is called.
#[cfg(unix)]
#[test]
fn the_check_that_mining_suggests_can_be_pasted() {
    if let Err(error) = program("bash").arg("--version").output() {
        return skipped(&format!("whether bash reads the check; bash does not start: {error}"));
    }
    let stripmine = env!("CARGO_BIN_EXE_stripmine");
    for name in ["my chain", "-x", "--chain", "it's \"$HOME\"", "line\nbreak", "\u{202e}x", "é"] {
        let scratch = Scratch::new();
        let flag = format!("--chain={name}");
        let mined = scratch.run(&["mine", "--difficulty", "1", &flag]).ends_with_code(0);
        let (_, check) = mined.out().trim_end().rsplit_once("Check it: stripmine").unwrap();
        let mut bash = program("bash");
        bash.current_dir(scratch.directory()).args(["-c", &format!("{stripmine}{check}")]);
        run(&mut bash).ends_with_code(0).prints(&["valid"]);
    }
}
