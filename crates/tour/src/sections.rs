//! Every section of the notes, in their order. `build/` derives the table from the sections' folders.

use std::ffi::OsString;

use common::help::Prediction;

use crate::words::Words;

/// A section of the notes.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) name: &'static str,
    /// Its program: takes its arguments, the first of which is its name, and returns the exit code.
    pub(crate) main: fn(Vec<OsString>) -> u8,
    /// What a reader may predict before a run.
    pub(crate) predictions: &'static [Prediction],
    /// The chapters of the notes that it shows.
    pub(crate) notes: &'static [u32],
    /// What it teaches, in a line.
    pub(crate) lesson: Words,
    /// The section that must run beside it, and at whose port it asks.
    pub(crate) server: Option<&'static str>,
    /// Its own options on a tour, besides those that every section has.
    pub(crate) arguments: &'static [&'static str],
    /// The figures of its row.
    pub(crate) figures: &'static [TableFigure],
    /// Its page of the report: HTML.
    pub(crate) page: &'static str,
    /// Its examples and its own code: the path of each file, and its text.
    pub(crate) sources: &'static [(&'static str, &'static str)],
    /// Where the code of each of its scenes is.
    pub(crate) scenes: &'static [SceneCode],
}

/// A figure of a section's row.
#[derive(Debug)]
pub(crate) struct TableFigure {
    pub(crate) scene: &'static str,
    /// Its name in the section's report.
    pub(crate) name: &'static str,
    /// Its name in the row.
    pub(crate) label: Words,
}

/// Where the code of a scene is.
#[derive(Debug)]
pub(crate) struct SceneCode {
    pub(crate) scene: &'static str,
    pub(crate) file: &'static str,
    pub(crate) line: usize,
    /// The files of the examples that show the scene.
    pub(crate) examples: &'static [&'static str],
}

/// All of them, in the notes' order.
pub(crate) static SECTIONS: &[Section] = include!(concat!(env!("OUT_DIR"), "/sections.rs"));

/// The section of this name.
pub(crate) fn find(name: &str) -> Option<&'static Section> {
    SECTIONS.iter().find(|section| section.name == name)
}

/// Their names, as a sentence has them.
pub(crate) fn names() -> String {
    let names: Vec<_> = SECTIONS.iter().map(|section| section.name).collect();
    names.join(", ")
}

impl Section {
    /// Whether `--only` and `--skip` treat it like the section of this name: a server, like its client.
    pub(crate) fn goes_with(&self, name: &str) -> bool {
        find(name).is_some_and(|other| self.group() == other.group())
    }

    fn group(&self) -> &str {
        self.server.unwrap_or(self.name)
    }
}

/// Whether a line of a listing is what the listing is about: such a line ends in a comment.
pub(crate) fn is_key_line(line: &str) -> bool {
    let code = line.split_once(" // ").map(|(code, _)| code.trim());
    code.is_some_and(|code| code.ends_with([';', '{', '}', ',', ')', '?']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_says_which_figures_are_in_its_row_and_names_each_file_once() {
        for Section { name, figures, sources, .. } in SECTIONS {
            assert!(!figures.is_empty(), "{name}");
            let mut paths: Vec<_> = sources.iter().map(|(path, _)| *path).collect();
            paths.sort_unstable();
            assert!(paths.windows(2).all(|pair| pair[0] != pair[1]), "{name}: {paths:?}");
        }
    }

    #[test]
    fn every_listing_has_a_key_line_which_ends_in_a_comment() {
        for Section { sources, .. } in SECTIONS {
            for (path, text) in sources.iter().filter(|(path, _)| path.contains("/examples/")) {
                assert!(text.lines().any(is_key_line), "{path}: end the line that it is about in a comment");
            }
        }
    }

    #[test]
    fn the_code_of_every_scene_is_a_function_that_plays_on_a_stage() {
        for Section { name, sources, scenes, .. } in SECTIONS {
            assert!(!scenes.is_empty(), "{name}");
            for SceneCode { scene, file, line, examples } in *scenes {
                let text = |path: &str| sources.iter().find(|(found, _)| *found == path).map(|(_, text)| *text);
                let text_of_scene = text(file).unwrap_or_else(|| panic!("{name} has no {file}"));
                let lines = text_of_scene.lines().skip(line - 1);
                let lines = lines.skip_while(|line| line.starts_with("///") || line.starts_with("#["));
                let code = lines.collect::<Vec<_>>().join("\n");
                let begins = code.split_once('{').map_or("", |(begins, _)| begins);
                assert!(begins.contains("fn ") && begins.contains("Stage"), "{name}, {scene}: {begins}");
                assert!(examples.iter().all(|example| text(example).is_some()), "{name}, {scene}: {examples:?}");
            }
        }
    }
}
