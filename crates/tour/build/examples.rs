//! Which example shows which scene.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// Pairs each scene with the examples that show it: an example has the name of its scene, or `named`
/// says its scenes.
pub(crate) fn by_scene(
    examples: &[PathBuf],
    named: &BTreeMap<String, Vec<String>>,
    scenes: &[&str],
) -> Result<Vec<(String, PathBuf)>, String> {
    let name = |example: &PathBuf| example.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    if let Some(gone) = named.keys().find(|key| !examples.iter().any(|example| name(example) == **key)) {
        return Err(format!("there is no examples/{gone}.rs"));
    }
    let mut found = Vec::new();
    for example in examples {
        let name = name(example);
        let own = [name.clone()];
        let shown = named.get(&name).map_or(&own[..], Vec::as_slice);
        if let Some(unknown) = shown.iter().find(|scene| !scenes.contains(&scene.as_str())) {
            let help = format!("give it the name of one, or name its scenes: examples.{name} = [\"..\"]");
            return Err(format!("examples/{name}.rs shows no scene: there is no '{unknown}'; {help}"));
        }
        found.extend(shown.iter().map(|scene| (scene.clone(), example.clone())));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(examples: &[&str], named: &[(&str, &[&str])]) -> Result<Vec<(String, PathBuf)>, String> {
        let examples: Vec<_> = examples.iter().map(|name| PathBuf::from(format!("examples/{name}.rs"))).collect();
        let scenes = |scenes: &[&str]| scenes.iter().map(|scene| (*scene).to_owned()).collect();
        let named = named.iter().map(|(name, of)| ((*name).to_owned(), scenes(of))).collect();
        by_scene(&examples, &named, &["locked", "unlocked"])
    }

    #[test]
    fn an_example_shows_the_scene_of_its_name_or_those_that_the_manifest_names() {
        let pair = |scene: &str, example: &str| (scene.to_owned(), PathBuf::from(example));
        assert_eq!(shown(&["locked"], &[]), Ok(vec![pair("locked", "examples/locked.rs")]));
        let sale = shown(&["sale"], &[("sale", &["unlocked", "locked"])]);
        assert_eq!(sale, Ok(vec![pair("unlocked", "examples/sale.rs"), pair("locked", "examples/sale.rs")]));
        assert_eq!(shown(&[], &[]), Ok(vec![]));
    }

    #[test]
    fn an_example_of_no_scene_and_a_name_of_no_example_are_refused() {
        let error = shown(&["sale"], &[]).expect_err("no scene");
        assert!(error.contains("examples/sale.rs shows no scene: there is no 'sale'"), "{error}");
        let error = shown(&["sale"], &[("sale", &["sold"])]).expect_err("no scene");
        assert!(error.contains("there is no 'sold'"), "{error}");
        assert_eq!(shown(&[], &[("sale", &["locked"])]), Err("there is no examples/sale.rs".to_owned()));
    }
}
