//! What the journal tells about the feast.
//!
//! The journal is one line after the other, and whatever happened before is written before: a cook
//! says "cooked" before the put, an eater says "ate" after the get and before the dish is done. So
//! places in the journal prove an order, and times need not be compared.

use std::collections::{BTreeMap, HashMap};

use common::journal::{Event, Kind};

/// What stands between the name and the dish in "Bajie ate golden fried rice 0".
#[derive(Debug)]
pub(crate) struct Verbs {
    pub(crate) cooked: String,
    pub(crate) ate: String,
    pub(crate) was_served: String,
    /// Behind the dish that was served again, and before why.
    pub(crate) again: String,
}

/// Who cooked, was served and ate which dish, and at which places of the journal.
#[derive(Debug, Default)]
pub(crate) struct Record {
    dishes: BTreeMap<String, Dish>,
    /// Each cook's dishes, in the order in which they were cooked.
    menus: HashMap<String, Vec<String>>,
    eaten_by: HashMap<String, usize>,
    most_not_eaten: usize,
}

#[derive(Debug, Default)]
struct Dish {
    cooked: Vec<usize>,
    eaten: Vec<Meal>,
    /// Why it was served another time, each time.
    again: Vec<String>,
}

/// The dish was taken after `since` and before `until`.
#[derive(Debug)]
struct Meal {
    /// Where the eater said that it had eaten the dish before this one; 0 for its first.
    since: usize,
    /// Where it said that it had eaten this one.
    until: usize,
}

impl Record {
    /// Reads what was said in a journal.
    pub(crate) fn of(events: &[Event], verbs: &Verbs) -> Self {
        let says = events.iter().filter(|event| event.kind == Kind::Say);
        Self::read(says.filter_map(|event| Some((event.actor.as_str(), event.text.as_deref()?))), verbs)
    }

