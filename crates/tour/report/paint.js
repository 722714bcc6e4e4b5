// Draws lanes on a canvas. What is narrower than a pixel is drawn as what takes most of that pixel,
// so a hundred thousand events take as long as there are pixels.

import { paintCrowd, paintName } from "report/crowd.js";
import { tour } from "report/data.js";
import { above } from "report/find.js";
import { AXIS } from "report/rows.js";
import { ticks } from "report/time.js";
import { ending } from "report/words.js";

// Free on both sides of the lanes, so that what happens at the very beginning is seen whole.
export const PAD = 8;

// The bar of a state that is as high as this, as a part of the highest, has an outline.
const OUTLINED = 0.5;

export function bar(context, look, state, x, width, middle, highest) {
  const { height: part, ink } = tour.states[state];
  const height = Math.max(highest < 8 ? 1 : 1.5, part * highest);
  const top = middle - height / 2;
  context.fillStyle = look.fills[state];
  context.fillRect(x, top, width, height);
  if (part >= OUTLINED && width > 3 && highest >= 8) {
    context.strokeStyle = look.colours[ink];
    context.lineWidth = 1;
    context.strokeRect(x + 0.5, top + 0.5, width - 1, height - 1);
  }
}

// Draws what `view` shows: { picture, width, height, gutter, from, until, top, rows, row, places, chosen, crowd, hovered }.
export function paint(context, look, view) {
  const { picture, width, height, gutter, row, top, places } = view;
  const { colours, font } = look;
  context.clearRect(0, 0, width, height);
  context.font = `12px ${font}`;
  context.textBaseline = "alphabetic";
  const shown = view.rows.filter((place) => place.top + place.height > top && place.top < top + height - AXIS);
  // Undefined of a lane that has no row of its own.
  const middleOf = (lane) => places.has(lane) ? AXIS + places.get(lane).top - top + middleIn(row) : undefined;

  const every = Math.ceil(12 / row); // as many names as there is room for
  axis(context, look, view);
  context.save();
  context.beginPath();
  context.rect(0, AXIS, width, height - AXIS);
  context.clip();
  for (const { lane, crowd, number, height: high, top: place } of shown) {
    const y = AXIS + place - top;
    const isChosen = lane === undefined ? crowd === view.crowd : lane === view.chosen;
    if (isChosen) {
      context.fillStyle = colours.band;
      context.fillRect(0, y, width, high);
    }
    if (high >= 20) {
      context.fillStyle = colours.rule;
      context.fillRect(0, y + high - 0.5, width, 0.5);
    }
    if (lane === undefined) paintName(context, look, view, picture.crowds[crowd], y, shortened);
    else if (number % every === 0 || isChosen) name(context, look, view, picture.lanes[lane].name, middleOf(lane));
  }
  context.beginPath();
  context.rect(gutter, AXIS, width - gutter, height - AXIS);
  context.clip();
  for (const { lane, crowd, height: high, top: place } of shown) {
    if (lane !== undefined) paintLane(context, look, view, picture.lanes[lane], middleOf(lane));
    else paintCrowd(context, look, view, picture.crowds[crowd], AXIS + place - top, high, PAD);
  }
  paintHandovers(context, look, view, middleOf);
  paintHovered(context, look, view, middleOf);
  context.restore();
}

export const middleIn = (row) => (row >= 28 ? 13 : row / 2);
export const highestIn = (row) => (row < 8 ? row : Math.min(18, row * 0.72));

function scale(view) {
  const wide = view.width - view.gutter - 2 * PAD;
  const each = wide / (view.until - view.from);
  return (time) => view.gutter + PAD + (time - view.from) * each;
}

function axis(context, look, view) {
  const { colours } = look;
  const x = scale(view);
  context.fillStyle = colours.faint;
  context.font = `11px ${look.font}`;
  const found = ticks(view.from, view.until, Math.floor((view.width - view.gutter) / 110));
  for (const [time, label] of found) {
    const at = x(time);
    context.fillStyle = colours.rule;
    context.fillRect(Math.round(at), AXIS - 6, 1, view.height - AXIS + 6);
    context.fillStyle = colours.faint;
    const wide = context.measureText(label).width;
    context.fillText(label, Math.min(at + 4, view.width - wide - 2), AXIS - 9);
  }
  context.fillStyle = colours.rule;
  context.fillRect(0, AXIS - 0.5, view.width, 1);
}

