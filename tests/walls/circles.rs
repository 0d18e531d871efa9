//! Circles of imports: files that can only be understood together.
//!
//! Read from the sources: what each `use` names, and paths that begin at the crate or at a parent.
//! A name that a module passes on counts for the file that has it. What a module calls of its own
//! parts by their names does not count: they belong together anyway.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Files in one circle. Two or three share a type and its parts.
const MOST: usize = 4;

/// The path of a module within its crate.
type Module = Vec<String>;

struct Source {
    file: PathBuf,
    text: String,
    /// What it passes on: the name, and where that is.
    passed_on: Vec<(String, Vec<String>)>,
    /// What it names, from the crate on.
    named: Vec<Vec<String>>,
}

type Sources = BTreeMap<Module, Source>;

#[test]
fn no_circle_of_imports_is_over_four_files() {
    let mut wrong = Vec::new();
    for name in super::CRATES_OF_OURS {
        let sources = read(&super::root().join(name).join("src"));
        let arrows = arrows(&sources);
        for circle in circles(&arrows).into_iter().filter(|c| c.len() > MOST) {
            let files = circle
                .iter()
                .map(|module| sources[*module].file.display().to_string());
            wrong.push(files.collect::<Vec<_>>().join("\n  "));
        }
    }
    assert!(
        wrong.is_empty(),
        "files that import each other:\n  {}",
        wrong.join("\n\n  ")
    );
}

#[test]
fn paths_are_read_from_trees_of_use() {
    let paths = paths_of("crate::{a::{self, b as c}, d}");
    let paths: Vec<String> = paths.iter().map(|path| path.join("::")).collect();
    assert_eq!(paths, ["crate::a::self", "crate::a::b", "crate::d"]);
}

#[test]
fn a_circle_is_found_and_a_way_is_none() {
    let module = |name: &str| vec![name.to_owned()];
    let [a, b, c, d] = ["a", "b", "c", "d"].map(module);
    let arrows: Arrows<'_> = [(&a, &b), (&b, &c), (&c, &a), (&c, &d)].into_iter().fold(
        BTreeMap::new(),
        |mut all, (from, to)| {
            all.entry(from).or_default().insert(to);
            all
        },
    );
    let found = circles(&arrows);
    assert_eq!(found, [BTreeSet::from([&a, &b, &c])]);
}

/// The modules of a crate without its tests.
fn read(src: &Path) -> Sources {
    let mut files = Vec::new();
    collect(src, &mut files);
    let mut sources = Sources::new();
    for file in files {
        let inside = file.strip_prefix(src).unwrap().with_extension("");
        let mut module: Module = inside
            .iter()
            .map(|part| part.to_str().unwrap().to_owned())
            .collect();
        if module
            .iter()
            .any(|part| part == "tests" || part.ends_with("_tests"))
        {
            continue;
        }
        if matches!(
            module.last().map(String::as_str),
            Some("mod" | "lib" | "main")
        ) {
            module.pop();
        }
        let whole = fs::read_to_string(&file).unwrap();
        let without_tests = whole.split("#[cfg(test)]\nmod ").next().unwrap();
        let lines = without_tests
            .lines()
            .map(|line| line.split("//").next().unwrap());
        let text = lines.collect::<Vec<_>>().join("\n");
        let source = Source {
            file,
            text,
            passed_on: Vec::new(),
            named: Vec::new(),
        };
        sources.insert(module, source);
    }
    let modules: BTreeSet<Module> = sources.keys().cloned().collect();
    for (module, source) in &mut sources {
        for path in inline_paths(&source.text) {
            source.named.extend(from_crate(&path, module, &modules));
        }
        for (is_passed_on, tree) in uses(&source.text) {
            for path in paths_of(&tree) {
                let Some(path) = from_crate(&path, module, &modules) else {
                    continue;
                };
                if is_passed_on {
                    let name = path.last().cloned().unwrap_or_default();
                    source.passed_on.push((name, path));
                } else {
                    source.named.push(path);
                }
            }
        }
    }
    sources
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Each `use`, and whether it is a `pub` one.
fn uses(text: &str) -> Vec<(bool, String)> {
    let mut found = Vec::new();
    for statement in text.split_inclusive(';') {
        let Some(at) = statement.rfind("use ") else {
            continue;
        };
        let line = statement[..at].rfind('\n').map_or(0, |at| at + 1);
        let before = statement[line..at].trim();
        let starts = before.is_empty() || before.starts_with("pub");
        if let Some(tree) = statement[at + 4..].strip_suffix(';').filter(|_| starts) {
            found.push((!before.is_empty(), tree.to_owned()));
        }
    }
    found
}

/// `a::{b, c::d}` as `a::b` and `a::c::d`.
fn paths_of(tree: &str) -> Vec<Vec<String>> {
    let tree = tree.trim();
    let Some(open) = tree.find('{') else {
        let name = tree.split(" as ").next().unwrap();
        return vec![
            name.split("::")
                .map(|part| part.trim().to_owned())
                .collect(),
        ];
    };
    let inside = &tree[open + 1..tree.rfind('}').unwrap_or(tree.len())];
    let mut depth = 0;
    let items = inside.split(|c| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    });
    items
        .filter(|item| !item.trim().is_empty())
        .flat_map(|item| paths_of(&format!("{}{}", &tree[..open], item.trim())))
        .collect()
}

