// The data of the tour, unpacked for drawing. The lists of a lane are flat: its layout names the numbers.

export const tour = JSON.parse(document.getElementById("data").textContent);

// A flat list as columns: all numbers of one meaning together.
function columns(flat, what) {
  const names = tour.layout[what];
  const found = { count: flat.length / names.length };
  names.forEach((name, place) => {
    found[name] = Float64Array.from({ length: found.count }, (_, index) => flat[index * names.length + place]);
  });
  return found;
}

// Times, each of which is given since the one before.
function running(since) {
  let now = 0;
  return since.map((step) => (now += step));
}

function unpackLane(lane, texts) {
  const spans = columns(lane.spans, "spans");
  spans.from = running(spans.since);
  spans.until = spans.from.map((from, index) => from + spans.length[index]);
  return { ...lane, spans, marks: unpackMarks(lane.marks, texts), states: unpackStates(lane.states, lane.ended) };
}

function unpackMarks(flat, texts) {
  const { kind, text, since, at } = columns(flat, "marks");
  return Array.from(running(since), (t, index) => ({ kind: tour.marks[kind[index]], text: texts[text[index]], t, at: at[index] }));
}

// One state after the other, and from when each; at the end, when the last one ended.
function unpackStates(flat, ended) {
  const { count, since, state } = columns(flat, "states");
  const from = new Float64Array(count + 1);
  from.set(running(since));
  from[count] = ended;
  return { count, state, from };
}

function unpackHandovers(flat, texts) {
  const { on, from, left, to, got } = columns(flat, "handovers");
  return Array.from(on, (thing, index) => ({ on: texts[thing], from: from[index], left: left[index], to: to[index], got: got[index] }));
}

const unpacked = new Map();

// A scene's picture, unpacked when it is first looked at.
export function pictureOf(section, scene) {
  if (!unpacked.has(scene)) {
    const { texts } = section;
    const locks = new Set(scene.facts.things.filter(({ holds }) => holds > 0).map(({ on }) => on));
    const handovers = unpackHandovers(scene.picture.handovers, texts);
    unpacked.set(scene, {
      texts,
      length: Math.max(1, scene.picture.length),
      lanes: scene.picture.lanes.map((lane) => unpackLane(lane, texts)),
      crowds: scene.picture.crowds,
      handovers: handovers.map((handover) => ({ ...handover, isLock: locks.has(handover.on) })),
    });
  }
  return unpacked.get(scene);
}

// How long a lane was in each state.
export function timesOf(lane) {
  const times = tour.states.map(() => 0);
  const { from, state, count } = lane.states;
  for (let index = 0; index < count; index += 1) {
    const until = Math.min(from[index + 1], lane.ended);
    times[state[index]] += Math.max(0, until - Math.min(from[index], lane.ended));
  }
  return times;
}
