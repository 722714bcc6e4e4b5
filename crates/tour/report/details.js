// What the pointer or the keys are at, in words: who, what, how long, and who had to do with whom.

import { HOLDING, tour } from "report/data.js";
import { el } from "report/dom.js";
import { handoversOf, isWait, others } from "report/find.js";
import { chosen, pick } from "report/state.js";
import { length } from "report/time.js";
import { SAID } from "report/paint.js";
import { markWords, saidIn, say } from "report/words.js";

// More names than this are no help.
const MOST_NAMES = 6;

export const textOf = (mark) => saidIn(tour, chosen.lang, mark.text, mark.other);

// The line of code that made an item, or "".
export function codeOf(picture, item) {
  const lane = picture.lanes[item.lane];
  if (item.kind === "span") return picture.words[lane.spans.at[item.index]];
  if (item.kind === "mark") return picture.words[lane.marks[item.index].at];
  return "";
}

// One line: who does what, and for how long.
export function headline(picture, item) {
  const lane = picture.lanes[item.lane];
  if (item.kind === "mark") {
    const mark = lane.marks[item.index];
    const text = textOf(mark);
    const told = mark.what === SAID ? `${markWords(mark.what)} “${text}”` : `${markWords(mark.what)} ${text}`;
    return `${lane.name} ${told}`;
  }
  if (item.kind === "span") {
    const { spans } = lane;
    const doing = pick(picture.words[spans.doing[item.index]].split("|"));
    const on = picture.words[spans.on[item.index]];
    return `${lane.name} ${doing}${on ? ` ${on}` : ""} · ${length(spans.until[item.index] - spans.from[item.index])}`;
  }
  return `${lane.name} ${say.runs()}`;
}

export function details(picture, item, isPinned) {
  const pin = isPinned ? el("span", { class: "pin" }, say.pinned()) : null;
  const head = el("p", { class: "headline" }, el("strong", {}, headline(picture, item)), pin);
  const lines = (item.kind === "span" ? aboutSpan : item.kind === "mark" ? aboutMark : aboutLane)(picture, item);
  const code = codeOf(picture, item);
  return [head, el("p", {}, lines.filter(Boolean).join(" ")), code ? el("p", { class: "at" }, say.line(code)) : null];
}

function aboutLane(picture, { lane }) {
  const { born, ended } = picture.lanes[lane];
  return [`${say.lives(picture.lanes[lane])}.`, `${say.fromTo(born, ended)}.`];
}

function aboutMark(picture, { lane, index }) {
  const mark = picture.lanes[lane].marks[index];
  const given = picture.handovers.find((given) => given.to === lane && Math.abs(given.got - mark.t) < 1000);
  return [`${say.at(mark.t)}.`, given && say.cameFrom(picture.lanes[given.from].name)];
}

function aboutSpan(picture, { lane, index }) {
  const { spans } = picture.lanes[lane];
  const on = spans.on[index] !== 0;
  const ends = [spans.cut[index] ? say.cut() : "", picture.words[spans.how[index]]].filter(Boolean).join(", ");
  const told = [`${say.fromTo(spans.from[index], spans.until[index])}${ends ? `, ${ends}` : ""}.`];
  if (!on) return told;
  const holds = (spans, at) => HOLDING.includes(spans.state[at]);
  const { came, went } = handoversOf(picture, lane, index);
  if (isWait(spans, index)) {
    const holders = others(picture, lane, index, holds);
    if (holders.length > 0) told.push(say.heldMeanwhile(named(holders)));
  } else if (holds(spans, index)) {
    const waiting = others(picture, lane, index, isWait);
    told.push(waiting.length > 0 ? say.waitedMeanwhile(waiting.length, named(waiting)) : say.nobodyWaited());
  }
  if (came) told.push(say.cameFrom(picture.lanes[came.from].name));
  if (went) told.push(say.wentTo(picture.lanes[went.to].name));
  return told;
}

function named(found) {
  const shown = found.slice(0, MOST_NAMES).map(([name, time]) => `${name} ${length(time)}`);
  const more = found.length - shown.length;
  return shown.join(pick([", ", "、"])) + (more > 0 ? say.and(more) : "");
}
