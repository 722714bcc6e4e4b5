//! Finds where the code of each scene is: the list `SCENES` of a section pairs each name with the
//! function that plays it.

use std::fs;
use std::path::{Path, PathBuf};

use syn::{Expr, File, ImplItem, Item, Lit, Stmt, UseTree};

/// A function: its file, below `src`, and the line where it begins, with its documentation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) file: PathBuf,
    pub(crate) line: usize,
}

/// The scenes of a section in their order, each with its place.
pub(crate) fn places(src: &Path) -> Result<Vec<(String, Place)>, String> {
    let library = PathBuf::from("lib.rs");
    let parsed = parse(&read(&src.join(&library))?, &library)?;
    let scenes = scenes(&parsed).ok_or("src/lib.rs has no list SCENES of names with their functions")?;
    let place = |(scene, path): (String, Vec<String>)| {
        let found = find(src, &parsed, &path).map_err(|error| format!("the scene '{scene}': {error}"))?;
        Ok((scene, found))
    };
    scenes.into_iter().map(place).collect()
}

/// The name of each scene and the path of its function. `None` if the list is of another form.
fn scenes(library: &File) -> Option<Vec<(String, Vec<String>)>> {
    let blocks = library.items.iter().filter_map(|item| if let Item::Impl(block) = item { Some(block) } else { None });
    let mut constants = blocks.flat_map(|block| &block.items).filter_map(|item| match item {
        ImplItem::Const(constant) if constant.ident == "SCENES" => Some(&constant.expr),
        _ => None,
    });
    let Expr::Reference(list) = constants.next()? else { return None };
    let Expr::Array(list) = &*list.expr else { return None };
    list.elems.iter().map(scene).collect()
}

/// A tuple, a call or a struct with the scene's name as its first literal, and its act:
/// `("name", path::of::function)`.
fn scene(element: &Expr) -> Option<(String, Vec<String>)> {
    let parts: Vec<_> = match element {
        Expr::Tuple(tuple) => tuple.elems.iter().collect(),
        Expr::Call(call) => call.args.iter().collect(),
        Expr::Struct(fields) => fields.fields.iter().map(|field| &field.expr).collect(),
        _ => return None,
    };
    let name = parts.iter().find_map(|part| if let Expr::Lit(name) = part { Some(&name.lit) } else { None });
    let Lit::Str(name) = name? else { return None };
    Some((name.value(), parts.into_iter().find_map(act)?))
}

/// The function that an expression names as the act of a scene: a path, or a closure that calls it, or
/// that has it played: `|options, stage| stage.play(claims(), act)`.
fn act(expression: &Expr) -> Option<Vec<String>> {
    match expression {
        Expr::Path(function) => Some(function.path.segments.iter().map(|part| part.ident.to_string()).collect()),
        Expr::Closure(closure) => act(&closure.body),
        Expr::MethodCall(call) if call.method == "play" => act(call.args.last()?),
        Expr::MethodCall(call) => act(&call.receiver),
        Expr::Call(call) => act(&call.func),
        Expr::Try(tried) => act(&tried.expr),
        Expr::Reference(to) => act(&to.expr),
        Expr::Paren(inner) => act(&inner.expr),
        Expr::Block(block) => block.block.stmts.iter().find_map(|statement| match statement {
            Stmt::Expr(expression, _) => act(expression),
            _ => None,
        }),
        _ => None,
    }
}

/// Follows a path from the library to the function.
fn find(src: &Path, library: &File, path: &[String]) -> Result<Place, String> {
    let path: Vec<_> = path.iter().filter(|part| *part != "crate" && *part != "self").cloned().collect();
    let [modules @ .., function] = &path[..] else { return Err("its function has no name".to_owned()) };
    if modules.is_empty() && !has(library, function) {
        let imported = imported(library, function).ok_or(format!("no function {function} in src/lib.rs"))?;
        return find(src, library, &imported);
    }
    let file = if modules.is_empty() { "lib.rs".into() } else { PathBuf::from(modules.join("/")).with_extension("rs") };
    let text = read(&src.join(&file))?;
    match line_of(&text, function) {
        Some(line) => Ok(Place { file, line }),
        None => Err(format!("no function {function} in src/{}", file.display())),
    }
}

fn has(file: &File, function: &str) -> bool {
    file.items.iter().any(|item| matches!(item, Item::Fn(found) if found.sig.ident == function))
}

/// The path by which `use` brings a name into the library.
fn imported(library: &File, name: &str) -> Option<Vec<String>> {
    let mut uses =
        library.items.iter().filter_map(|item| if let Item::Use(found) = item { Some(&found.tree) } else { None });
    uses.find_map(|tree| path_in(tree, name))
}

