// Times and lengths in nanoseconds, as people read them: by the rules of the pictures in a terminal.

import { say } from "report/words.js";

const SECOND = 1e9;

function unitOf(nanos) {
  if (nanos >= SECOND) return [SECOND, "unit.s"];
  if (nanos >= 1e6) return [1e6, "unit.ms"];
  return [1e3, "unit.us"];
}

function label(nanos, [unit, name], digits) {
  return nanos === 0 ? "0" : `${(nanos / unit).toFixed(digits)} ${say(name)}`;
}

// A length with three digits that matter.
export function length(nanos) {
  const unit = unitOf(nanos);
  const size = nanos / unit[0];
  return label(nanos, unit, size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

// Of fewer none may be left but 0, which is no scale.
const FEWEST = 4;

// Round times from `from` to `until`, some `most` of them, with their labels.
export function ticks(from, until, most) {
  const least = Math.max(1, (until - from) / Math.max(FEWEST, most));
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least);
  const unit = unitOf(until);
  let digits = 0;
  while (digits < 9 && Math.abs(Math.round((step / unit[0]) * 10 ** digits) - (step / unit[0]) * 10 ** digits) > 1e-6) digits += 1;
  const found = [];
  for (let number = Math.ceil(from / step); number * step <= until; number += 1) {
    found.push([number * step, label(number * step, unit, digits)]);
  }
  return found;
}

// A number with three digits that matter.
export function number(value) {
  if (typeof value !== "number") return String(value);
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
}