/// Paths in code that begin at the crate or at a parent.
fn inline_paths(text: &str) -> Vec<Vec<String>> {
    // How far a name can be seen is no import.
    let text = text.replace("pub(in crate::", "pub(in ");
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':');
    words
        .filter(|word| {
            ["crate::", "super::", "self::"]
                .iter()
                .any(|base| word.starts_with(base))
        })
        .map(|word| word.split("::").map(str::to_owned).collect())
        .collect()
}

/// A path from the crate on; `None` if it leads out of it.
fn from_crate(path: &[String], module: &Module, modules: &BTreeSet<Module>) -> Option<Vec<String>> {
    let mut base = module.clone();
    let mut rest = path;
    match path.first()?.as_str() {
        "crate" => {
            base.clear();
            rest = &path[1..];
        }
        "self" => rest = &path[1..],
        "super" => {
            while rest.first().is_some_and(|part| part == "super") {
                base.pop();
                rest = &rest[1..];
            }
        }
        child => {
            let mut inside = module.clone();
            inside.push(child.to_owned());
            if !modules.contains(&inside) {
                return None;
            }
        }
    }
    base.extend(rest.iter().filter(|part| *part != "self").cloned());
    Some(base)
}

type Arrows<'a> = BTreeMap<&'a Module, BTreeSet<&'a Module>>;

fn arrows(sources: &Sources) -> Arrows<'_> {
    let mut arrows = Arrows::new();
    for (module, source) in sources {
        let targets = source.named.iter().filter_map(|path| owner(sources, path));
        let others = targets.filter(|target| *target != module).collect();
        arrows.insert(module, others);
    }
    arrows
}

/// The module that has what a path names.
fn owner<'a>(sources: &'a Sources, path: &[String]) -> Option<&'a Module> {
    let mut path = path.to_vec();
    // As often as a name is passed on.
    for _ in 0..MOST {
        let length = (0..=path.len())
            .rev()
            .find(|at| sources.contains_key(&path[..*at]))?;
        let (module, source) = sources.get_key_value(&path[..length])?;
        let Some(name) = path.get(length) else {
            return Some(module);
        };
        let passed = source.passed_on.iter().find(|(passed, _)| passed == name);
        match passed {
            Some((_, further)) if *further != path => path.clone_from(further),
            _ => return Some(module),
        }
    }
    None
}

/// Modules from each of which a way leads to each other one.
fn circles<'a>(arrows: &Arrows<'a>) -> Vec<BTreeSet<&'a Module>> {
    let reached: BTreeMap<&Module, BTreeSet<&'a Module>> = arrows
        .keys()
        .map(|from| {
            let mut reached = BTreeSet::new();
            let mut next = vec![*from];
            while let Some(at) = next.pop() {
                for to in arrows.get(at).into_iter().flatten() {
                    if reached.insert(*to) {
                        next.push(to);
                    }
                }
            }
            (*from, reached)
        })
        .collect();
    let meets = |a: &Module, b: &Module| reached.get(a).is_some_and(|reached| reached.contains(b));
    let mut found: Vec<BTreeSet<&Module>> = Vec::new();
    for from in arrows.keys().filter(|from| meets(from, from)) {
        if found.iter().any(|circle| circle.contains(from)) {
            continue;
        }
        let others = reached[from].iter().filter(|to| meets(to, from));
        found.push(others.copied().collect());
    }
    found
}
