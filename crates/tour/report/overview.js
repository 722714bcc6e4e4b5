// The first page: the verdict, one story in two pictures, and the table of all sections.

import { pictureOf, tour } from "report/data.js";
import { el } from "report/dom.js";
import { sectionPage, text, verdictOf } from "report/section.js";
import { pick } from "report/state.js";
import { table } from "report/tables.js";
import { length, number } from "report/time.js";
import { timeline } from "report/timeline.js";
import { factsInWords, say } from "report/words.js";

// The section that tells the story, and its scenes in this order.
const STORY = "ticket-mutex";
const ACTS = ["unlocked", "locked"];

function story(timelines) {
  const section = tour.sections.find(({ name }) => name === STORY);
  const acts = ACTS.map((act) => section?.scenes.find(({ name }) => name === act));
  if (acts.some((act) => act === undefined)) return null;
  const shown = acts.map((scene) => {
    const picture = pictureOf(section, scene);
    const drawn = timeline(`story/${scene.name}`, say.timeline(scene.name), picture, { still: true });
    timelines.push(drawn);
    const facts = factsInWords(scene, picture).map((fact) => el("li", {}, fact));
    return el("section", { class: "act", "aria-label": scene.name },
      el("h3", {}, text(section, `.title-${scene.name}`)),
      text(section, `[data-scene="${scene.name}"]`), drawn.element, el("p", { class: "sums" }, sums(scene)), el("ul", {}, facts));
  });
  return el("section", { class: "story" },
    el("h2", {}, say.storyTitle()), text(section, ".legend-words"), shown,
    el("p", {}, el("a", { href: `#${STORY}` }, say.storyMore())));
}

const sums = (scene) => scene.figures.map(({ name, value, unit }) => el("span", {}, `${name} `, el("strong", {}, number(value)), ` ${unit}`));

function measured(section) {
  const told = section.shown.map(({ label, value, unit }) => `${pick(label)} ${number(value)} ${unit}`);
  return told.length > 0 ? told.join(pick(["; ", ";"])) : "–";
}

export function overviewPage(timelines) {
  const held = tour.sections.filter(({ held }) => held).length;
  const rows = tour.sections.map((section) => [
    el("a", { href: `#${section.name}` }, section.name),
    pick(section.lesson),
    verdictOf(section),
    measured(section),
    length(section.elapsed),
  ]);
  const heads = [say.section(), say.lessonHead(), say.claimsHeld(), say.measuredHead(), say.time()];
  return el("article", { class: "overview" },
    el("header", { class: "head" },
      el("p", { class: "over" }, say.report()),
      el("h1", { class: tour.held ? "good" : "bad" }, say.verdict(tour.held, held, tour.sections.length)),
      el("p", { class: "lead" }, say.noNetwork()),
      el("p", { class: "quiet" }, say.terms(tour))),
    story(timelines),
    el("section", {}, el("h2", {}, say.allSections()), table(heads, rows, say.allSections())));
}

// Everything, one below the other: for paper, and for whoever searches.
export function wholePage(timelines) {
  return el("div", { class: "whole" }, overviewPage(timelines), tour.sections.map((section) => sectionPage(section, timelines)));
}
