// One scene's timeline: a window on the lanes that can be moved, narrowed, pointed at and walked
// through, by pointer, finger or keys.

import { details, codeOf, headline } from "report/details.js";
import { el, onceAFrame } from "report/dom.js";
import { itemsOf, markAt, spanAt } from "report/find.js";
import { nameOf } from "report/crowd.js";
import { PAD, paint } from "report/paint.js";
import { palette } from "report/palette.js";
import { AXIS, HIGHEST, MANY, layout, rowAt } from "report/rows.js";
import { pick } from "report/state.js";
import { length } from "report/time.js";
import { say } from "report/words.js";

const NARROWEST = 500; // nanoseconds: less than any clock here can tell apart

// What an actor says, without its own name before it.
const ownWords = (mark, lane) => {
  const text = pick(mark.text);
  const name = lane.name.replace(/ #\d+$/, ""); // of a namesake that came later
  return text.startsWith(name) && text !== name ? text.slice(name.length).replace(/^[\s::,,]+/, "") : text;
};

// What each timeline showed when the page was drawn last: a change of the language keeps it.
const shown = new Map();

// `see` gets the line of code that made what the reader looks at. A `still` timeline is only a picture.
export function timeline(key, title, picture, { see = () => {}, still = false } = {}) {
  const whole = { from: 0, until: picture.length };
  const state = shown.get(key) ?? { ...whole, chosen: -1, item: null, isPinned: false, isTall: false, opened: new Set() };
  if (!still) shown.set(key, state);

  const canvas = el("canvas", { "aria-hidden": "true" });
  const spacer = el("div", { class: "lanes" }, canvas);
  const view = el("div", {
    class: "view",
    tabindex: still ? null : "0",
    role: still ? "img" : "application",
    "aria-label": title,
    "aria-roledescription": still ? null : say("timeline.role"),
  }, spacer);
  const tip = el("div", { class: "tip", hidden: true, "aria-hidden": "true" });
  const frame = el("div", { class: "window" }, view, tip);
  const told = el("div", { class: "told", role: "status" });
  const range = el("output", { class: "range" });
  const context = canvas.getContext("2d");
  let isPrinted = false;

  const wideOf = () => Math.max(240, view.clientWidth);
  // What stands below what, until the reader opens or folds something.
  let places = null;
  const rows = () => (places ??= layout(picture, state.opened, state.isTall));
  const gutterOf = (width) => {
    context.font = "12px system-ui";
    const names = rows().rows.map(({ lane, crowd }) => (lane === undefined ? nameOf(picture.crowds[crowd]) : picture.lanes[lane].name));
    names.push(...picture.crowds.map(({ peak }) => say("crowd.most", { count: peak })));
    rows().widest ??= names.reduce((most, name) => Math.max(most, context.measureText(name).width), 0);
    return Math.round(Math.min(rows().widest + 16, width * 0.28));
  };
  let gutter = 0;

  const draw = () => {
    const width = wideOf();
    const all = AXIS + rows().height + 2;
    const height = Math.min(all, HIGHEST);
    view.style.height = `${height}px`;
    spacer.style.height = `${isPrinted ? height : all}px`;
    const ratio = Math.min(3, Math.max(isPrinted ? 2 : 1, window.devicePixelRatio || 1));
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    gutter = gutterOf(width);
    const { from, until } = isPrinted ? whole : state;
    const top = isPrinted ? 0 : view.scrollTop;
    paint(context, palette(view, ratio), {
      ...rows(), picture, width, height, gutter, top, from, until, wordsOf: ownWords, still,
      chosen: isPrinted ? -1 : state.chosen, crowd: isPrinted ? undefined : state.item?.crowd, hovered: isPrinted ? null : state.item,
    });
    range.textContent = say("timeline.range", { from: length(state.from), until: length(state.until) });
    canvas.dataset.from = String(state.from);
    canvas.dataset.until = String(state.until);
  };
  const redraw = onceAFrame(draw);

  const look = () => {
    told.replaceChildren(
      ...(state.item ? details(picture, state.item, state.isPinned).filter(Boolean) : [el("p", { class: "quiet" }, say("timeline.pointHere"))]),
    );
    if (state.item) see(codeOf(picture, state.item));
    redraw();
  };
  const at = (item, lane) => {
    state.item = item;
    state.chosen = lane;
    look();
  };

  const move = (from, until) => {
    const long = Math.min(picture.length, Math.max(NARROWEST, until - from));
    state.from = Math.min(Math.max(0, from), picture.length - long);
    state.until = state.from + long;
    redraw();
  };
  const pan = (part) => move(state.from + part * (state.until - state.from), state.until + part * (state.until - state.from));
  const zoom = (factor, around = (state.from + state.until) / 2) => {
    const long = Math.max(NARROWEST, (state.until - state.from) * factor);
    const part = (around - state.from) / (state.until - state.from);
    move(around - part * long, around + (1 - part) * long);
  };
  const wide = () => wideOf() - gutter - 2 * PAD;
  const timeAt = (x) => state.from + ((x - gutter - PAD) / wide()) * (state.until - state.from);

  const inView = (time) => Math.min(Math.max(time, state.from), state.until);

  const under = (event) => {
    const box = view.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const row = y < AXIS ? undefined : rowAt(rows(), y - AXIS + view.scrollTop);
    if (row === undefined) return { x, y, lane: -1, item: null };
    if (row.crowd !== undefined) return { x, y, lane: -1, item: { kind: "crowd", crowd: row.crowd, t: inView(timeAt(x)) } };
    const { lane } = row;
    if (x < gutter) return { x, y, lane, item: { lane, kind: "life", index: 0 } };
    const time = timeAt(x);
    const near = (6 * (state.until - state.from)) / wide();
    const mark = markAt(picture.lanes[lane], time, near);
    if (mark >= 0) return { x, y, lane, item: { lane, kind: "mark", index: mark } };
    const span = spanAt(picture.lanes[lane], time);
    if (span >= 0) return { x, y, lane, item: { lane, kind: "span", index: span } };
    const { born, ended } = picture.lanes[lane];
    return { x, y, lane, item: time >= born && time <= ended ? { lane, kind: "life", index: 0 } : null };
  };

  const point = (event) => {
    const { x, y, lane, item } = under(event);
    tip.hidden = item === null;
    if (item) {
      tip.textContent = headline(picture, item);
      tip.style.left = `${Math.max(0, Math.min(x + 14, wideOf() - tip.offsetWidth - 4))}px`;
      tip.style.top = `${y > view.clientHeight - 60 ? y - 38 : y + 18}px`;
    }
    if (!state.isPinned) at(item, lane);
  };

  // Every finger or button that is down, by its id.
  const down = new Map();
  let moved = 0;
  const spread = () => {
    const [a, b] = [...down.values()];
    return Math.max(8, Math.abs(a.x - b.x));
  };
  const drag = (event) => {
    const before = down.get(event.pointerId);
    if (!before) return point(event);
    if (down.size === 2) {
      const was = spread();
      down.set(event.pointerId, { x: event.clientX, y: event.clientY });
      const middle = [...down.values()].reduce((sum, { x }) => sum + x / 2, 0) - view.getBoundingClientRect().left;
      zoom(was / spread(), timeAt(middle));
      moved += 10;
      return undefined;
    }
    moved += Math.abs(event.clientX - before.x) + Math.abs(event.clientY - before.y);
    if (moved > 4) {
      tip.hidden = true;
      const each = (state.until - state.from) / wide();
      move(state.from - (event.clientX - before.x) * each, state.until - (event.clientX - before.x) * each);
      if (event.pointerType === "mouse") view.scrollTop -= event.clientY - before.y;
    }
    down.set(event.pointerId, { x: event.clientX, y: event.clientY });
    return undefined;
  };
  const release = (event) => {
    if (!down.delete(event.pointerId) || moved > 4 || event.type === "pointercancel") return undefined;
    const { lane, item } = under(event);
    if (item?.kind === "crowd") return toggle(item.crowd);
    const isSame = state.isPinned && state.item && item && state.item.lane === lane && state.item.kind === item.kind && state.item.index === item.index;
    state.isPinned = item !== null && !isSame;
    return at(item, lane);
  };
  const relay = () => {
    places = null;
    draw();
  };
  const toggle = (crowd) => {
    if (!state.opened.delete(crowd)) state.opened.add(crowd);
    state.isPinned = false;
    relay();
    at({ kind: "crowd", crowd, t: inView(state.item?.t ?? state.from) }, -1);
    tell();
  };

  const walk = (step) => {
    if (state.item?.kind === "crowd") return undefined;
    const lane = state.chosen < 0 ? 0 : state.chosen;
    const items = itemsOf(picture, lane);
    const now = items.findIndex(({ kind, index }) => state.item && state.item.lane === lane && kind === state.item.kind && index === state.item.index);
    const next = items[now < 0 ? (step > 0 ? 0 : items.length - 1) : Math.min(items.length - 1, Math.max(0, now + step))];
    if (!next) return at({ lane, kind: "life", index: 0 }, lane);
    const long = state.until - state.from;
    if (next.t < state.from || next.t > state.until) move(next.t - long / 4, next.t + (3 * long) / 4);
    state.isPinned = false;
    return at(next, lane);
  };
  const choose = (step) => {
    const { rows: all } = rows();
    const now = all.findIndex(({ lane, crowd }) => (lane === undefined ? crowd === state.item?.crowd : lane === state.chosen));
    const { lane, crowd, top, height } = all[Math.min(all.length - 1, Math.max(0, now + step))];
    const bottom = top + height + AXIS;
    if (top < view.scrollTop) view.scrollTop = top;
    if (bottom > view.scrollTop + view.clientHeight) view.scrollTop = bottom - view.clientHeight;
    state.isPinned = false;
    if (lane === undefined) at({ kind: "crowd", crowd, t: inView((state.from + state.until) / 2) }, -1);
    else at({ lane, kind: "life", index: 0 }, lane);
  };
  const heighten = () => {
    state.isTall = !state.isTall;
    relay();
  };
  const KEYS = {
    ArrowLeft: () => pan(-0.15),
    ArrowRight: () => pan(0.15),
    ArrowUp: () => choose(-1),
    ArrowDown: () => choose(1),
    "+": () => zoom(0.6),
    "=": () => zoom(0.6),
    "-": () => zoom(1 / 0.6),
    "−": () => zoom(1 / 0.6),
    0: () => move(0, picture.length),
    Home: () => move(0, state.until - state.from),
    End: () => move(picture.length - (state.until - state.from), picture.length),
    v: () => heighten(),
    n: () => walk(1),
    p: () => walk(-1),
    Enter: () => {
      if (state.item?.kind === "crowd") return toggle(state.item.crowd);
      state.isPinned = state.item !== null && !state.isPinned;
      return look();
    },
    Escape: () => {
      state.isPinned = false;
      at(null, -1);
    },
  };
  const press = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const does = KEYS[event.key] ?? KEYS[event.key.toLowerCase()];
    if (!does) return;
    event.preventDefault();
    does();
  };

  const observer = new ResizeObserver(redraw);
  observer.observe(view);
  look();
  const print = (yes) => {
    isPrinted = yes;
    draw();
  };
  if (still) return { element: el("div", { class: "timeline still" }, frame), redraw, print };

  view.addEventListener("scroll", redraw, { passive: true });
  view.addEventListener("keydown", press);
  view.addEventListener("pointermove", drag);
  view.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    if (down.size === 0) moved = 0;
    down.set(event.pointerId, { x: event.clientX, y: event.clientY });
    view.setPointerCapture(event.pointerId);
  });
  view.addEventListener("pointerup", release);
  view.addEventListener("pointercancel", release);
  view.addEventListener("pointerleave", () => {
    tip.hidden = true;
    if (!state.isPinned && down.size === 0 && !view.matches(":focus-visible")) at(null, -1);
  });
  // The wheel belongs to the page, unless a key is down or the lanes have the focus.
  view.addEventListener("wheel", (event) => {
    if (!(event.ctrlKey || event.metaKey || document.activeElement === view)) return;
    event.preventDefault();
    if (event.shiftKey) pan(Math.sign(event.deltaY || event.deltaX) * 0.1);
    else zoom(event.deltaY > 0 ? 1.25 : 0.8, timeAt(Math.max(gutter, event.clientX - view.getBoundingClientRect().left)));
  }, { passive: false });

  const button = (sign, label, does) => el("button", { type: "button", title: label, "aria-label": label, onclick: does }, sign);
  const taller = el("button", { type: "button", onclick: heighten }, say("timeline.taller"));
  const crowds = picture.crowds.map((_, crowd) => el("button", { type: "button", class: "crowd", onclick: () => toggle(crowd) }));
  // What the buttons of the crowds and of the lanes' height do now.
  const tell = () => {
    taller.hidden = rows().lanes <= MANY;
    crowds.forEach((button, crowd) => {
      const isOpen = state.opened.has(crowd);
      button.setAttribute("aria-expanded", String(isOpen));
      button.textContent = say(isOpen ? "crowd.close" : "crowd.open", { who: nameOf(picture.crowds[crowd]) });
    });
  };
  tell();
  const tools = el("div", { class: "tools", role: "group", "aria-label": title },
    button("−", say("timeline.zoomOut"), () => zoom(1 / 0.6)),
    button("+", say("timeline.zoomIn"), () => zoom(0.6)),
    button("◂", say("timeline.earlier"), () => pan(-0.25)),
    button("▸", say("timeline.later"), () => pan(0.25)),
    el("button", { type: "button", onclick: () => move(0, picture.length) }, say("timeline.all")),
    taller, crowds,
    range,
    el("details", { class: "help" }, el("summary", {}, say("timeline.helpTitle")), el("p", {}, say("timeline.help"))));
  return { element: el("div", { class: "timeline" }, tools, frame, told), redraw, print };
}
