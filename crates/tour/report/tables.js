// What was claimed and observed, what was measured, and where the time went.

import { timesOf, tour } from "report/data.js";
import { el } from "report/dom.js";
import { pick } from "report/state.js";
import { length, number } from "report/time.js";
import { ending, say } from "report/words.js";

export function value(found) {
  if (found !== null && typeof found === "object") return pick(found);
  if (found === null || found === undefined) return say("value.nothing");
  if (found === true) return say("value.yes");
  if (found === false) return say("value.no");
  return typeof found === "number" ? number(found) : String(found);
}

export function verdict(held, words = held ? say("held") : say("notHeld")) {
  return el("span", { class: held ? "verdict good" : "verdict bad" }, el("span", { "aria-hidden": "true" }, held ? "✓ " : "✗ "), words);
}

// A table that becomes a list of cards where there is no room for columns.
export function table(heads, rows, label) {
  const head = el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head))));
  const cell = (cell, index) => el(index === 0 ? "th" : "td", { scope: index === 0 ? "row" : null, "data-head": heads[index] }, cell);
  const body = el("tbody", {}, rows.map((row) => el("tr", {}, row.map(cell))));
  return el("table", { "aria-label": label }, head, body);
}

export function checks(claims) {
  if (claims.length === 0) return null;
  const rows = claims.map((claim) => [
    pick(claim.text),
    value(claim.expected),
    "held" in claim ? value(claim.observed) : "–",
    claim.doubt ? el("span", { class: "doubt" }, say("noVerdict", { doubt: pick(claim.doubt) })) : verdict(claim.held === true, "held" in claim ? undefined : say("notChecked")),
  ]);
  const heads = [say("claim"), say("expected"), say("observed"), ""];
  return el("div", { class: "checks" }, el("h3", {}, say("checks")), table(heads, rows, say("checks")));
}

// Figures of one unit as bars on one scale; a figure that is alone in its unit as a number.
export function figures(found) {
  if (found.length === 0) return null;
  const units = new Map();
  for (const figure of found) units.set(pick(figure.unit), [...(units.get(pick(figure.unit)) ?? []), figure]);
  const groups = [...units.values()].map((group) => {
    const most = Math.max(...group.map(({ value }) => (typeof value === "number" ? value : 0)), 0);
    const rows = group.map((figure) => {
      const part = typeof figure.value === "number" && most > 0 ? Math.max(0, figure.value) / most : 0;
      const bar = group.length > 1 ? el("span", { class: "bar", style: `--part: ${(100 * part).toFixed(2)}%`, "aria-hidden": "true" }) : null;
      return el("div", { class: "figure" }, el("dt", {}, pick(figure.name)), el("dd", {}, bar, el("span", { class: "number" }, `${number(figure.value)} ${pick(figure.unit_of_value)}`)));
    });
    return el("dl", { class: group.length > 1 ? "figures bars" : "figures" }, rows);
  });
  return el("div", { class: "measured" }, el("h3", {}, say("figures")), groups);
}

const texture = (state) => `texture-${tour.states[state].texture}`;
const tint = (state) => `--tint: var(--${tour.states[state].ink})`;

// All lanes' time by state: one bar, and the legend of the timeline with it.
export function timeUse(picture) {
  const sums = tour.states.map(() => 0);
  for (const lane of picture.lanes) timesOf(lane).forEach((time, state) => (sums[state] += time));
  const all = sums.reduce((sum, time) => sum + time, 0) || 1;
  // Last what says least: the first state is that of an actor of which the journal says nothing.
  const parts = sums.map((time, state) => ({ time, state })).filter(({ time }) => time > 0);
  parts.push(...parts.splice(0, parts[0]?.state === 0 ? 1 : 0));
  const share = ({ time, state }) => el("span", { class: `share ${texture(state)}`, style: `${tint(state)}; flex-grow: ${(time / all).toFixed(5)}` });
  const item = ({ time, state }) =>
    el("li", {}, el("span", { class: `swatch ${texture(state)}`, style: tint(state), "aria-hidden": "true" }), `${pick(tour.states[state].words)} `, el("span", { class: "number" }, `${length(time)} · ${Math.round((100 * time) / all)} %`));
  return el("div", { class: "use" },
    el("h3", {}, say("use")),
    el("div", { class: "shares", "aria-hidden": "true" }, parts.map(share)),
    el("ul", { class: "legend" }, parts.map(item)));
}

// The timeline for a reader who does not see it, or wants the numbers.
export function lanesTable(picture) {
  const used = tour.states.map((_, state) => state).filter((state) => picture.lanes.some((lane) => timesOf(lane)[state] > 0));
  const heads = [say("lanes.who"), say("lanes.what"), say("lanes.from"), say("lanes.until"), say("lanes.end"), ...used.map((state) => pick(tour.states[state].words))];
  const rows = () =>
    picture.lanes.map((lane) => {
      const times = timesOf(lane);
      const kind = lane.pid === lane.tid ? `${lane.pid}` : `${lane.pid} / ${lane.tid}`;
      return [lane.name, kind, length(lane.born), length(lane.ended), lane.exit ? ending(lane.exit) : say("lanes.livesOn"), ...used.map((state) => (times[state] > 0 ? length(times[state]) : "–"))];
    });
  const found = el("details", { class: "as-table" }, el("summary", {}, say("lanes")));
  // Hundreds of rows are made when the reader asks for them.
  found.addEventListener("toggle", () => {
    if (found.open && found.children.length === 1) found.append(el("div", { class: "wide", tabindex: "0" }, table(heads, rows(), say("lanes"))));
  });
  return found;
}
