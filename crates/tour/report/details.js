// What the pointer or the keys are at, in words: who, what, how long, and who had to do with whom.

import { crowdInWords } from "report/crowd.js";
import { tour } from "report/data.js";
import { el } from "report/dom.js";
import { handoversOf, isWait, others } from "report/find.js";
import { pick } from "report/state.js";
import { length } from "report/time.js";
import { ending, say, spanEnd } from "report/words.js";

// More names than this are no help.
const MOST_NAMES = 6;

// The line of code that made an item, or "".
export function codeOf(picture, item) {
  const lane = picture.lanes[item.lane];
  if (item.kind === "span") return picture.texts[lane.spans.at[item.index]];
  if (item.kind === "mark") return picture.texts[lane.marks[item.index].at];
  return "";
}

// One line: who does what, and for how long.
export function headline(picture, item) {
  if (item.kind === "crowd") return crowdInWords(picture, picture.crowds[item.crowd], item.t);
  const lane = picture.lanes[item.lane];
  if (item.kind === "mark") {
    const mark = lane.marks[item.index];
    const text = pick(mark.text);
    const { says, words } = mark.kind;
    return says ? say("item.says", { who: lane.name, text }) : say("item.marked", { who: lane.name, mark: pick(words), text });
  }
  if (item.kind === "span") {
    const { spans } = lane;
    const doing = pick(tour.doings[spans.doing[item.index]]);
    const on = picture.texts[spans.on[item.index]];
    return `${lane.name} ${doing}${on ? ` ${on}` : ""} · ${length(spans.until[item.index] - spans.from[item.index])}`;
  }
  return say("item.runs", { who: lane.name });
}

export function details(picture, item, isPinned) {
  const pin = isPinned ? el("span", { class: "pin" }, say("timeline.pinned")) : null;
  const head = el("p", { class: "headline" }, el("strong", {}, headline(picture, item)), pin);
  const about = { span: aboutSpan, mark: aboutMark, life: aboutLane, crowd: () => [say("crowd.how")] };
  const lines = about[item.kind](picture, item);
  const code = codeOf(picture, item);
  return [head, el("p", {}, lines.filter(Boolean).join(" ")), code ? el("p", { class: "at" }, say("item.code", { place: code })) : null];
}

function aboutLane(picture, { lane }) {
  const { pid, tid, exit, born, ended } = picture.lanes[lane];
  const kind = pid === tid ? say("item.process", { pid }) : say("item.thread", { pid, tid });
  const end = exit ? say("item.ended", { exit: ending(exit) }) : "";
  return [sentence(`${kind}${end}`), sentence(fromTo(born, ended))];
}

function aboutMark(picture, { lane, index }) {
  const mark = picture.lanes[lane].marks[index];
  const given = picture.handovers.find((given) => given.to === lane && Math.abs(given.got - mark.t) < 1000);
  return [sentence(say("item.at", { time: length(mark.t) })), given && say("item.cameFrom", { who: picture.lanes[given.from].name })];
}

function aboutSpan(picture, { lane, index }) {
  const { spans } = picture.lanes[lane];
  const on = spans.on[index] !== 0;
  const ends = [spans.cut[index] ? say("item.cut") : "", spanEnd(picture.texts[spans.how[index]])].filter(Boolean);
  const told = [sentence([fromTo(spans.from[index], spans.until[index]), ...ends].join(say("clause.separator")))];
  if (!on) return told;
  const holds = (spans, at) => tour.states[spans.state[at]].holds;
  const { came, went } = handoversOf(picture, lane, index);
  if (isWait(spans, index)) {
    const holders = others(picture, lane, index, holds);
    if (holders.length > 0) told.push(say("item.holders", { who: named(holders) }));
  } else if (holds(spans, index)) {
    const waiting = others(picture, lane, index, isWait);
    told.push(waiting.length > 0 ? say("item.waiters", { count: waiting.length, who: named(waiting) }) : say("item.noWaiters"));
  }
  if (came) told.push(say("item.cameFrom", { who: picture.lanes[came.from].name }));
  if (went) told.push(say("item.wentTo", { who: picture.lanes[went.to].name }));
  return told;
}

const fromTo = (from, until) => say("item.fromTo", { from: length(from), until: length(until) });
const sentence = (text) => `${text}${say("sentence.end")}`;

function named(found) {
  const shown = found.slice(0, MOST_NAMES).map(([name, time]) => `${name} ${length(time)}`);
  const more = found.length - shown.length;
  return shown.join(say("list.separator")) + (more > 0 ? say("list.more", { count: more }) : "");
}
