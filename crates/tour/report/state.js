// What the reader has chosen: the language and the theme. The choice outlives a reload where the
// browser lets a file remember anything.

const KEYS = { lang: "tour-lang", theme: "tour-theme" };

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
    // Then it is chosen again next time.
  }
}

export const chosen = { lang: "en", theme: "auto" };

export function begin(runLang) {
  const lang = remembered("lang");
  setLang(lang === "en" || lang === "zh" ? lang : runLang);
  const theme = remembered("theme");
  setTheme(theme === "light" || theme === "dark" ? theme : "auto");
}

export function setLang(lang, keep) {
  chosen.lang = lang;
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
  if (keep) remember("lang", lang);
}

export function setTheme(theme, keep) {
  chosen.theme = theme;
  document.documentElement.dataset.theme = theme;
  if (keep) remember("theme", theme);
}

// One of [English, Chinese].
export function pick([en, zh]) {
  return chosen.lang === "zh" ? zh : en;
}
