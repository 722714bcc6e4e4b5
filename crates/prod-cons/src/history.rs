//! What happened to each dish, as the journal has it.
//!
//! The journal is one line after the other, and what happened before is written before: a cook says
//! `cooked` before the put, an eater says `ate` after the get and before the dish is done. So places in
//! the journal prove an order, and times need not be compared.

use std::collections::{BTreeMap, HashMap};

use common::journal::{Event, Kind};
use common::words::Text;

/// Which dishes were cooked, served again and eaten by which actor, and at which places of the journal.
#[derive(Debug, Default)]
pub(crate) struct History {
    dishes: BTreeMap<Dish, Fate>,
    /// Each cook's dishes, in the order in which they were cooked.
    menus: HashMap<String, Vec<Dish>>,
    eaten_by: HashMap<String, usize>,
    most_not_eaten: usize,
}

/// Its food, by its key in the table of words, and its number.
type Dish = (String, u64);

#[derive(Debug, Default)]
struct Fate {
    cooked: Vec<usize>,
    eaten: Vec<Meal>,
    /// How often it was served another time.
    again: usize,
}

/// The dish was taken after `since` and before `until`.
#[derive(Debug)]
struct Meal {
    /// Where the eater said that it had eaten the dish before this one; 0 for its first.
    since: usize,
    /// Where it said that it had eaten this one.
    until: usize,
}

impl History {
    /// Reads what was said in a journal, by the keys of [`words`](crate::words).
    pub(crate) fn of(events: &[Event]) -> Self {
        let mut history = Self::default();
        let mut meal_before = HashMap::new();
        let (mut cooked, mut eaten) = (0_usize, 0);
        // From 1: place 0 is where the eaters sit down.
        for (place, event) in (1..).zip(events.iter().filter(|event| event.kind == Kind::Say)) {
            let Some((name, dish)) = name_and_dish(event) else { continue };
            let fate = history.dishes.entry(dish.clone()).or_default();
            match event.key() {
                Some("cooked") => {
                    cooked += 1;
                    fate.cooked.push(place);
                    history.menus.entry(name).or_default().push(dish);
                }
                Some("ate") => {
                    eaten += 1;
                    let since = meal_before.insert(name.clone(), place).unwrap_or(0);
                    fate.eaten.push(Meal { since, until: place });
                    *history.eaten_by.entry(name).or_default() += 1;
                }
                Some("served_again") => fate.again += 1,
                _ => {}
            }
            history.most_not_eaten = history.most_not_eaten.max(cooked.saturating_sub(eaten));
        }
        history
    }

    /// How many dishes were cooked, in all.
    pub(crate) fn cooked(&self) -> usize {
        self.dishes.values().map(|dish| dish.cooked.len()).sum()
    }

    /// How many dishes this eater ate.
    pub(crate) fn eaten_by(&self, eater: &Text) -> usize {
        self.eaten_by.get(&eater.name()).copied().unwrap_or(0)
    }

    /// How many dishes were cooked exactly once.
    pub(crate) fn cooked_once(&self) -> usize {
        self.dishes.values().filter(|dish| dish.cooked.len() == 1).count()
    }

    /// How many dishes were eaten exactly once.
    pub(crate) fn eaten_once(&self) -> usize {
        self.dishes.values().filter(|dish| dish.eaten.len() == 1).count()
    }

    /// How many dishes were eaten at least once.
    pub(crate) fn eaten(&self) -> usize {
        self.dishes.values().filter(|dish| !dish.eaten.is_empty()).count()
    }

    /// How many dishes were served more than once.
    pub(crate) fn served_again(&self) -> usize {
        self.dishes.values().filter(|dish| dish.again > 0).count()
    }

    /// How many meals there were before their dish was cooked, or of a dish that was never cooked.
    pub(crate) fn eaten_before_cooked(&self) -> usize {
        let too_early = |dish: &Fate| {
            let cooked = dish.cooked.first().copied().unwrap_or(usize::MAX);
            dish.eaten.iter().filter(|meal| meal.until < cooked).count()
        };
        self.dishes.values().map(too_early).sum()
    }

    /// How many dishes were certainly taken before an earlier one of the same cook: eaten before
    /// the eater of the earlier one had even done with what it ate before.
    ///
    /// Two eaters may *say* "ate" in another order than they took, so their lines alone prove nothing.
    pub(crate) fn taken_out_of_order(&self) -> usize {
        let out_of_order = |menu: &Vec<Dish>| {
            let mut earlier_since = 0;
            let mut out_of_order = 0;
            for meal in menu.iter().filter_map(|dish| self.dishes[dish].eaten.first()) {
                out_of_order += usize::from(meal.until <= earlier_since);
                earlier_since = earlier_since.max(meal.since);
            }
            out_of_order
        };
        self.menus.values().map(out_of_order).sum()
    }

    /// How many dishes were cooked and not eaten at the same moment, at most.
    pub(crate) fn most_not_eaten(&self) -> usize {
        self.most_not_eaten
    }
}

