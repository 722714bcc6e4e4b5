// What the picture of a scene shows, in sentences.

import { length } from "report/time.js";
import { ending, say } from "report/words.js";

// A wait that is shorter than this part of the scene is left out.
const WORTH_TELLING = 0.02;
const MOST_SAID = 6;
const MOST_DEATHS = 8;

const percent = (part, whole) => `${Math.round((100 * part) / Math.max(1, whole))} %`;

export function factsInWords(scene, picture) {
  const { facts } = scene;
  const name = (lane) => picture.lanes[lane]?.name ?? "?";
  const told = facts.things.filter(({ holds, waits }) => holds > 0 && waits > 0).map((thing) => lock(thing, picture, name));
  const asleep = { count: facts.most_asleep, who: name(facts.sleeper), asleep: length(facts.asleep), length: length(picture.length) };
  // One sleeper proves nothing about two.
  if (facts.sleepers === 1) told.push(say("facts.sleepOne", asleep));
  else if (facts.most_asleep > 1) told.push(say("facts.sleepTogether", asleep));
  else if (facts.most_asleep === 1 && facts.asleep > 0) told.push(say("facts.sleepAlone", asleep));
  for (const { text, count, first, last, from, until } of facts.said.slice(0, MOST_SAID)) {
    const words = text.replace(/^…[ ::]*/, "");
    told.push(say("facts.said", { count, text: words, first: name(first), from: length(from), last: name(last), apart: length(until - from) }));
  }
  for (const { on, holds, waits, waited, who, longest, works } of facts.things) {
    if (holds === 0 && longest > picture.length * WORTH_TELLING) {
      told.push(say("facts.waits", { on, count: waits, waited: length(waited), who: name(who), longest: length(longest) }));
    }
    if (works > 0) told.push(say("facts.works", { on, count: works }));
  }
  if (facts.owners_died > 0) told.push(say("facts.ownersDied", { count: facts.owners_died }));
  if (facts.redelivered > 0) told.push(say("facts.redelivered", { count: facts.redelivered }));
  for (const lane of facts.deaths.slice(0, MOST_DEATHS)) {
    const { death, ended, killed } = picture.lanes[lane];
    told.push(say(killed ? "facts.killed" : "facts.failed", { who: name(lane), death: ending(death), time: length(ended) }));
  }
  return told;
}

function lock({ on, held, asleep, waited, waits, who, longest }, picture, name) {
  return say("facts.lock", {
    on, count: waits,
    asleep: asleep > 0 ? say("facts.lock.asleep", { percent: percent(asleep, held) }) : "",
    held: length(held), length: length(picture.length), waited: length(waited), who: name(who), longest: length(longest),
  });
}
