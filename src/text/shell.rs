//! Words for a shell: what is printed can be pasted.

use std::path::Path;

use super::escape::is_dangerous;

/// A path as one word for a POSIX shell; where it holds characters that cannot be shown, for bash,
/// zsh and ksh. A path that could be read as a flag, or as standard input, begins with `./`.
pub(crate) fn shell_word(path: &Path) -> String {
    let bytes = path.as_os_str().as_encoded_bytes();
    let start = if bytes.starts_with(b"-") { "./" } else { "" };
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_./+,:@%".contains(byte);
    match path.to_str() {
        Some(text) if !text.is_empty() && bytes.iter().all(is_plain) => format!("{start}{text}"),
        Some(text) if !text.chars().any(is_dangerous) => {
            format!("'{start}{}'", text.replace('\'', r"'\''"))
        }
        _ => format!("$'{start}{}'", bytes.iter().copied().map(escaped_byte).collect::<String>()),
    }
}

/// A byte within `$'…'`. What follows an escape is never taken for a part of it: `\x` takes two
/// digits.
fn escaped_byte(byte: u8) -> String {
    match byte {
        b'\'' | b'\\' => format!("\\{}", char::from(byte)),
        b' '..=b'~' => char::from(byte).to_string(),
        _ => format!("\\x{byte:02x}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_paths_stay_as_they_are() {
        assert_eq!(shell_word(Path::new("/tmp/a-b_c.1/chain.jsonl")), "/tmp/a-b_c.1/chain.jsonl");
    }

    #[test]
    fn what_a_shell_would_read_in_another_way_is_quoted() {
        assert_eq!(shell_word(Path::new("my chain.jsonl")), "'my chain.jsonl'");
        assert_eq!(shell_word(Path::new("it's")), r"'it'\''s'");
        assert_eq!(shell_word(Path::new("$HOME;é*")), "'$HOME;é*'");
        assert_eq!(shell_word(Path::new("")), "''");
        assert_eq!(shell_word(Path::new("-")), "./-");
        assert_eq!(shell_word(Path::new("--chain x")), "'./--chain x'");
    }

    #[test]
    fn what_cannot_be_shown_is_written_by_its_bytes() {
        assert_eq!(shell_word(Path::new("a\nb'\\1")), r"$'a\x0ab\'\\1'");
        assert_eq!(shell_word(Path::new("-\u{202e}")), r"$'./-\xe2\x80\xae'");
    }

    #[cfg(unix)]
    #[test]
    fn a_shell_reads_the_same_bytes() {
        use std::ffi::OsStr;
        use std::io::Write as _;
        use std::os::unix::ffi::OsStrExt as _;
        use std::process::Command;
        let names: [&[u8]; 7] =
            [b"plain", b"-x", b"a b", b"it's", b"\xff\xfe1", b"\n\\'\"$x", "\u{202e}é".as_bytes()];
        for name in names {
            let word = shell_word(Path::new(OsStr::from_bytes(name)));
            let script = format!("printf %s {word}");
            let printed = match Command::new("bash").args(["-c", &script]).output() {
                Ok(printed) => printed,
                Err(error) => {
                    let what = "*** NOT TESTED: what bash reads; it does not start";
                    return writeln!(std::io::stderr(), "\n{what}: {error} ***\n").unwrap();
                }
            };
            let printed = printed.stdout.strip_prefix(b"./").unwrap_or(&printed.stdout);
            assert_eq!(printed, name, "{word}");
        }
    }
}
