// What happened, as the tour wrote it down, unpacked for drawing. The lists are flat: `scene.rs` says
// what each number means.

export const tour = JSON.parse(document.getElementById("data").textContent);

// The states of a lane, in the order in which the numbers name them.
// The last one is ours: a lock is held, and nobody waits for it in the whole scene.
export const STATES = ["running", "sleeping", "waiting", "holding", "holding-asleep", "working", "working-asleep", "zombie", "holding-alone"];
export const WAITING = 2;
export const HOLDING = [3, 4, 8];
const HELD = 3;
const HELD_ALONE = 8;
const ZOMBIE = 7;

const SPAN = 9;
const MARK = 5;
const HANDOVER = 5;

function unpackLane(lane, words, alone) {
  const count = lane.spans.length / SPAN;
  const spans = {
    count,
    doing: new Uint32Array(count),
    on: new Uint32Array(count),
    from: new Float64Array(count),
    until: new Float64Array(count),
    depth: new Uint16Array(count),
    state: new Uint8Array(count),
    cut: new Uint8Array(count),
    how: new Uint32Array(count),
    at: new Uint32Array(count),
  };
  let now = 0;
  for (let index = 0; index < count; index += 1) {
    const at = index * SPAN;
    now += lane.spans[at + 2];
    spans.doing[index] = lane.spans[at];
    spans.on[index] = lane.spans[at + 1];
    spans.from[index] = now;
    spans.until[index] = now + lane.spans[at + 3];
    spans.depth[index] = lane.spans[at + 4];
    const state = lane.spans[at + 5];
    spans.state[index] = state === HELD && alone.has(words[spans.on[index]]) ? HELD_ALONE : state;
    spans.cut[index] = lane.spans[at + 6];
    spans.how[index] = lane.spans[at + 7];
    spans.at[index] = lane.spans[at + 8];
  }
  const marks = [];
  now = 0;
  for (let index = 0; index < lane.marks.length; index += MARK) {
    const [what, text, since, at, other] = lane.marks.slice(index, index + MARK);
    now += since;
    marks.push({ what: words[what], text: words[text], t: now, at, other: words[other] });
  }
  const { name, pid, tid, exit, death, born, ended, exits } = lane;
  const unpacked = { name, pid, tid, exit, death, born, ended, exits, spans, marks };
  unpacked.states = states(unpacked);
  return unpacked;
}

// One state after the other, from when each: what lies open at a time is the innermost span.
function states(lane) {
  const { spans } = lane;
  const from = [lane.born];
  const state = [0];
  const open = [];
  const close = (now) => {
    while (open.length > 0 && spans.until[open.at(-1)] <= now) {
      from.push(spans.until[open.pop()]);
      state.push(open.length > 0 ? spans.state[open.at(-1)] : 0);
    }
  };
  for (let index = 0; index < spans.count; index += 1) {
    close(spans.from[index]);
    from.push(spans.from[index]);
    state.push(spans.state[index]);
    open.push(index);
  }
  close(Infinity);
  if (typeof lane.exits === "number") {
    from.push(lane.exits);
    state.push(ZOMBIE);
  }
  from.push(lane.ended);
  return { from: Float64Array.from(from), state: Uint8Array.from(state), count: state.length };
}

function unpackHandovers(flat, words) {
  const found = [];
  for (let index = 0; index < flat.length; index += HANDOVER) {
    const [on, from, left, to, got] = flat.slice(index, index + HANDOVER);
    found.push({ on: words[on], from, left, to, got });
  }
  return found;
}

const unpacked = new Map();

// A scene's picture, unpacked when it is first looked at.
export function pictureOf(section, scene) {
  if (!unpacked.has(scene)) {
    const { words } = section;
    const locks = scene.facts.things.filter(({ holds }) => holds > 0);
    const alone = new Set(locks.filter(({ waits }) => waits === 0).map(({ on }) => on));
    const isLock = new Set(locks.map(({ on }) => on));
    const handovers = unpackHandovers(scene.picture.handovers, words);
    unpacked.set(scene, {
      words,
      length: Math.max(1, scene.picture.length),
      lanes: scene.picture.lanes.map((lane) => unpackLane(lane, words, alone)),
      handovers: handovers.map((handover) => ({ ...handover, isLock: isLock.has(handover.on) })),
    });
  }
  return unpacked.get(scene);
}

// How long a lane was in each state.
export function timesOf(lane) {
  const times = STATES.map(() => 0);
  const { from, state, count } = lane.states;
  for (let index = 0; index < count; index += 1) {
    const until = Math.min(from[index + 1], lane.ended);
    times[state[index]] += Math.max(0, until - Math.min(from[index], lane.ended));
  }
  return times;
}
