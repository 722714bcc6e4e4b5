// The page's own words in the reader's language. Each language is a table below `words/`, with the
// same keys; the value of a key is a text, or texts by number.

import { tour } from "report/data.js";
import { chosen } from "report/state.js";

// The text of a key, with `values` in the places of their names: say("notes", { numbers: "5" }).
export function say(key, values = {}) {
  const found = tour.languages[chosen.lang][key];
  const text = typeof found === "object" ? byNumber(found, values.count) : found;
  if (text === undefined) throw new Error(`no words for ${key}`);
  return text.replace(/\{(\w+)\}/g, (place, name) => {
    if (!(name in values)) throw new Error(`${key} has no value for ${place}`);
    return String(values[name]);
  });
}

// How a process or thread ended, as the journal has it: "code 0", "signal SIGKILL", "returned"; a death is a signal's
// name alone.
export function ending(exit) {
  const [how, what] = exit.split(" ");
  if (how === "code" || how === "signal") return say(`end.${how}`, { what });
  return how === "returned" || how === "unknown" ? say(`end.${how}`) : exit;
}

// How a span ended, if not as usual.
export const spanEnd = (how) => (how ? say(`how.${how}`) : "");

// { "=1": "one", "few": "some", "other": "many" }: the number itself, then its plural in the language.
function byNumber(texts, number) {
  const plural = new Intl.PluralRules(say("language.tag")).select(number);
  return texts[`=${number}`] ?? texts[plural] ?? texts.other;
}
