//! No file of a crate uses another in a circle.
//!
//! A file uses the files that its code names by path, in `use` or elsewhere. A name that a module
//! re-exports counts as the module's. So a file must take a neighbour's item from the neighbour: by
//! their parent, which has the item from the neighbour, it would be in a circle with both.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::posture::{crates, root, rust_files};

/// A module's path, such as `["cli", "mine"]`; the library itself is empty.
type Module = Vec<String>;
type Files = BTreeMap<Module, PathBuf>;

fn module_of(file: &Path, source: &str) -> Module {
    let inside = file.strip_prefix(source).unwrap().with_extension("");
    let mut module: Module = inside.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
    module.pop_if(|name| name == "mod" || name == "lib");
    module
}

/// The code above the tests of a file, without comments and visibilities.
fn code_of(text: &str) -> String {
    let code = text.split("\nmod tests {").next().unwrap_or_default();
    let lines = code.lines().map(|line| line.split("//").next().unwrap_or_default());
    let code = lines.collect::<Vec<_>>().join(" ");
    let after_visibility = |part: &'_ str| part.split_once(')').map_or("", |it| it.1).to_owned();
    let mut parts = code.split("pub(");
    let first = parts.next().unwrap_or_default().to_owned();
    std::iter::once(first).chain(parts.map(after_visibility)).collect()
}

/// The paths that code names: those in `use`, without braces, and those that begin at the crate or
/// a parent.
fn paths_in(code: &str) -> Vec<String> {
    let mut paths = Vec::new();
    let mut rest = code;
    while let Some(at) = rest.find(|it: char| it.is_alphabetic() || it == '_') {
        let word = &rest[at..];
        let end = word.find(|it: char| !it.is_alphanumeric() && !"_:".contains(it));
        let (word, after) = word.split_at(end.unwrap_or(word.len()));
        rest = after;
        if word == "use" {
            let (tree, after) = after.split_once(';').unwrap_or((after, ""));
            expand(tree.trim(), "", &mut paths);
            rest = after;
        } else if word.starts_with("crate::") || word.starts_with("super::") {
            paths.push(word.to_owned());
        }
    }
    paths
}

/// Every path of a `use` tree.
fn expand(tree: &str, before: &str, paths: &mut Vec<String>) {
    let Some((prefix, inner)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or_default().trim();
        return paths.push(format!("{before}{path}"));
    };
    let before = format!("{before}{}", prefix.trim());
    let (mut depth, mut start) = (0, 0);
    let inner = inner.strip_suffix('}').unwrap_or(inner);
    for (at, character) in inner.char_indices().chain([(inner.len(), ',')]) {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                expand(inner[start..at].trim(), &before, paths);
                start = at + 1;
            }
            _ => {}
        }
    }
}

/// The innermost module on a path that is named in `from`; `None` for another crate's.
fn used_module(from: &Module, path: &str, files: &Files) -> Option<Module> {
    let mut names = path.split("::").peekable();
    let mut module = from.clone();
    match *names.peek()? {
        "crate" => module.clear(),
        "super" => {}
        first => {
            module.push(first.to_owned());
            let is_child = files.contains_key(&module);
            module.pop();
            is_child.then_some(())?;
        }
    }
    for name in names {
        match name {
            "crate" | "self" => {}
            "super" => drop(module.pop()),
            name => {
                module.push(name.to_owned());
                if !files.contains_key(&module) {
                    module.pop();
                    break;
                }
            }
        }
    }
    Some(module)
}

/// Modules of a circle through `start`, in the order in which they use each other.
fn circle_through(
    start: &Module,
    uses: &BTreeMap<Module, BTreeSet<Module>>,
) -> Option<Vec<Module>> {
    let mut paths = vec![vec![start.clone()]];
    let mut seen = BTreeSet::new();
    while let Some(path) = paths.pop() {
        for next in uses.get(path.last()?).into_iter().flatten() {
            let longer = [&path[..], std::slice::from_ref(next)].concat();
            if next == start {
                return Some(longer);
            }
            if seen.insert(next) {
                paths.push(longer);
            }
        }
    }
    None
}

/// Fails if files below this directory use each other in a circle. It says how many uses there are.
fn uses_without_circles(source: &str) -> usize {
    let mut paths = Vec::new();
    rust_files(&root().join(source), &mut paths);
    let files: Files = paths.into_iter().map(|path| (module_of(&path, source), path)).collect();
    let mut edges = BTreeMap::new();
    for (module, file) in &files {
        let code = code_of(&fs::read_to_string(root().join(file)).unwrap());
        let named =
            paths_in(&code).into_iter().filter_map(|path| used_module(module, &path, &files));
        edges.insert(module.clone(), named.filter(|it| it != module).collect());
    }
    for module in files.keys() {
        if let Some(circle) = circle_through(module, &edges) {
            let circle: Vec<_> = circle.iter().map(|module| module.join("::")).collect();
            panic!("files in {source} use each other in a circle: {}", circle.join(" -> "));
        }
    }
    edges.values().map(BTreeSet::len).sum()
}

#[test]
fn no_file_uses_another_in_a_circle() {
    for directory in crates() {
        let uses = uses_without_circles(&format!("{directory}src"));
        assert!(uses > 50, "{directory}: {uses}");
    }
}

#[test]
fn uses_are_found_wherever_they_stand() {
    let text = "use super::a::{B, c::{self, D}}; // use super::x;\n\
                pub(in crate::h) fn f() { crate::e::g() }\nmod tests { use super::y; }";
    let code = code_of(text);
    assert_eq!(
        paths_in(&code),
        ["super::a::B", "super::a::c::self", "super::a::c::D", "crate::e::g"]
    );
    let files: Files = [&["a"][..], &["b"], &["a", "c"], &[]]
        .map(|module| (module.iter().map(|name| (*name).to_owned()).collect(), PathBuf::new()))
        .into();
    let from = vec!["a".to_owned()];
    for (path, used) in [("crate::b::X", Some("b")), ("c::X", Some("a::c")), ("std::fmt", None)] {
        assert_eq!(used_module(&from, path, &files).map(|it| it.join("::")).as_deref(), used);
    }
    let circle = [("a", "b"), ("b", "a")]
        .map(|(a, b)| (vec![a.to_owned()], BTreeSet::from([vec![b.to_owned()]])));
    assert!(circle_through(&from, &circle.into()).is_some());
    assert!(circle_through(&from, &BTreeMap::new()).is_none());
}
