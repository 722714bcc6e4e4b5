// What was claimed and observed, what was measured, and where the time went.

import { STATES, timesOf, tour } from "report/data.js";
import { el } from "report/dom.js";
import { chosen, pick } from "report/state.js";
import { length, number } from "report/time.js";
import { STATE_WORDS, saidIn, say } from "report/words.js";

export function value(found) {
  if (found === null || found === undefined) return say.nothing();
  if (found === true) return say.yes();
  if (found === false) return say.no();
  return typeof found === "number" ? number(found) : String(found);
}

export function verdict(held, words = held ? say.held() : say.notHeld()) {
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
    saidIn(tour, chosen.lang, claim.text, claim.other),
    value(claim.expected),
    "held" in claim ? value(claim.observed) : "–",
    verdict(claim.held === true, "held" in claim ? undefined : say.notLooked()),
  ]);
  const heads = [say.claim(), say.expected(), say.observed(), ""];
  return el("div", { class: "checks" }, el("h3", {}, say.checks()), table(heads, rows, say.checks()));
}

// Numbers of one unit as bars on one scale; what is alone in its unit is a number.
export function figures(found) {
  if (found.length === 0) return null;
  const units = new Map();
  for (const figure of found) units.set(figure.unit, [...(units.get(figure.unit) ?? []), figure]);
  const groups = [...units].map(([unit, group]) => {
    const most = Math.max(...group.map(({ value }) => (typeof value === "number" ? value : 0)), 0);
    const rows = group.map((figure) => {
      const part = typeof figure.value === "number" && most > 0 ? Math.max(0, figure.value) / most : 0;
      const bar = group.length > 1 ? el("span", { class: "bar", style: `--part: ${(100 * part).toFixed(2)}%`, "aria-hidden": "true" }) : null;
      return el("div", { class: "figure" }, el("dt", {}, figure.name), el("dd", {}, bar, el("span", { class: "number" }, `${number(figure.value)} ${unit}`)));
    });
    return el("dl", { class: group.length > 1 ? "figures bars" : "figures" }, rows);
  });
  return el("div", { class: "measured" }, el("h3", {}, say.figures()), groups);
}

// All lanes' time by state: one bar, and the legend of the timeline with it.
export function timeUse(picture) {
  const sums = STATES.map(() => 0);
  for (const lane of picture.lanes) timesOf(lane).forEach((time, state) => (sums[state] += time));
  const all = sums.reduce((sum, time) => sum + time, 0) || 1;
  // Last what says least: nobody writes down that it runs.
  const parts = sums.map((time, state) => ({ time, state })).filter(({ time }) => time > 0);
  parts.push(...parts.splice(0, parts[0]?.state === 0 ? 1 : 0));
  const share = ({ time, state }) => el("span", { class: `share ${STATES[state]}`, style: `flex-grow: ${(time / all).toFixed(5)}` });
  const item = ({ time, state }) =>
    el("li", {}, el("span", { class: `swatch ${STATES[state]}`, "aria-hidden": "true" }), `${pick(STATE_WORDS[state])} `, el("span", { class: "number" }, `${length(time)} · ${Math.round((100 * time) / all)} %`));
  return el("div", { class: "use" },
    el("h3", {}, say.whereTimeGoes()),
    el("div", { class: "shares", "aria-hidden": "true" }, parts.map(share)),
    el("ul", { class: "legend" }, parts.map(item)));
}

// The timeline for who does not see it, and for who wants the numbers.
export function lanesTable(picture) {
  const used = STATES.map((_, state) => state).filter((state) => picture.lanes.some((lane) => timesOf(lane)[state] > 0));
  const heads = [say.who(), say.what(), say.from(), say.until(), say.end(), ...used.map((state) => pick(STATE_WORDS[state]))];
  const rows = () =>
    picture.lanes.map((lane) => {
      const times = timesOf(lane);
      const kind = lane.pid === lane.tid ? `${lane.pid}` : `${lane.pid} / ${lane.tid}`;
      return [lane.name, kind, length(lane.born), length(lane.ended), lane.exit ?? say.livesOn(), ...used.map((state) => (times[state] > 0 ? length(times[state]) : "–"))];
    });
  const found = el("details", { class: "as-table" }, el("summary", {}, say.table()));
  // Hundreds of rows are made when somebody asks for them.
  found.addEventListener("toggle", () => {
    if (found.open && found.children.length === 1) found.append(el("div", { class: "wide", tabindex: "0" }, table(heads, rows(), say.table())));
  });
  return found;
}
