// What stands below what in a timeline: lanes, and crowds of them, which can be opened.

export const AXIS = 24;
// More lanes than this are as low as it takes to see all of them at once.
export const MANY = 40;
// The row of a crowd.
export const CROWD = 76;
// No window is higher than this, whatever is in it.
export const HIGHEST = 560;

const LOWEST = 1.4;
// Half of a name is above the middle of its row, and half below: where a lane is lower, the first and the last name of
// lanes below each other have room for it.
const HALF_NAME = 7;

// Few lanes are tall enough for words; many are as low as it takes to see all of them at once, unless the reader asks
// for names.
function heightOf(lanes, room, isTall) {
  if (lanes <= MANY) return lanes <= 12 ? 38 : lanes <= 20 ? 30 : 20;
  return isTall ? 14 : Math.max(LOWEST, (room - 2 * HALF_NAME) / lanes);
}

// The rows of a picture, below the axis: { rows, row, lanes, places, height }. A row is { lane } or { crowd }, with its
// top and its height; `row` is the height of a lane, and `places` has the row of each lane that has one.
export function layout(picture, opened, isTall) {
  const crowdOf = new Map(picture.crowds.flatMap(({ lanes }, crowd) => lanes.map((lane) => [lane, crowd])));
  const rows = picture.lanes.flatMap((_, lane) => {
    const crowd = crowdOf.get(lane);
    if (crowd === undefined) return [{ lane }];
    const { lanes } = picture.crowds[crowd];
    if (lanes[0] !== lane) return [];
    return [{ crowd }, ...(opened.has(crowd) ? lanes.map((lane) => ({ lane })) : [])];
  });
  const lanes = rows.filter(({ lane }) => lane !== undefined).length;
  const row = heightOf(lanes, HIGHEST - AXIS - 2 - (rows.length - lanes) * (CROWD + HALF_NAME), isTall);
  const margin = Math.max(0, HALF_NAME - row / 2);
  let top = margin;
  for (const [index, place] of rows.entries()) {
    if (place.lane === undefined && rows[index - 1]?.lane !== undefined) top += margin;
    place.top = top;
    place.height = place.lane === undefined ? CROWD : row;
    top += place.height;
  }
  const places = new Map();
  for (const place of rows.filter(({ lane }) => lane !== undefined)) {
    place.number = places.size;
    places.set(place.lane, place);
  }
  return { rows, row, lanes, places, height: top + margin };
}

// The row at this height below the axis.
export const rowAt = ({ rows }, y) => rows.find(({ top, height }) => y >= top && y < top + height);
