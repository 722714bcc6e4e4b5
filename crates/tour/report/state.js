// What the reader has chosen: the language and the theme. The choice outlives a reload where the
// browser lets a file store anything.

import { tour } from "report/data.js";

const KEYS = { lang: "tour-lang", theme: "tour-theme" };
const THEMES = ["light", "dark"];

function remembered(key) {
  try {
    return localStorage.getItem(KEYS[key]);
  } catch {
    return null;
  }
}

function remember(key, value) {
  try {
    localStorage.setItem(KEYS[key], value);
  } catch {
    // Then the reader chooses again next time.
  }
}

export const chosen = { lang: tour.lang, theme: "auto" };

export function begin() {
  const lang = remembered("lang");
  setLang(lang in tour.languages ? lang : tour.lang);
  const theme = remembered("theme");
  setTheme(THEMES.includes(theme) ? theme : "auto");
}

export function setLang(lang, keep) {
  chosen.lang = lang;
  document.documentElement.lang = tour.languages[lang]["language.tag"];
  if (keep) remember("lang", lang);
}

export function setTheme(theme, keep) {
  chosen.theme = theme;
  document.documentElement.dataset.theme = theme;
  if (keep) remember("theme", theme);
}

// A text of the data in the reader's language: one that is the same in every language, or an object by
// language, which may lack all but the run's.
export const pick = (text) => (typeof text === "object" ? text[chosen.lang] ?? text[tour.lang] : text);
