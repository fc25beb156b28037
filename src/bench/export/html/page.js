"use strict";
const tooltip = document.getElementById("tooltip");

function add(element, text, parent) {
  const made = document.createElement(element);
  made.textContent = text;
  parent.append(made);
}

// Names and figures: of a stack all its parts, of a point those that it has.
function rowsOf(figures) {
  if (figures.rows !== undefined) {
    return figures.rows.split("; ").map((row) => row.split(": "));
  }
  const names = ["rate", "speedup", "efficiency"].filter((name) => figures[name] !== undefined);
  return names.map((name) => [name, figures[name]]);
}

function show(mark) {
  const figures = mark.dataset;
  const threads = figures.threads === "1" ? ", 1 thread" : ", " + figures.threads + " threads";
  tooltip.replaceChildren();
  add("strong", figures.name + (figures.threads === undefined ? "" : threads), tooltip);
  const list = document.createElement("dl");
  for (const [name, figure] of rowsOf(figures)) {
    add("dt", name, list);
    add("dd", figure, list);
  }
  tooltip.append(list);
  tooltip.hidden = false;
  place(mark);
}

// Above the mark where there is room, below it otherwise, and never beyond an edge.
function place(mark) {
  const gap = 10;
  const at = mark.getBoundingClientRect();
  const size = tooltip.getBoundingClientRect();
  const left = at.left + at.width / 2 - size.width / 2;
  const right = document.documentElement.clientWidth - size.width - gap;
  const above = at.top - size.height - gap;
  tooltip.style.left = Math.max(gap, Math.min(left, right)) + "px";
  tooltip.style.top = (above < gap ? at.bottom + gap : above) + "px";
}

function hide() {
  tooltip.hidden = true;
}

for (const mark of document.querySelectorAll(".mark")) {
  mark.addEventListener("pointerenter", () => show(mark));
  mark.addEventListener("pointerleave", hide);
  mark.addEventListener("focus", () => show(mark));
  mark.addEventListener("blur", hide);
}
document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
document.addEventListener("scroll", hide, { passive: true });
