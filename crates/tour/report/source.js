// The section's examples and its own code, with the line that made what the reader looks at.

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

// A line of code that ends in a comment is what its listing is about.
const KEY = /[;{},)?]\s+\/\/ \S/;

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

// The pane, and `show("crates/race/src/lib.rs:123")`, which turns to that line. It opens on the key line of the listing
// of the scene, where there is one: an example that shows the same without claims and languages.
export function source(section, scene) {
  const { sources } = section;
  if (sources.length === 0) return { element: null, show: () => {} };
  const [first] = sources[0];
  const { file, line, examples } = scene.code ?? { file: first, line: 1, examples: [] };
  const list = el("ol", { class: "code", tabindex: "0", "aria-label": say("source") });
  const where = el("output", { class: "where" });
  const select = el("select", { "aria-label": say("source.file"), onchange: () => open(select.value, examples.includes(select.value) ? keyOf(select.value) : 1) });
  select.append(...sources.map(([path]) => el("option", { value: path }, path)));
  const button = (label, path, line) => el("button", { type: "button", onclick: () => (examples.includes(path) ? open(path, line) : turn(path, line, () => 4)) }, label);
  // Where a file is opened: a listing at its key line, other code at the line that was asked for.
  const textOf = (path) => sources.find(([found]) => found === path)?.[1];
  const keyOf = (path) => Math.max(0, (textOf(path) ?? "").split("\n").findIndex((line) => KEY.test(line))) + 1;
  const tabs = examples.length > 0 ? [button(say("source.listing"), examples[0], keyOf(examples[0])), button(say("source.scene"), file, line)] : [];
  let opened = null;
  let marked = null;

  const unmark = () => {
    marked?.classList.remove("made");
    marked = null;
    where.textContent = "";
  };
  // The line of a file; false if there is none.
  const turn = (path, line, above) => {
    unmark();
    if (opened !== path) {
      const text = textOf(path);
      if (text === undefined) return false;
      const written = text.split("\n");
      const isKey = (index) => path.includes("/examples/") && KEY.test(written[index]);
      list.replaceChildren(...lines(text).map((pieces, index) => el("li", { class: isKey(index) ? "key" : null }, el("code", {}, pieces.length > 0 ? pieces : "\u200b"))));
      opened = path;
      select.value = path;
    }
    const isListing = examples.includes(path);
    tabs.forEach((tab, index) => tab.setAttribute("aria-pressed", String(isListing === (index === 0))));
    const item = list.children[line - 1];
    // Not scrollIntoView: the page itself shall stay where it is.
    if (item) list.scrollTop = Math.max(0, item.offsetTop - above());
    return item ?? false;
  };
  // The whole of a short listing, else its line with what stands before it.
  const open = (path, line) => turn(path, line, () => (line === 1 ? 4 : list.clientHeight / 3));
  const show = (at) => {
    const [path, line] = at.split(/:(?=\d+$)/);
    if (!line) return unmark();
    const item = turn(path, Number(line), () => list.clientHeight / 3);
    if (!item) return undefined;
    item.classList.add("made");
    marked = item;
    where.textContent = say("source.line", { line });
    return undefined;
  };
  const pane = el("details", { class: "source", open: true },
    el("summary", {}, say("source")),
    el("div", { class: "file" }, tabs.length > 0 ? el("div", { class: "tabs", role: "group", "aria-label": say("source") }, tabs) : null, select, where), list);
  // Its place is known when it is on the page.
  requestAnimationFrame(() => (examples.length > 0 ? open(examples[0], keyOf(examples[0])) : turn(file, line, () => 4)));
  return { element: pane, show };
}
