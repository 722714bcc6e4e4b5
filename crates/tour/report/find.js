// What lies where in a picture, and who had to do with whom.

import { tour } from "report/data.js";

// The innermost span of a lane at a time, or -1.
export function spanAt(lane, time) {
  const { spans } = lane;
  for (let index = above(spans.from, time) - 1; index >= 0; index -= 1) {
    if (spans.until[index] >= time) return index;
    if (spans.depth[index] === 0) break;
  }
  return -1;
}

// The mark nearest to a time, no further away than `most`, or -1.
export function markAt(lane, time, most) {
  let best = -1;
  lane.marks.forEach((mark, index) => {
    const away = Math.abs(mark.t - time);
    if (away <= most && (best < 0 || away <= Math.abs(lane.marks[best].t - time))) best = index;
  });
  return best;
}

// All that a lane did, one after the other, for a walk by keys.
export function itemsOf(picture, lane) {
  const { spans, marks } = picture.lanes[lane];
  const items = Array.from(spans.from, (t, index) => ({ lane, kind: "span", index, t }));
  items.push(...marks.map((mark, index) => ({ lane, kind: "mark", index, t: mark.t })));
  return items.sort((a, b) => a.t - b.t);
}

// The other lanes with a span of the `wanted` kind on the same thing during a span, and for how long; the
// longest is the first. So a wait finds the holders, and a holder the waiters.
export function others(picture, lane, index, wanted) {
  const { spans } = picture.lanes[lane];
  const [on, from, until] = [spans.on[index], spans.from[index], spans.until[index]];
  const found = [];
  picture.lanes.forEach((other, place) => {
    if (place === lane) return;
    let together = 0;
    for (let at = 0; at < other.spans.count && other.spans.from[at] < until; at += 1) {
      if (other.spans.on[at] !== on || !wanted(other.spans, at)) continue;
      together += Math.max(0, Math.min(until, other.spans.until[at]) - Math.max(from, other.spans.from[at]));
    }
    if (together > 0) found.push([other.name, together]);
  });
  return found.sort((a, b) => b[1] - a[1]);
}

export const isWait = (spans, index) => tour.states[spans.state[index]].waits;

// What came to a lane, and what went from it, at the ends of a span.
export function handoversOf(picture, lane, index) {
  const { spans } = picture.lanes[lane];
  const on = picture.texts[spans.on[index]];
  const [from, until] = [spans.from[index], spans.until[index]];
  const slack = 2e6; // a lock is taken a moment after the wait for it has ended
  const waits = isWait(spans, index);
  const came = picture.handovers.find(
    (given) => given.to === lane && given.on === on && given.got >= from - slack && given.got <= (waits ? until : from) + slack,
  );
  const went = picture.handovers.find(
    (given) => !waits && given.from === lane && given.on === on && Math.abs(given.left - until) <= slack,
  );
  return { came, went };
}

// The first place in a sorted list whose value is above `limit`.
export function above(list, limit, count = list.length) {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle] <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
