// A crowd: a band as high as its lanes are many at each moment, in the colours of what they do.

import { tour } from "report/data.js";
import { above } from "report/find.js";
import { pick } from "report/state.js";
import { length } from "report/time.js";
import { say } from "report/words.js";

// What is lower is drawn as high as this: a reader looks for a held lock and for work, however few do it.
const LEAST = 1.5;
const LOOKED_FOR = 0.7;
// Above and below the band.
const MARGIN = 10;

// What lies on what, the lowest first: the more others depend on it, the lower.
const STACK = tour.states.map((_, state) => state).sort((a, b) => tour.states[b].height - tour.states[a].height);

export const nameOf = ({ name, lanes }) => say("crowd.name", { name, count: lanes.length });

// How many lanes are in each state on average, in each of `columns` equal pieces of the time that is shown: a list for
// each state.
function levels(picture, { lanes }, from, until, columns) {
  const found = tour.states.map(() => new Float64Array(columns + 1));
  // Where a state fills whole columns, the first one has a step up and the one behind the last a step down.
  const steps = tour.states.map(() => new Float64Array(columns + 1));
  const place = (time) => (Math.min(Math.max(time, from), until) - from) * (columns / (until - from));
  for (const index of lanes) {
    const { states, ended } = picture.lanes[index];
    for (let at = Math.max(0, above(states.from, from, states.count) - 1); at < states.count && states.from[at] < until; at += 1) {
      const begins = place(states.from[at]);
      const ends = place(Math.min(states.from[at + 1], ended));
      if (ends <= begins) continue;
      const [part, step] = [found[states.state[at]], steps[states.state[at]]];
      const [first, last] = [Math.floor(begins), Math.floor(ends)];
      if (first === last) {
        part[first] += ends - begins;
      } else {
        part[first] += first + 1 - begins;
        part[last] += ends - last;
        step[first + 1] += 1;
        step[last] -= 1;
      }
    }
  }
  found.forEach((part, state) => {
    let whole = 0;
    for (let column = 0; column < columns; column += 1) {
      whole += steps[state][column];
      part[column] += whole;
    }
  });
  return found;
}

export function paintCrowd(context, look, view, crowd, top, height, pad) {
  const { picture, from, until } = view;
  const { colours, fills, font } = look;
  const [left, right, bottom] = [view.gutter + pad, view.width - pad, top + height - MARGIN];
  const room = height - 2 * MARGIN;
  context.fillStyle = colours.rule;
  context.fillRect(left, bottom - room, right - left, 0.5);
  context.fillRect(left, bottom, right - left, 0.5);
  const columns = Math.max(1, Math.floor(right - left));
  const [found, each, wide] = [levels(picture, crowd, from, until, columns), room / crowd.peak, (right - left) / columns];
  const floors = new Float64Array(columns);
  for (const state of STACK) {
    const isLookedFor = tour.states[state].height > LOOKED_FOR;
    const heightAt = (column) => {
      const level = found[state][column];
      return level < 1e-6 ? 0 : isLookedFor ? Math.max(LEAST, level * each) : level * each;
    };
    context.fillStyle = fills[state];
    for (let column = 0; column < columns; column += 1) {
      const high = heightAt(column);
      // Equal neighbours are one piece: a pattern has no seams then.
      let next = column + 1;
      while (next < columns && floors[next] === floors[column] && heightAt(next) === high) next += 1;
      if (high > 0) context.fillRect(left + column * wide, bottom - floors[column] - high, (next - column) * wide, high);
      for (let filled = column; filled < next; filled += 1) floors[filled] += high;
      column = next - 1;
    }
  }
  context.font = `11px ${font}`;
  graveOf(picture, crowd).forEach(({ t, isDeath }) => {
    if (t < from || t > until) return;
    const x = left + ((t - from) / (until - from)) * (right - left);
    context.fillStyle = isDeath ? colours.bad : colours.note;
    context.fillRect(x - 1, bottom - room - 7, 2, 7);
  });
}

// The deaths, and the marks that a reader must not miss.
function graveOf(picture, crowd) {
  crowd.grave ??= crowd.lanes.flatMap((index) => {
    const { marks, death, ended } = picture.lanes[index];
    const found = marks.filter(({ kind }) => kind.grave).map(({ t }) => ({ t, isDeath: false }));
    return death ? [...found, { t: ended, isDeath: true }] : found;
  });
  return crowd.grave;
}

export function paintName(context, look, view, crowd, top, shortened) {
  const most = view.gutter - 10;
  context.fillStyle = look.colours.ink;
  context.font = `12px ${look.font}`;
  context.fillText(shortened(context, nameOf(crowd), most), 2, top + 24);
  context.fillStyle = look.colours.faint;
  context.font = `11px ${look.font}`;
  const told = say("crowd.most", { count: crowd.peak });
  context.fillText(context.measureText(told).width <= most ? told : `≤ ${crowd.peak}`, 2, top + 40);
}

// How many are in which state at a time, in words.
export function crowdInWords(picture, crowd, time) {
  const counts = tour.states.map(() => 0);
  for (const index of crowd.lanes) {
    const { states, born, ended } = picture.lanes[index];
    if (time < born || time >= ended) continue;
    counts[states.state[Math.max(0, above(states.from, time, states.count) - 1)]] += 1;
  }
  const found = STACK.filter((state) => counts[state] > 0).map((state) => `${counts[state]} ${pick(tour.states[state].words)}`);
  return say("crowd.at", { who: nameOf(crowd), time: length(time), what: found.length > 0 ? found.join(say("list.separator")) : say("crowd.none") });
}
