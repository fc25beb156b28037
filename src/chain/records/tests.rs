//! Tests of cutting files into blocks.

use super::*;

fn records<R: Read>(source: R) -> Records<R> {
    Records::new(Path::new("chain.jsonl"), source)
}

fn pieces(text: &[u8]) -> Result<Vec<(String, u64)>, Reason> {
    let mut records = records(text);
    let mut pieces = Vec::new();
    loop {
        match records.next_batch() {
            Ok(Some(batch)) => pieces.extend((0..batch.len()).map(|at| {
                let (bytes, line) = batch.get(at);
                (String::from_utf8_lossy(bytes).trim().to_owned(), line)
            })),
            Ok(None) => return Ok(pieces),
            Err(ChainFileError::Refused { flaw, .. }) => return Err(flaw.reason),
            Err(error) => panic!("{error}"),
        }
    }
}

fn owned(pieces: &[(&str, u64)]) -> Vec<(String, u64)> {
    pieces.iter().map(|(text, line)| ((*text).to_owned(), *line)).collect()
}

#[test]
fn every_line_is_a_piece_and_what_follows_the_last_newline_is_the_tail() {
    assert_eq!(pieces(b"a\n\nb\n"), Ok(owned(&[("a", 1), ("", 2), ("b", 3)])));
    let mut records = records(&b"a\nbc"[..]);
    assert_eq!(records.next_batch().unwrap().unwrap().len(), 1);
    assert!(records.next_batch().unwrap().is_none());
    let tail = Tail { bytes: b"bc".to_vec(), line: 2, offset: 2 };
    assert_eq!(records.tail(), Some(tail));
}

#[test]
fn elements_of_an_array_are_pieces_with_the_line_they_start_on() {
    assert_eq!(pieces(b"[{1}, {2}]"), Ok(owned(&[("{1}", 1), ("{2}", 1)])));
    assert_eq!(pieces(b"\n[\n  {1},\n\n  {2}\n]\n"), Ok(owned(&[("{1}", 3), ("{2}", 5)])));
    assert_eq!(pieces(b"[]"), Ok(owned(&[])));
    assert_eq!(pieces(b"[\n]\n"), Ok(owned(&[])));
    assert_eq!(pieces(b"[{1},]"), Err(Reason::TrailingComma));
    assert_eq!(pieces(b"[{1},,{2}]"), Ok(owned(&[("{1}", 1), ("", 1), ("{2}", 1)])));
}

#[test]
fn an_array_must_be_closed_and_alone() {
    assert_eq!(pieces(b"[{1}, {2}"), Err(Reason::UnfinishedArray));
    assert_eq!(pieces(b"["), Err(Reason::UnfinishedArray));
    assert_eq!(pieces(b"[{1}] x"), Err(Reason::TextAfterArray));
    assert_eq!(pieces(b"[] x"), Err(Reason::TextAfterArray));
}

#[test]
fn a_bracket_alone_makes_no_array() {
    assert_eq!(pieces(b"[core]\n"), Ok(owned(&[("[core]", 1)])));
}

#[test]
fn pieces_larger_than_a_chunk_stay_whole_wherever_they_are() {
    let long = format!("{{\n{}}}", "x".repeat(3 * CHUNK));
    for texts in [["{a}", &long, "{b}"], [&long, "{a}", &long]] {
        let array = format!(" [ {} ] ", texts.join(" , "));
        let found = pieces(array.as_bytes()).unwrap();
        assert_eq!(found.iter().map(|(text, _)| text).collect::<Vec<_>>(), texts);
        let newlines_before = |at: usize| texts[..at].concat().matches('\n').count() as u64;
        let lines: Vec<_> = (0..3).map(|at| 1 + newlines_before(at)).collect();
        assert_eq!(found.iter().map(|(_, line)| *line).collect::<Vec<_>>(), lines);
        let lines = texts.map(|text| text.replace('\n', " ")).join("\n") + "\n";
        let expected: Vec<_> = texts.iter().map(|text| text.replace('\n', " ")).collect();
        let found: Vec<_> = pieces(lines.as_bytes()).unwrap();
        assert_eq!(found.into_iter().map(|(text, _)| text).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn white_space_around_an_array_is_not_kept() {
    let blank = " \n".repeat(2 * CHUNK);
    let text = format!("[{{1}}]{blank}");
    assert_eq!(pieces(text.as_bytes()), Ok(owned(&[("{1}", 1)])));
}

#[test]
fn a_line_over_the_limit_is_refused_before_it_is_read_whole() {
    let refused = records(io::repeat(b'{')).next_batch();
    let Err(ChainFileError::Refused { flaw, .. }) = refused else { panic!("{refused:?}") };
    assert_eq!(*flaw, Flaw { block: 0, line: 1, index: None, reason: Reason::LineTooLong });
}

#[test]
fn a_file_that_has_grown_has_more() {
    struct Growing(Vec<&'static [u8]>);
    impl Read for Growing {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let part = if self.0.is_empty() { b"" } else { self.0.remove(0) };
            buffer[..part.len()].copy_from_slice(part);
            Ok(part.len())
        }
    }
    let mut records = records(Growing(vec![b"a\nb", b"", b"", b"c\n", b""]));
    assert_eq!(records.next_batch().unwrap().unwrap().len(), 1);
    assert!(records.next_batch().unwrap().is_none() && records.tail().is_some());
    assert_eq!(records.next_batch().unwrap().unwrap().get(0), (&b"bc"[..], 2));
    assert!(records.next_batch().unwrap().is_none() && records.tail().is_none());
}
