//! Actors that have one name, told apart.

use std::collections::HashMap;

use super::Actor;

/// Gives a number to every actor but the first of those with one name in one scene: an eater that took the place of
/// another is `Bajie #2`. An actor has the same number in each of its scenes.
pub(super) fn tell_apart(actors: &mut [Actor]) {
    let mut born: Vec<usize> = (0..actors.len()).collect();
    born.sort_by_key(|index| actors[*index].lane.born);
    let mut last: HashMap<(String, usize), u32> = HashMap::new();
    for index in born {
        let Actor { lane, scenes, .. } = &mut actors[index];
        let key = |scene: &usize| (lane.name.clone(), *scene);
        let number = 1 + scenes.iter().filter_map(|scene| last.get(&key(scene))).max().copied().unwrap_or(0);
        last.extend(scenes.iter().map(|scene| (key(scene), number)));
        if number > 1 {
            lane.name = format!("{} #{number}", lane.name);
        }
    }
}
