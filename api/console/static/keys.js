// Single keys, which can be switched off and do nothing while somebody types. Source: WCAG 2.2,
// success criterion 2.1.4.

import { choose } from "./composer.js";

const KEYS = "careline.keys";
const help = document.getElementById("help");
const box = help.querySelector("[data-keys]");
const areOn = () => { try { return localStorage.getItem(KEYS) !== "off"; } catch { return true; } };

export function installKeys(go) {
  const actions = {
    j: () => step(1, go),
    k: () => step(-1, go),
    u: () => unread(go),
    r: () => choose("reply"),
    n: () => choose("note"),
    a: () => press("a"),
    s: () => press("s"),
    e: () => press("e"),
    "/": () => find(),
    "?": () => help.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      find();
      return;
    }
    const isOurs = !event.ctrlKey && !event.metaKey && !event.altKey && Object.hasOwn(actions, event.key);
    if (!isOurs || help.open || event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.key !== "?" && !areOn()) return;
    event.preventDefault();
    actions[event.key]();
  });
  box.checked = areOn();
  box.addEventListener("change", () => {
    try { localStorage.setItem(KEYS, box.checked ? "on" : "off"); } catch { /* not kept, then */ }
  });
  for (const each of document.querySelectorAll("[data-help]")) {
    each.hidden = false;
    each.addEventListener("click", () => help.showModal());
  }
}

const links = () => [...document.querySelectorAll("#rows > .row:not([hidden]) > a")];

function step(by, go) {
  const all = links();
  const now = all.findIndex((each) => each.getAttribute("aria-current"));
  const next = all[now < 0 ? 0 : Math.min(Math.max(now + by, 0), all.length - 1)];
  if (next) go(next);
}

function unread(go) {
  const next = links().find((each) => each.querySelector(".unread") && !each.getAttribute("aria-current"));
  if (next) go(next);
}

function press(key) {
  const target = document.querySelector(`#acts [data-key="${key}"]`);
  target?.click();
  if (target?.tagName === "SUMMARY") {
    target.parentElement.querySelector(".panel :is(input:not([type=hidden]), button)")?.focus();
  }
}

function find() {
  const input = document.getElementById("filter");
  input?.focus();
  input?.select();
}