    /// Reads what was said: who, and what, in the journal's order.
    fn read<'e>(said: impl IntoIterator<Item = (&'e str, &'e str)>, verbs: &Verbs) -> Self {
        let mut record = Self::default();
        let mut meal_before = HashMap::new();
        let (mut cooked, mut eaten) = (0_usize, 0);
        // From 1: place 0 is where everybody sits down.
        for (place, (actor, text)) in (1..).zip(said) {
            let Some(did) = text.strip_prefix(actor) else { continue };
            if let Some(name) = did.strip_prefix(&verbs.cooked) {
                cooked += 1;
                record.dish(name).cooked.push(place);
                record.menus.entry(actor.to_owned()).or_default().push(name.to_owned());
            } else if let Some(name) = did.strip_prefix(&verbs.ate) {
                eaten += 1;
                let since = meal_before.insert(actor, place).unwrap_or(0);
                record.dish(name).eaten.push(Meal { since, until: place });
                *record.eaten_by.entry(actor.to_owned()).or_default() += 1;
            } else if let Some(served) = did.strip_prefix(&verbs.was_served) {
                let Some((name, why)) = served.split_once(&verbs.again) else { continue };
                record.dish(name).again.push(why.to_owned());
            }
            record.most_not_eaten = record.most_not_eaten.max(cooked.saturating_sub(eaten));
        }
        record
    }

    fn dish(&mut self, name: &str) -> &mut Dish {
        self.dishes.entry(name.to_owned()).or_default()
    }

    /// How many dishes were cooked, in all.
    pub(crate) fn cooked(&self) -> usize {
        self.dishes.values().map(|dish| dish.cooked.len()).sum()
    }

    /// How many dishes this eater ate.
    pub(crate) fn eaten_by(&self, name: &str) -> usize {
        self.eaten_by.get(name).copied().unwrap_or(0)
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
        self.dishes.values().filter(|dish| !dish.again.is_empty()).count()
    }

    /// How many meals there were before their dish was cooked, or of a dish that nobody cooked.
    pub(crate) fn eaten_before_cooked(&self) -> usize {
        let too_early = |dish: &Dish| {
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
        let out_of_order = |menu: &Vec<String>| {
            let mut earlier_since = 0;
            let mut out_of_order = 0;
            for meal in menu.iter().filter_map(|name| self.dishes[name].eaten.first()) {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The record of a feast of which these lines are the journal.
    fn record(lines: &[(&str, &str)]) -> Record {
        let texts: Vec<_> = lines.iter().map(|(actor, did)| (*actor, format!("{actor} {did}"))).collect();
        let said = texts.iter().map(|(actor, text)| (*actor, text.as_str()));
        let [cooked, ate, was_served, again] = [" cooked ", " ate ", " was served ", " again: "].map(str::to_owned);
        Record::read(said, &Verbs { cooked, ate, was_served, again })
    }

    #[test]
    fn a_feast_in_order_has_no_faults() {
        let record = record(&[("cook", "cooked 0"), ("cook", "cooked 1"), ("a", "ate 0"), ("b", "ate 1")]);
        assert_eq!((record.cooked(), record.cooked_once(), record.eaten_once()), (2, 2, 2));
        assert_eq!((record.eaten_before_cooked(), record.taken_out_of_order(), record.most_not_eaten()), (0, 0, 2));
        assert_eq!((record.eaten_by("a"), record.eaten_by("b"), record.eaten_by("c")), (1, 1, 0));
    }

    #[test]
    fn two_eaters_may_finish_in_another_order_than_they_took() {
        let record = record(&[("cook", "cooked 0"), ("cook", "cooked 1"), ("b", "ate 1"), ("a", "ate 0")]);
        assert_eq!(record.taken_out_of_order(), 0);
    }

    #[test]
    fn one_eater_cannot_eat_the_later_dish_first() {
        let record = record(&[("cook", "cooked 0"), ("cook", "cooked 1"), ("a", "ate 1"), ("a", "ate 0")]);
        assert_eq!(record.taken_out_of_order(), 1);
    }

    #[test]
    fn a_dish_eaten_before_the_eater_of_an_earlier_one_asked_for_it_is_out_of_order() {
        let cooked = [("cook", "cooked 0"), ("cook", "cooked 1"), ("cook", "cooked 2")];
        let record = record(&[&cooked[..], &[("a", "ate 2"), ("b", "ate 0"), ("b", "ate 1")]].concat());
        assert_eq!(record.taken_out_of_order(), 1);
    }

    #[test]
    fn a_dish_eaten_twice_or_never_or_too_early_is_found() {
        let record = record(&[("a", "ate 0"), ("cook", "cooked 0"), ("b", "ate 0"), ("cook", "cooked 1")]);
        assert_eq!((record.cooked_once(), record.eaten_once(), record.eaten_before_cooked()), (2, 0, 1));
        assert_eq!(record.taken_out_of_order(), 0);
    }

    #[test]
    fn a_dish_that_was_served_again_is_counted_once_and_eaten_by_whom_it_was_eaten() {
        let record = record(&[
            ("cook", "cooked 0"),
            ("cook", "cooked 1"),
            ("b", "was served 0 again: a (pid 7) was killed before it was done"),
            ("a", "was served 0 again: b (pid 8) was killed before it was done"),
            ("a", "ate 0"),
            ("b", "ate 1"),
        ]);
        assert_eq!((record.cooked(), record.served_again(), record.eaten(), record.eaten_once()), (2, 1, 2, 2));
        assert_eq!((record.eaten_by("a"), record.eaten_by("b")), (1, 1));
    }

    #[test]
    fn a_dish_that_nobody_ate_is_lost_even_if_it_was_served_again() {
        let record =
            record(&[("cook", "cooked 0"), ("cook", "cooked 1"), ("a", "ate 1"), ("a", "was served 0 again: why")]);
        assert_eq!((record.cooked_once(), record.eaten(), record.served_again()), (2, 1, 1));
    }

    #[test]
    fn a_dish_that_was_eaten_twice_is_eaten() {
        let record = record(&[("cook", "cooked 0"), ("a", "ate 0"), ("b", "was served 0 again: why"), ("b", "ate 0")]);
        assert_eq!((record.eaten(), record.eaten_once(), record.most_not_eaten()), (1, 0, 1));
    }
}
