// The frame around the pages: which page is shown, in which language, in which colours.

import { tour } from "report/data.js";
import { el } from "report/dom.js";
import { overviewPage, wholePage } from "report/overview.js";
import { sectionPage } from "report/section.js";
import { begin, chosen, setLang, setTheme } from "report/state.js";
import { say } from "report/words.js";

const main = document.getElementById("main");
const nav = document.getElementById("nav");
const OVERVIEW = "overview";
const WHOLE = "all";

let timelines = [];
let page = OVERVIEW;

// The address says which page, and which scene of it: #race/mutex.
function asked() {
  const [name, scene] = decodeURIComponent(location.hash.slice(1)).split("/");
  const isPage = name === WHOLE || tour.sections.some((section) => section.name === name);
  return [isPage ? name : OVERVIEW, isPage && scene ? `${name}/${scene}` : null];
}

function switches() {
  const lang = ([code, words]) =>
    el("button", { type: "button", lang: code, "data-lang": code, "aria-pressed": String(chosen.lang === code), onclick: () => { setLang(code, true); show(); } }, words["language.name"]);
  const themes = ["auto", "light", "dark"].map((theme) =>
    el("option", { value: theme, selected: chosen.theme === theme }, say(`theme.${theme}`)));
  const theme = el("select", { id: "theme", "aria-label": say("theme"), onchange: () => { setTheme(theme.value, true); redraw(); } }, themes);
  return [el("div", { class: "langs", role: "group", "aria-label": say("language") }, Object.entries(tour.languages).map(lang)), theme];
}

function links() {
  const link = (to, name, mark) =>
    el("li", {}, el("a", { href: `#${to}`, "aria-current": page === to ? "page" : null }, mark, name));
  const markOf = (held) => el("span", { class: held ? "mark good" : "mark bad", role: "img", "aria-label": held ? say("held") : say("notHeld") }, held ? "✓" : "✗");
  return el("ul", {},
    link(OVERVIEW, say("overview")),
    tour.sections.map((section) => link(section.name, section.name, markOf(section.held))),
    link(WHOLE, say("everything")));
}

function show() {
  const [name] = asked();
  page = name;
  timelines = [];
  document.title = `${name === OVERVIEW || name === WHOLE ? say("report") : name} · ${say("title")}`;
  document.querySelector(".brand").textContent = say("title");
  document.getElementById("skip").textContent = say("skip");
  document.getElementById("switches").replaceChildren(...switches());
  nav.setAttribute("aria-label", say("sections"));
  nav.replaceChildren(links());
  const section = tour.sections.find((section) => section.name === name);
  main.replaceChildren(section ? sectionPage(section, timelines) : name === WHOLE ? wholePage(timelines) : overviewPage(timelines));
}

function redraw() {
  timelines.forEach((timeline) => timeline.redraw());
}

// To the scene that the address names; to the top of another page.
function turn(isNew) {
  const scene = asked()[1];
  if (scene) document.getElementById(scene)?.scrollIntoView();
  else if (isNew) window.scrollTo(0, 0);
}

function print(yes) {
  document.documentElement.toggleAttribute("data-print", yes);
  timelines.forEach((timeline) => timeline.print(yes));
}

begin();
show();
turn(false);
window.addEventListener("hashchange", () => {
  const isNew = asked()[0] !== page;
  if (isNew) show();
  turn(isNew);
});
window.addEventListener("beforeprint", () => print(true));
window.addEventListener("afterprint", () => print(false));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
document.getElementById("skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
// For a test that waits for the page.
document.documentElement.dataset.ready = "true";