/// The actor and the dish of a text that has both.
fn name_and_dish(event: &Event) -> Option<(String, Dish)> {
    let text = |name| event.arg(name)?.as_str().map(str::to_owned);
    Some((text("name")?, (text("food")?, event.arg("number")?.as_u64()?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Food;
    use crate::words::{self, ate, bajie, cooked, wukong};

    /// The history of a feast in which this was said.
    fn history(said: &[Text]) -> History {
        let event = |(t, text): (u64, &Text)| Event {
            t,
            pid: 1,
            tid: 1,
            actor: "an actor".to_owned(),
            kind: Kind::Say,
            text: None,
            data: [("key".to_owned(), text.key().into()), ("args".to_owned(), text.args().into())]
                .into_iter()
                .collect(),
        };
        History::of(&(1..).zip(said).map(event).collect::<Vec<_>>())
    }

    const RICE: Food = Food::GoldenFriedRice;

    fn cooks(number: u32) -> Text {
        cooked(words::xiao_dangjia(), RICE, number)
    }

    fn a_eats(number: u32) -> Text {
        ate(bajie(), RICE, number)
    }

    fn b_eats(number: u32) -> Text {
        ate(wukong(), RICE, number)
    }

    fn a_is_served_again(number: u32) -> Text {
        words::served_again(bajie(), RICE, number, wukong(), 8)
    }

    fn b_is_served_again(number: u32) -> Text {
        words::served_again(wukong(), RICE, number, bajie(), 7)
    }

    #[test]
    fn a_feast_in_order_has_no_faults() {
        let history = history(&[cooks(0), cooks(1), a_eats(0), b_eats(1)]);
        assert_eq!((history.cooked(), history.cooked_once(), history.eaten_once()), (2, 2, 2));
        assert_eq!((history.eaten_before_cooked(), history.taken_out_of_order(), history.most_not_eaten()), (0, 0, 2));
        let eaten_by = [bajie(), wukong(), words::xiao_fugui()].map(|name| history.eaten_by(&name));
        assert_eq!(eaten_by, [1, 1, 0]);
    }

    #[test]
    fn dishes_of_two_cooks_are_different_ones() {
        let wall = |number: u32| cooked(words::xiao_fugui(), Food::BuddhaJumpsOverTheWall, number);
        let eats_wall = |number: u32| ate(wukong(), Food::BuddhaJumpsOverTheWall, number);
        let history = history(&[cooks(0), wall(0), eats_wall(0), a_eats(0)]);
        assert_eq!((history.cooked_once(), history.eaten_once(), history.taken_out_of_order()), (2, 2, 0));
    }

    #[test]
    fn two_eaters_may_finish_in_another_order_than_they_took() {
        assert_eq!(history(&[cooks(0), cooks(1), b_eats(1), a_eats(0)]).taken_out_of_order(), 0);
    }

    #[test]
    fn one_eater_cannot_eat_the_later_dish_first() {
        assert_eq!(history(&[cooks(0), cooks(1), a_eats(1), a_eats(0)]).taken_out_of_order(), 1);
    }

    #[test]
    fn a_dish_eaten_before_the_eater_of_an_earlier_one_asked_for_it_is_out_of_order() {
        let history = history(&[cooks(0), cooks(1), cooks(2), a_eats(2), b_eats(0), b_eats(1)]);
        assert_eq!(history.taken_out_of_order(), 1);
    }

    #[test]
    fn a_dish_eaten_twice_or_never_or_too_early_is_found() {
        let history = history(&[a_eats(0), cooks(0), b_eats(0), cooks(1)]);
        assert_eq!((history.cooked_once(), history.eaten_once(), history.eaten_before_cooked()), (2, 0, 1));
        assert_eq!(history.taken_out_of_order(), 0);
    }

    #[test]
    fn a_dish_that_was_served_again_is_counted_once_and_for_the_eater_that_ate_it() {
        let history = history(&[cooks(0), cooks(1), b_is_served_again(0), a_is_served_again(0), a_eats(0), b_eats(1)]);
        assert_eq!((history.cooked(), history.served_again(), history.eaten(), history.eaten_once()), (2, 1, 2, 2));
        assert_eq!((history.eaten_by(&bajie()), history.eaten_by(&wukong())), (1, 1));
    }

    #[test]
    fn a_dish_that_no_eater_ate_is_lost_even_if_it_was_served_again() {
        let history = history(&[cooks(0), cooks(1), a_eats(1), a_is_served_again(0)]);
        assert_eq!((history.cooked_once(), history.eaten(), history.served_again()), (2, 1, 1));
    }

    #[test]
    fn a_dish_that_was_eaten_twice_is_eaten() {
        let history = history(&[cooks(0), a_eats(0), b_is_served_again(0), b_eats(0)]);
        assert_eq!((history.eaten(), history.eaten_once(), history.most_not_eaten()), (1, 0, 1));
    }
}
