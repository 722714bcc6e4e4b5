// The colours of the page as a canvas needs them, and the patterns made of them.

import { tour } from "report/data.js";

const COLOURS = ["ground", "ink", "faint", "rule", "wait", "hold", "work", "bad", "note", "accent", "band"];

const palettes = new Map();

export function palette(element, ratio) {
  const key = `${ratio} ${getComputedStyle(element).backgroundColor}`;
  if (!palettes.has(key)) palettes.set(key, mixed(element, ratio));
  return palettes.get(key);
}

function mixed(element, ratio) {
  const probe = document.createElement("span");
  element.append(probe);
  const colours = {};
  for (const name of COLOURS) {
    probe.style.color = `var(--${name})`;
    colours[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  const fills = tour.states.map((state) => fillOf(state, colours, ratio));
  return { colours, fills, font: getComputedStyle(element).fontFamily };
}

function pattern(width, height, ratio, draw) {
  const tile = document.createElement("canvas");
  tile.width = width * ratio;
  tile.height = height * ratio;
  const context = tile.getContext("2d");
  context.scale(ratio, ratio);
  draw(context);
  const made = context.createPattern(tile, "repeat");
  made.setTransform(new DOMMatrix().scale(1 / ratio));
  return made;
}

// States differ by their patterns as well as by their colours.
function fillOf(state, colours, ratio) {
  const ink = colours[state.ink];
  switch (state.texture) {
    case "dots":
      return pattern(5, 4, ratio, (context) => {
        context.fillStyle = ink;
        context.beginPath();
        context.arc(2, 2, 1.1, 0, 7);
        context.fill();
      });
    case "dashes":
      // Of two rows, so that an area of it has no stripes.
      return pattern(8, 8, ratio, (context) => {
        context.fillStyle = ink;
        context.fillRect(0, 0, 5, 4);
        context.fillRect(4, 4, 4, 4);
        context.fillRect(0, 4, 1, 4);
      });
    case "hatched":
      return pattern(6, 6, ratio, (context) => {
        context.fillStyle = colours.ground;
        context.fillRect(0, 0, 6, 6);
        context.strokeStyle = ink;
        context.lineWidth = 1.5;
        context.beginPath();
        for (const offset of [-6, 0, 6]) {
          context.moveTo(offset - 1, 7);
          context.lineTo(offset + 7, -1);
        }
        context.stroke();
      });
    case "bars":
      return pattern(6, 6, ratio, (context) => {
        context.fillStyle = colours.ground;
        context.fillRect(0, 0, 6, 6);
        context.fillStyle = ink;
        context.fillRect(0, 0, 4, 6);
      });
    case "rows":
      return pattern(6, 5, ratio, (context) => {
        context.fillStyle = colours.ground;
        context.fillRect(0, 0, 6, 5);
        context.fillStyle = ink;
        context.fillRect(0, 0, 6, 3);
      });
    default:
      return ink;
  }
}