function name(context, look, view, text, middle) {
  context.font = `${view.row < 18 ? 10 : 12}px ${look.font}`;
  context.fillStyle = look.colours.ink;
  context.fillText(shortened(context, text, view.gutter - 10), 2, middle + 4);
}

function shortened(context, text, most) {
  if (context.measureText(text).width <= most) return text;
  let letters = [...text];
  while (letters.length > 0 && context.measureText(`${letters.join("")}…`).width > most) letters = letters.slice(0, -1);
  return letters.length > 0 ? `${letters.join("")}…` : "";
}

function paintLane(context, look, view, lane, middle) {
  const x = scale(view);
  const highest = highestIn(view.row);
  const { from, state, count } = lane.states;
  const left = view.gutter;
  const right = view.width;
  let run = null; // of narrow pieces: the pixels from..until that look alike
  const flush = () => {
    if (run) bar(context, look, run.state, run.from, run.until - run.from, middle, highest);
    run = null;
  };
  let pixel = -1;
  let inPixel = null;
  const settle = () => {
    if (inPixel === null) return;
    let most = 0;
    for (let index = 1; index < inPixel.length; index += 1) if (inPixel[index] > inPixel[most]) most = index;
    if (run && run.state === most && run.until === pixel) run.until = pixel + 1;
    else {
      flush();
      run = { state: most, from: pixel, until: pixel + 1 };
    }
    inPixel = null;
  };
  for (let index = Math.max(0, above(from, view.from, count) - 1); index < count; index += 1) {
    if (from[index] > view.until) break;
    const begins = x(from[index]);
    const ends = x(Math.min(from[index + 1], lane.ended));
    if (ends < left || ends <= begins) continue;
    if (ends - begins >= 1) {
      settle();
      flush();
      const shown = Math.max(begins, left - 2);
      bar(context, look, state[index], shown, Math.min(ends, right + 2) - shown, middle, highest);
    } else {
      const here = Math.floor(begins);
      if (here !== pixel) {
        settle();
        pixel = here;
      }
      if (inPixel === null) inPixel = new Float64Array(tour.states.length);
      inPixel[state[index]] += ends - begins;
    }
  }
  settle();
  flush();
  paintMarks(context, look, view, lane, middle, x);
  ends(context, look, view, lane, middle, x);
}

// Its birth and its end; a death is a cross with its cause.
function ends(context, look, view, lane, middle, x) {
  const { colours, font } = look;
  const size = Math.min(7, view.row / 3);
  context.fillStyle = colours.faint;
  if (view.row >= 8) context.fillRect(x(lane.born) - 1, middle - size, 1.5, 2 * size);
  if (!lane.exit) return;
  const at = x(lane.ended);
  if (!lane.death) {
    if (view.row >= 8) context.fillRect(at - 0.5, middle - size, 1.5, 2 * size);
    return;
  }
  context.strokeStyle = colours.bad;
  context.lineWidth = 2.5;
  context.beginPath();
  const arm = Math.min(5, view.row / 3);
  context.moveTo(at - arm, middle - arm);
  context.lineTo(at + arm, middle + arm);
  context.moveTo(at + arm, middle - arm);
  context.lineTo(at - arm, middle + arm);
  context.stroke();
  if (view.row >= 18) {
    context.font = `600 11px ${font}`;
    const wide = context.measureText(ending(lane.death)).width;
    const left = at + 10 + wide > view.width ? at - 10 - wide : at + 10;
    context.fillStyle = colours.ground;
    context.fillRect(left - 3, middle - 7, wide + 6, 14);
    context.fillStyle = colours.bad;
    context.fillText(ending(lane.death), left, middle + 4);
  }
}

