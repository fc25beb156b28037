//! Examples of every command, for its help and its man page.

use anstyle::Style;

/// What an example does, and its command line.
type Example = (&'static str, &'static str);

const ALL: &[(&str, &[Example])] = &[
    (
        "mine",
        &[
            ("Mine three blocks onto chain.jsonl", "stripmine mine --blocks 3"),
            (
                "One block for each line of a file, on half of the CPUs",
                "stripmine mine --data-lines payments.txt --threads 50%",
            ),
            (
                "Go on with a stopped block: the same command and the flags that it printed",
                "stripmine mine --timestamp 1795635794.0 --start-nonce 326963200",
            ),
        ],
    ),
    (
        "verify",
        &[
            ("Check a chain, and that every block took work", "stripmine verify --difficulty 6"),
            ("Check every byte of the file as well", "stripmine verify --strict chain.jsonl"),
        ],
    ),
    (
        "show",
        &[
            ("The last two blocks", "stripmine show --last 2"),
            (
                "Compute the hash of block 1 with another program",
                "stripmine show --hashed 1 | sha256sum",
            ),
        ],
    ),
    (
        "solve",
        &[
            (
                "Find the nonce of a text within an hour",
                "stripmine solve --prefix 'pay 5 to Ann, nonce ' --bits 36 --time-limit 3600",
            ),
            (
                "Go on with a stopped search: the same command and the flag that it printed",
                "stripmine solve --prefix 'pay 5 to Ann, nonce ' --bits 36 --start-nonce 123456789",
            ),
        ],
    ),
    (
        "join",
        &[
            ("Search for whoever asks, with all CPUs", "stripmine join nats://10.0.0.1"),
            (
                "With half of the CPUs, through TLS and as a user",
                "stripmine join tls://pool.example --cluster-creds host.creds --threads 50%",
            ),
        ],
    ),
    (
        "bench",
        &[
            ("Measure all threads, and save the results", "stripmine bench --export mine.json"),
            (
                "Compare two kernels on one thread and on all",
                "stripmine bench --threads 1,all --kernels avx2,sha2",
            ),
        ],
    ),
    (
        "report",
        &[
            ("The tables of a saved benchmark", "stripmine report mine.json"),
            ("A chart of two machines", "stripmine report mine.json yours.json --export both.svg"),
        ],
    ),
    (
        "kernels",
        &[
            ("What this CPU can run", "stripmine kernels"),
            (
                "What a hash of the next block costs",
                "stripmine kernels --explain --chain chain.jsonl",
            ),
        ],
    ),
    (
        "completions",
        &[
            ("For bash, in this shell", "source <(stripmine completions bash)"),
            (
                "For fish, from now on",
                "stripmine completions fish >~/.config/fish/completions/stripmine.fish",
            ),
        ],
    ),
    (
        "man",
        &[
            ("The program's page", "stripmine man | man -l -"),
            ("A command's page", "stripmine man mine | man -l -"),
        ],
    ),
];

/// The examples of a command, `None` for the program itself.
pub(crate) fn of(command: &str) -> Option<&'static [Example]> {
    ALL.iter().find(|(name, _)| *name == command).map(|(_, examples)| *examples)
}

/// The end of a command's help.
pub(super) fn help(command: &str) -> String {
    const HEADER: Style = Style::new().bold().underline();
    let shown = |(does, line): &Example| format!("\n  {does}:\n    {line}");
    let examples: String = of(command).unwrap_or_default().iter().map(shown).collect();
    format!("{HEADER}Examples:{HEADER:#}{examples}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::arguments::Arguments;
    use clap::{CommandFactory as _, Parser as _};

    #[test]
    fn every_command_has_two_examples_at_least() {
        for command in Arguments::command().get_subcommands() {
            let count = of(command.get_name()).map_or(0, <[Example]>::len);
            assert!(count >= 2, "{}: {count}", command.get_name());
            let help = command.clone().render_help().to_string();
            assert!(help.contains("Examples:"), "{help}");
        }
    }

    #[test]
    fn every_example_can_be_run() {
        for (command, examples) in ALL {
            for (_, line) in *examples {
                let (_, line) = line.split_at(line.find("stripmine").unwrap());
                let line = line.split([')', '>', '|']).next().unwrap();
                // Words as a shell takes them: those within quotes are one.
                let mut words = Vec::new();
                for (place, part) in line.split('\'').enumerate() {
                    if place % 2 == 1 {
                        words.push(part);
                    } else {
                        words.extend(part.split_whitespace());
                    }
                }
                assert_eq!(words[1], *command);
                let parsed = Arguments::try_parse_from(&words);
                assert!(parsed.is_ok(), "{words:?}: {:?}", parsed.err());
            }
        }
    }
}
