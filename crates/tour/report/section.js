// The page of one section.

import { pictureOf, tour } from "report/data.js";
import { el } from "report/dom.js";
import { factsInWords } from "report/facts.js";
import { source } from "report/source.js";
import { chosen, pick } from "report/state.js";
import { checks, figures, lanesTable, timeUse, verdict } from "report/tables.js";
import { length } from "report/time.js";
import { timeline } from "report/timeline.js";
import { say } from "report/words.js";

// A piece of the section's text in the reader's language, by what it is.
export function text(section, what) {
  const found = document.getElementById(`text-${section.name}`)?.content;
  const pieces = [...(found?.querySelectorAll(what) ?? [])].filter((piece) => piece.lang === chosen.lang);
  return pieces.map((piece) => piece.cloneNode(true));
}

export function verdictOf(section) {
  const claims = say(section.open > 0 ? "ofClaims.open" : "ofClaims", section);
  return verdict(section.held, section.trouble ? `${pick(section.trouble)}, ${claims}` : claims);
}

function notes(section) {
  const says = text(section, ".notes");
  if (says.length === 0) return null;
  for (const item of says.flatMap((piece) => [...piece.querySelectorAll("li[class]")])) {
    item.prepend(el("span", { class: `tag ${item.className}` }, say(`tag.${item.className}`)), " ");
  }
  return el("aside", { class: "notes-say" }, el("h2", {}, say("notesSay")), says);
}

// What the reader may predict, what to run, and where the answer is seen.
function predictions(section) {
  if (section.predictions.length === 0) return null;
  const items = section.predictions.map(({ question, typed, seen }) => el("ol", {}, el("li", {}, pick(question)), el("li", {}, el("code", {}, typed)), el("li", {}, pick(seen))));
  return el("aside", { class: "notes-say predict" }, el("h2", {}, say("predict")), items);
}

function sceneOf(section, scene, timelines) {
  const picture = pictureOf(section, scene);
  const id = `${section.name}/${scene.name}`;
  const facts = factsInWords(scene, picture);
  const code = source(section, scene);
  const drawn = timeline(id, say("timeline", { scene: scene.name }), picture, { see: code.show });
  timelines.push(drawn);
  return el("section", { class: "scene", id, "aria-labelledby": `${id}/title` },
    el("h2", { id: `${id}/title` }, scene.name),
    text(section, `[data-scene="${scene.name}"]`),
    el("div", { class: "stage" },
      el("div", { class: "picture" }, drawn.element, timeUse(picture), facts.length > 0 ? el("div", { class: "facts" }, el("h3", {}, say("facts")), el("ul", {}, facts.map((fact) => el("li", {}, fact)))) : null),
      code.element),
    lanesTable(picture),
    el("div", { class: "found" }, checks(scene.claims ?? []), figures(scene.figures ?? [])));
}

const runLanguage = () =>
  say("runLanguage", { run: say(`language.${tour.lang}`), reader: say(`language.${chosen.lang}`), code: chosen.lang });

export function sectionPage(section, timelines) {
  const scenes = section.scenes.filter((scene) => scene.name !== "" || scene.picture.lanes.length > 0);
  const complaints = section.complaints.length > 0
    ? el("details", { class: "complaints", open: !section.held }, el("summary", {}, say("complaints")), el("pre", { tabindex: "0" }, section.complaints.join("\n")))
    : null;
  return el("article", { class: "section" },
    el("header", { class: "head" },
      el("p", { class: "over" }, section.notes.length > 0 ? say("notes", { numbers: section.notes.join(say("list.separator")) }) : ""),
      el("h1", {}, section.name),
      el("p", { class: "lead" }, pick(section.lesson)),
      el("p", { class: "state" }, verdictOf(section), el("span", { class: "number" }, ` · ${length(section.elapsed)}`))),
    !section.held && section.error ? el("p", { class: "error" }, section.error) : null,
    el("div", { class: "prose" }, text(section, ".lesson")),
    predictions(section),
    notes(section),
    chosen.lang !== tour.lang ? el("p", { class: "quiet" }, runLanguage()) : null,
    scenes.length > 0 ? scenes.map((scene) => sceneOf(section, scene, timelines)) : el("p", {}, say("noScenes")),
    section.skipped > 0 ? el("p", { class: "quiet" }, say("skipped", { count: section.skipped })) : null,
    complaints);
}