function paintMarks(context, look, view, lane, middle, x) {
  const { colours, font } = look;
  const shown = lane.marks.filter((mark) => mark.t >= view.from && mark.t <= view.until);
  const hasRoom = view.row >= 28;
  let last = -Infinity;
  context.font = `11px ${font}`;
  shown.forEach((mark, index) => {
    const at = x(mark.t);
    const { says, grave } = mark.kind;
    if ((at - last < 2 || view.row < 8) && !grave) return;
    last = at;
    if (grave) diamond(context, colours.note, at, middle, Math.max(3, Math.min(6, view.row / 3)));
    else if (says) dot(context, colours, at, middle, Math.min(3, view.row / 5));
    else dot(context, colours, at, middle, 1.5);
    if (!hasRoom || !(says || grave)) return;
    // The words stand below the bar, as far as there is room for them.
    const next = shown.slice(index + 1).find(({ kind }) => kind.says || kind.grave);
    const room = (next ? x(next.t) : view.width) - at - 8;
    const words = view.wordsOf(mark, lane);
    if (room < 34) return;
    context.fillStyle = grave ? colours.note : colours.faint;
    context.fillText(shortened(context, words, room), at - 1, middle + view.row - 17);
  });
}

function dot(context, colours, x, y, radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 7);
  context.fillStyle = colours.ground;
  context.fill();
  context.strokeStyle = colours.ink;
  context.lineWidth = 1.2;
  context.stroke();
}

function diamond(context, colour, x, y, size) {
  context.fillStyle = colour;
  context.beginPath();
  context.moveTo(x, y - size);
  context.lineTo(x + size, y);
  context.lineTo(x, y + size);
  context.lineTo(x - size, y);
  context.fill();
}

function paintHandovers(context, look, view, middleOf) {
  const x = scale(view);
  // A still picture shows the way of the locks alone.
  const handovers = view.picture.handovers.filter(({ isLock }) => isLock || !view.still);
  const before = new Map();
  context.lineWidth = 1.2;
  for (const handover of handovers) {
    if (handover.got < view.from) continue;
    if (handover.left > view.until) break;
    const { from, to } = handover;
    const [fromY, toY] = [middleOf(from), middleOf(to)];
    if (fromY === undefined || toY === undefined || Math.max(fromY, toY) < AXIS || Math.min(fromY, toY) > view.height) continue;
    const isChosen = view.chosen === from || view.chosen === to;
    const got = x(handover.got);
    const lanes = `${from} ${to}`;
    if (got - (before.get(lanes) ?? -Infinity) < 3 && !isChosen) continue;
    before.set(lanes, got);
    if (view.row < 20 && !isChosen) continue; // that many would hide the lanes
    context.globalAlpha = isChosen ? 1 : handover.isLock && view.chosen < 0 ? 0.75 : 0.25;
    arrow(context, look.colours.ink, x(handover.left), fromY, got, toY);
  }
  context.globalAlpha = 1;
}

function arrow(context, colour, fromX, fromY, toX, toY) {
  const long = Math.hypot(toX - fromX, toY - fromY);
  if (long < 2) return;
  const [dx, dy] = [(toX - fromX) / long, (toY - fromY) / long];
  const size = Math.min(6, long / 2);
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.beginPath();
  context.moveTo(fromX, fromY);
  context.lineTo(toX - dx * size, toY - dy * size);
  context.stroke();
  context.beginPath();
  context.moveTo(toX, toY);
  context.lineTo(toX - dx * size - dy * size * 0.5, toY - dy * size + dx * size * 0.5);
  context.lineTo(toX - dx * size + dy * size * 0.5, toY - dy * size - dx * size * 0.5);
  context.fill();
}

// What the pointer or the keys are at.
function paintHovered(context, look, view, middleOf) {
  const { hovered, picture } = view;
  if (!hovered) return;
  const x = scale(view);
  if (hovered.kind === "crowd") {
    const { top, height } = view.rows.find(({ crowd }) => crowd === hovered.crowd);
    context.fillStyle = look.colours.accent;
    context.fillRect(x(hovered.t) - 0.5, AXIS + top - view.top, 1, height);
    return;
  }
  const lane = picture.lanes[hovered.lane];
  const middle = middleOf(hovered.lane);
  const high = highestIn(view.row) + 4;
  if (middle === undefined) return;
  context.strokeStyle = look.colours.accent;
  context.lineWidth = 2;
  if (hovered.kind === "mark") {
    context.beginPath();
    context.arc(x(lane.marks[hovered.index].t), middle, 7, 0, 7);
    context.stroke();
  } else if (hovered.kind === "span") {
    const from = x(lane.spans.from[hovered.index]);
    const until = x(lane.spans.until[hovered.index]);
    context.strokeRect(from - 1, middle - high / 2, Math.max(3, until - from + 2), high);
  }
}
