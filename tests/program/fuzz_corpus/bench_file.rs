//! Properties of reading a saved benchmark, tried on any file.

use stripmine::bench::compare;
use stripmine::bench::document::Document;
use stripmine::bench::export::{FileFormat, render};

const DRAWN: [FileFormat; 4] =
    [FileFormat::Csv, FileFormat::Markdown, FileFormat::Svg, FileFormat::Html];

/// What is accepted can be written and read again, drawn in every format, and compared.
pub(crate) fn check(bytes: &[u8]) {
    let one = Document::from_json(bytes);
    match Document::list_from_json(bytes) {
        Ok(documents) => {
            assert_eq!(one.is_ok(), documents.len() == 1);
            let written = Document::array_to_json(&documents);
            let read = Document::list_from_json(written.as_bytes());
            assert_eq!(read.as_ref(), Ok(&documents), "written and read again");
            documents.iter().for_each(is_drawn);
        }
        Err(error) => {
            let message = error.to_string();
            assert!(message.len() < 2_000, "a message for a screen: {message}");
            assert!(one.is_err());
        }
    }
}

fn is_drawn(document: &Document) {
    for format in DRAWN {
        let drawn = render(format, std::slice::from_ref(document), None);
        let text = String::from_utf8(drawn).expect("all of these are text");
        assert!(!text.contains("NaN"), "{text}");
        assert!(format == FileFormat::Csv || !text.contains("<script>alert"), "{text}");
    }
    let compared = compare(document, document, 0.0);
    assert!(compared.points.len() <= document.points.len());
}
