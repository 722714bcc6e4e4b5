// The first page: the verdict, one story in a few pictures, and the table of all sections.

import { pictureOf, tour } from "report/data.js";
import { el } from "report/dom.js";
import { factsInWords } from "report/facts.js";
import { sectionPage, text, verdictOf } from "report/section.js";
import { pick } from "report/state.js";
import { table } from "report/tables.js";
import { length, number } from "report/time.js";
import { timeline } from "report/timeline.js";
import { say } from "report/words.js";

// The section that tells the story is the one whose page has titles for its scenes, in their order.
function story(timelines) {
  const section = tour.sections.find((section) => text(section, ".title").length > 0);
  if (section === undefined) return null;
  const acts = text(section, ".title").map((title) => section.scenes.find(({ name }) => name === title.dataset.title));
  if (acts.some((act) => act === undefined)) return null;
  const shown = acts.map((scene) => {
    const picture = pictureOf(section, scene);
    const drawn = timeline(`story/${scene.name}`, say("timeline", { scene: scene.name }), picture, { still: true });
    timelines.push(drawn);
    const facts = factsInWords(scene, picture).map((fact) => el("li", {}, fact));
    return el("section", { class: "act", "aria-label": scene.name },
      el("h3", {}, text(section, `[data-title="${scene.name}"]`)),
      text(section, `[data-scene="${scene.name}"]`), drawn.element, el("p", { class: "sums" }, sums(scene)), el("ul", {}, facts));
  });
  return el("section", { class: "story" },
    el("h2", {}, say("story.title")), text(section, ".legend-words"), shown,
    el("p", {}, el("a", { href: `#${section.name}` }, say("story.more"))));
}

const sums = (scene) => scene.figures.map(({ name, value, unit_of_value: unit }) => el("span", {}, `${pick(name)} `, el("strong", {}, number(value)), ` ${pick(unit)}`));

function measured(section) {
  const told = section.shown.map(({ label, value, unit_of_value: unit, open }) => {
    const figure = `${pick(label)} ${number(value)} ${pick(unit)}`;
    return open ? say("figure.open", { figure }) : figure;
  });
  return told.length > 0 ? told.join(say("figures.separator")) : "–";
}

// When, where and how fast the tour was.
function terms() {
  const when = new Date(tour.ended).toLocaleString(say("language.locale"), { dateStyle: "long", timeStyle: "short" });
  const pace = tour.speed === "inf" ? say("pace.inf") : say("pace", { speed: tour.speed });
  return say("terms", { when, pace, time: length(tour.elapsed), cores: say("cores", { count: tour.cores }), seed: tour.seed });
}

export function overviewPage(timelines) {
  const kept = tour.sections.filter(({ held }) => held).length;
  const made = tour.sections.length;
  const verdict = made < tour.asked ? "verdict.early" : tour.held ? "verdict.held" : "verdict.notHeld";
  const rows = tour.sections.map((section) => [
    el("a", { href: `#${section.name}` }, section.name),
    pick(section.lesson),
    verdictOf(section),
    measured(section),
    length(section.elapsed),
  ]);
  const heads = [say("section"), say("lesson"), say("claimsHeld"), say("measured"), say("time")];
  return el("article", { class: "overview" },
    el("header", { class: "head" },
      el("p", { class: "over" }, say("report")),
      el("h1", { class: tour.held ? "good" : "bad" }, say(verdict, { kept, made, asked: tour.asked })),
      el("p", { class: "lead" }, say("noNetwork")),
      el("p", { class: "quiet" }, terms())),
    story(timelines),
    el("section", {}, el("h2", {}, say("allSections")), table(heads, rows, say("allSections"))));
}

// Everything, one below the other: for paper, and for a search in the page.
export function wholePage(timelines) {
  return el("div", { class: "whole" }, overviewPage(timelines), tour.sections.map((section) => sectionPage(section, timelines)));
}
