//! Writes as Rust what was found.

use std::path::PathBuf;

use crate::manifest::{Figure, Manifest, Words};
use crate::{Scene, Section};

/// The table of the sections: an expression.
pub(crate) fn sections(sections: &[Section]) -> String {
    list(sections, section)
}

/// Files: how each is named, and what is in it.
pub(crate) fn files(files: &[(String, PathBuf)]) -> String {
    list(files, |(name, path)| format!("({name:?}, include_str!({:?}))", path.display().to_string()))
}

fn section(section: &Section) -> String {
    let Section { manifest, sources, scenes } = section;
    let Manifest { name, folder, notes, lesson, server, arguments, figures, .. } = manifest;
    let (library, page) = (name.replace('-', "_"), folder.join("report.html").display().to_string());
    let fields = [
        format!("name: {name:?}"),
        format!("main: common::cli::run_with::<{library}::Options>"),
        format!("predictions: <{library}::Options as common::cli::Section>::HELP.predictions"),
        format!("notes: &{notes:?}"),
        format!("lesson: {}", words(lesson)),
        format!("server: {server:?}"),
        format!("arguments: &{arguments:?}"),
        format!("figures: {}", list(figures, figure)),
        format!("page: include_str!({page:?})"),
        format!("sources: {}", files(sources)),
        format!("scenes: {}", list(scenes, scene)),
    ];
    format!("Section {{ {} }}", fields.join(", "))
}

fn figure(Figure { scene, name, label }: &Figure) -> String {
    format!("TableFigure {{ scene: {scene:?}, name: {name:?}, label: {} }}", words(label))
}

fn scene(Scene { name, place, examples }: &Scene) -> String {
    let (file, line) = (place.file.display().to_string(), place.line);
    format!("SceneCode {{ scene: {name:?}, file: {file:?}, line: {line}, examples: &{examples:?} }}")
}

/// A language that is missing, or that nothing else knows, does not compile.
fn words(words: &Words) -> String {
    let fields: Vec<_> = words.iter().map(|(language, text)| format!("{language}: {text:?}")).collect();
    format!("Words {{ {} }}", fields.join(", "))
}

fn list<T>(items: &[T], code: impl Fn(&T) -> String) -> String {
    let items: Vec<_> = items.iter().map(code).collect();
    format!("&[\n{}\n]", items.join(",\n"))
}
