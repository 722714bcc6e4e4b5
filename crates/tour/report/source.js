// The section's own code, with the line that made what the reader looks at.

import { el } from "report/dom.js";
import { say } from "report/words.js";

const TOKEN = new RegExp(
  [
    String.raw`(?<comment>\/\/[^\n]*)`,
    String.raw`(?<string>b?"(?:[^"\\]|\\[^])*"|'(?:[^'\\\n]|\\.)'(?!\w))`,
    String.raw`(?<word>\b(?:as|async|await|break|const|continue|crate|else|enum|fn|for|if|impl|in|let|loop|match|mod|move|mut|pub|ref|return|self|Self|static|struct|super|trait|type|unsafe|use|where|while|true|false)\b)`,
    String.raw`(?<number>\b\d[\d_]*(?:\.\d+)?(?:[iu](?:8|16|32|64|size)|f64)?\b)`,
    String.raw`(?<name>\b[A-Z]\w*\b)`,
    String.raw`(?<macro>\b[a-z_]+!)`,
  ].join("|"),
  "g",
);

// A file as lines of coloured pieces. A piece that goes over several lines is divided.
function lines(text) {
  const found = [[]];
  const add = (text, kind) => {
    text.split("\n").forEach((part, index) => {
      if (index > 0) found.push([]);
      if (part) found.at(-1).push(kind ? el("span", { class: kind }, part) : part);
    });
  };
  let now = 0;
  for (const match of text.matchAll(TOKEN)) {
    add(text.slice(now, match.index));
    add(match[0], Object.entries(match.groups).find(([, found]) => found !== undefined)[0]);
    now = match.index + match[0].length;
  }
  add(text.slice(now).replace(/\n$/, ""));
  return found;
}

// Where the function that plays a scene stands: the section's list of scenes names it.
function actOf(sources, scene) {
  for (const [, text] of sources) {
    const act = text.match(new RegExp(`\\("${scene}", ([\\w:]+)\\)`))?.[1].split("::").at(-1);
    if (!act) continue;
    for (const [path, other] of sources) {
      const at = other.search(new RegExp(`^(pub(\\(crate\\))? )?fn ${act}\\b`, "m"));
      if (at >= 0) return [path, other.slice(0, at).split("\n").length];
    }
  }
  return [sources[0]?.[0], 1];
}

// The pane, and `show("crates/race/src/lib.rs:123")`, which turns to that line.
export function source(section, scene) {
  const { sources } = section;
  if (sources.length === 0) return { element: null, show: () => {} };
  const list = el("ol", { class: "code", tabindex: "0", "aria-label": say.source() });
  const where = el("output", { class: "where" });
  const select = el("select", { "aria-label": say.sourceFile(), onchange: () => open(select.value, 1, false) });
  select.append(...sources.map(([path]) => el("option", { value: path }, path)));
  let opened = null;
  let marked = null;

  const open = (path, line, isMade) => {
    if (opened !== path) {
      const text = sources.find(([found]) => found === path)?.[1];
      if (text === undefined) return;
      list.replaceChildren(...lines(text).map((pieces) => el("li", {}, el("code", {}, pieces.length > 0 ? pieces : "\u200b"))));
      opened = path;
      select.value = path;
      marked = null;
    }
    marked?.classList.remove("made");
    const item = list.children[line - 1];
    if (!item) return;
    if (isMade) {
      item.classList.add("made");
      marked = item;
    }
    where.textContent = isMade ? say.lineOf(line) : "";
    // Not scrollIntoView: the page itself shall stay where it is.
    list.scrollTop = Math.max(0, item.offsetTop - (isMade ? list.clientHeight / 3 : 4));
  };
  const show = (at) => {
    const [path, line] = at.split(/:(?=\d+$)/);
    if (line) open(path, Number(line), true);
    else {
      marked?.classList.remove("made");
      where.textContent = "";
    }
  };
  const [path, line] = actOf(sources, scene.name);
  const pane = el("details", { class: "source", open: true },
    el("summary", {}, say.source()),
    el("div", { class: "file" }, select, where), list);
  // Its place is known when it stands on the page.
  requestAnimationFrame(() => open(path, line, false));
  return { element: pane, show };
}