fn path_in(tree: &UseTree, name: &str) -> Option<Vec<String>> {
    match tree {
        UseTree::Path(path) => {
            let mut found = path_in(&path.tree, name)?;
            found.insert(0, path.ident.to_string());
            Some(found)
        }
        UseTree::Name(found) if found.ident == name => Some(vec![name.to_owned()]),
        UseTree::Rename(found) if found.rename == name => Some(vec![found.ident.to_string()]),
        UseTree::Group(group) => group.items.iter().find_map(|tree| path_in(tree, name)),
        _ => None,
    }
}

/// The line where a function of the file begins, with its documentation and its attributes.
///
/// A parsed item does not know its line. But what begins at a line is an item if the rest of the file
/// is a file as well: inside of a comment, a string or another item it is not.
fn line_of(text: &str, function: &str) -> Option<usize> {
    let is_it = |rest: &str| {
        let parsed = syn::parse_file(rest).ok()?;
        matches!(parsed.items.first(), Some(Item::Fn(found)) if found.sig.ident == function).then_some(())
    };
    let lines: Vec<_> = text.lines().collect();
    let word = format!("fn {function}");
    let begins = |line: &&str| !line.starts_with(char::is_whitespace) && line.contains(&word);
    let candidates = lines.iter().enumerate().filter(|(_, line)| begins(line));
    let mut found = candidates.filter(|(at, _)| is_it(&lines[*at..].join("\n")).is_some());
    let (at, _) = found.next()?;
    let above = lines[..at].iter().rev().take_while(|line| line.starts_with("///") || line.starts_with("#[")).count();
    Some(at - above + 1)
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn parse(text: &str, file: &Path) -> Result<File, String> {
    syn::parse_file(text).map_err(|error| format!("src/{}: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A section with these files below `src`.
    fn places_in(files: &[(&str, &str)]) -> Result<Vec<(String, Place)>, String> {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            fs::write(folder.path().join(name), text).expect("room");
        }
        places(folder.path())
    }

    fn library(scenes: &str, rest: &str) -> String {
        format!("impl Section for Options {{\n    const SCENES: &'static [Scene<Self>] = {scenes};\n}}\n{rest}")
    }

    fn place(scene: &str, file: &str, line: usize) -> (String, Place) {
        (scene.to_owned(), Place { file: file.into(), line })
    }

    #[test]
    fn a_scene_is_found_in_the_library_in_a_module_and_by_an_import() {
        let scenes = r#"&[("a", here), ("b", other::there), ("c", alias)]"#;
        let library =
            library(scenes, "use other::{third as alias};\n/// Documented.\n#[inline]\npub(crate) fn here() {}\n");
        let other = "fn there<'a>(_: &'a str) {}\n\nfn third() {}\n";
        let found = places_in(&[("lib.rs", &library), ("other.rs", other)]).expect("places");
        assert_eq!(found, [place("a", "lib.rs", 5), place("b", "other.rs", 1), place("c", "other.rs", 3)]);
    }

    #[test]
    fn a_scene_may_be_a_tuple_a_call_or_a_struct_and_its_act_may_be_in_a_closure() {
        for scene in [
            r#"("a", act)"#,
            r#"Scene::new("a", act)"#,
            r#"Scene { act: act, name: "a" }"#,
            r#"("a", |options, stage| act(options, stage))"#,
            r#"("a", |_, stage| stage.play(claims::a(), act).map(drop))"#,
            r#"("a", |options, stage| { stage.play(claims::a(), |stage| act(options, stage))?; })"#,
        ] {
            let found = places_in(&[("lib.rs", &library(&format!("&[{scene}]"), "fn act() {}"))]).expect("places");
            assert_eq!(found, [place("a", "lib.rs", 4)]);
        }
    }

    #[test]
    fn what_looks_like_the_function_in_a_string_a_comment_or_another_item_is_not_it() {
        let rest = "
const TEXT: &str = r\"
fn act() {}
\";
/*
fn act() {}
*/
mod inner {
    fn act() {}
}
fn active() {}
fn act() {}";
        let found = places_in(&[("lib.rs", &library(r#"&[("a", act)]"#, rest))]).expect("places");
        assert_eq!(found, [place("a", "lib.rs", 15)]);
    }

    #[test]
    fn a_list_of_another_form_and_a_function_that_is_not_there_are_refused() {
        for (scenes, rest, told) in [
            ("all()", "", "no list SCENES of names with their functions"),
            (r#"&[("a", act)]"#, "", "the scene 'a': no function act in src/lib.rs"),
            (r#"&[("a", gone::act)]"#, "", "gone.rs: No such file"),
        ] {
            let error = places_in(&[("lib.rs", &library(scenes, rest))]).expect_err("no places");
            assert!(error.contains(told), "{error}");
        }
    }
}
