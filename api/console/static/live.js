// Live: the one stream of this page, the list that it keeps right, and the clocks in it.

import { announce } from "./say.js";

const LATE_MS = 8_000;
const LOST_MS = 16_000;
const MINUTE = 60_000, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
const main = document.getElementById("main");
const rows = document.getElementById("rows");
const box = document.getElementById("rows-box");
const arrivals = document.getElementById("arrivals");
const news = document.getElementById("news");
const badge = document.getElementById("live");
const WORDS = { still: "Connecting…", live: "Live", waiting: "Reconnecting…", offline: "Offline, list may be old" };

let lastId = "";
const beganAt = Date.now();
let heardAt = 0;
let isBroken = false;
// The clinic's clock against this computer's.
let ahead = main.dataset.now ? Date.parse(main.dataset.now) - Date.now() : 0;

// The stream

document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.sourceElement.id === "stream" && lastId) ctx.request.headers["Last-Event-ID"] = lastId;
});
document.addEventListener("htmx:sse:after:connection", () => heard());
document.addEventListener("htmx:sse:before:message", (event) => {
  lastId = event.detail.message.id || lastId;
  heard();
});
document.addEventListener("htmx:sse:error", ({ detail }) => {
  if (detail.status === 401 || detail.status === 423) { leave("/console/locked"); return; }
  isBroken = true;
  show();
});
// A stream that never began is not begun again by the extension.
document.addEventListener("htmx:error", ({ detail }) => {
  const stream = detail.ctx?.sourceElement;
  if (stream?.id !== "stream") return;
  isBroken = true;
  show();
  setTimeout(() => {
    if (!stream.isConnected) return;
    htmx.ajax("GET", stream.getAttribute("hx-sse:connect"), { source: stream, target: stream, swap: "none" });
  }, 2_000);
});
document.addEventListener("pulse", (event) => { ahead = Date.parse(event.detail.data) - Date.now(); });
document.addEventListener("over", (event) => leave(event.detail.data));
addEventListener("offline", () => { isBroken = true; show(); });

function heard() {
  heardAt = Date.now();
  isBroken = false;
  show();
}

function show() {
  if (!badge) return;
  const silent = Date.now() - (heardAt || beganAt);
  let state = heardAt ? "live" : "still";
  if (silent > LATE_MS || isBroken) state = "waiting";
  if (silent > LOST_MS) state = "offline";
  if (badge.dataset.state === state && heardAt) return;
  const was = badge.dataset.state;
  badge.dataset.state = state;
  badge.querySelector("[data-words]").textContent = WORDS[state];
  if (was !== "still" && (state === "offline" || was === "offline")) announce(WORDS[state]);
}

// Nothing of a patient stays on a screen that is locked.
export function leave(where) {
  document.title = "Careline";
  main.replaceChildren();
  document.getElementById("toasts").replaceChildren();
  location.replace(where);
}

// The list

const isBusy = () => box.matches(":hover") || box.contains(document.activeElement) || box.scrollTop > 8;

export function settle(isAsked = false) {
  if (!rows) return;
  const waits = !isAsked && isBusy();
  for (const row of [...arrivals.children]) take(row, waits);
  const waiting = arrivals.querySelectorAll("li:not([data-gone])").length;
  news.hidden = waiting === 0;
  news.textContent = `${waiting} new`;
  document.getElementById("rows-empty").hidden = rows.children.length > 0;
  filter();
  tick();
}

function take(row, waits) {
  const known = rows.querySelector(`#${CSS.escape(row.id)}`);
  if (row.dataset.gone) {
    if (known && waits) return;
    known?.remove();
    row.remove();
    return;
  }
  const isUrgent = row.dataset.urgent === "yes";
  if (known) {
    const hadFocus = known.contains(document.activeElement);
    if (waits && !isUrgent) { known.replaceWith(row); } else { known.remove(); place(row); }
    if (hadFocus) row.querySelector("a").focus({ preventScroll: true });
    return;
  }
  if (waits && !isUrgent) return;
  place(row);
  if (isUrgent) alarm(row);
}

function place(row) {
  const after = [...rows.children].find((each) => each.dataset.order > row.dataset.order);
  // Behind the last one that is loaded it waits for "Show more".
  if (!after && rows.dataset.more && rows.children.length) { row.remove(); return; }
  rows.insertBefore(row, after ?? null);
}

function alarm(row) {
  announce(`Urgent: ${row.querySelector(".row-why").textContent}, ${row.querySelector(".row-name").textContent}`);
  if (soundIsOn()) beep();
}

function title() {
  const count = document.getElementById("count-unassigned");
  if (!count || !rows) return;
  document.title = `${count.textContent === "0" ? "" : `(${count.textContent}) `}Inbox · Careline`;
}

let later;
const settleSoon = () => { clearTimeout(later); later = setTimeout(() => settle(), 250); };
document.addEventListener("htmx:after:swap", () => { settle(); title(); });
news?.addEventListener("click", () => { settle(true); box.scrollTop = 0; rows.querySelector("a")?.focus(); });
box?.addEventListener("pointerleave", settleSoon);
box?.addEventListener("focusout", settleSoon);
box?.addEventListener("scroll", settleSoon, { passive: true });

const wanted = document.getElementById("filter");
wanted?.addEventListener("input", () => filter());
function filter() {
  const text = wanted.value.trim().toLocaleLowerCase();
  for (const row of rows.children) {
    const words = `${row.querySelector(".row-name").textContent} ${row.querySelector(".row-why").textContent}`;
    row.hidden = text !== "" && !words.toLocaleLowerCase().includes(text);
  }
}

// Clocks: the same words as times.py

function tick() {
  const now = Date.now() + ahead;
  for (const each of document.querySelectorAll("[data-due]")) due(each, now);
  for (const each of document.querySelectorAll("[data-ago]")) {
    each.textContent = ago(now - Date.parse(each.dateTime));
  }
}

function due(each, now) {
  const at = Date.parse(each.dataset.due), from = Date.parse(each.dataset.from);
  const left = at - now, whole = Math.max(at - from, 1000);
  let style = left / whole > 0.5 ? "ok" : "warn";
  if (left < Math.min(2 * MINUTE, whole / 4)) style = "bad";
  if (left <= 0) style = "over";
  const late = span(Math.max(-left, MINUTE));
  each.querySelector("[data-short]").textContent = left <= 0 ? `${late} late` : countdown(left);
  each.querySelector("[data-long]").textContent = left <= 0 ? `Overdue by ${late}` : `Answer due in ${inWords(left)}`;
  if (!each.classList.contains(`d-${style}`)) {
    const was = [...each.classList].find((name) => name.startsWith("d-"));
    each.classList.remove(was);
    each.classList.add(`d-${style}`);
    if ((style === "warn" || style === "over") && each.closest(".alarm, .is-urgent")) {
      announce(each.querySelector("[data-long]").textContent);
    }
  }
}

const ago = (ms) => (ms < MINUTE ? "now" : span(ms));
function span(ms) {
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  return ms < DAY ? `${Math.floor(ms / HOUR)} h` : `${Math.floor(ms / DAY)} d`;
}
function countdown(ms) {
  const seconds = Math.floor(ms / 1000), minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60);
  const two = (number) => String(number).padStart(2, "0");
  if (minutes < 10) return `${minutes}:${two(seconds % 60)}`;
  return hours ? `${hours} h ${two(minutes % 60)}` : `${minutes} min`;
}
function inWords(ms) {
  const all = Math.max(1, Math.floor(ms / MINUTE)), hours = Math.floor(all / 60), minutes = all % 60;
  const many = (number, word) => (number ? [`${number} ${word}${number > 1 ? "s" : ""}`] : []);
  return [...many(hours, "hour"), ...many(minutes, "minute")].join(" ");
}
setInterval(() => { tick(); show(); }, 1000);

// Sound for urgent ones, if somebody wants it

const SOUND = "careline.sound";
const soundIsOn = () => { try { return localStorage.getItem(SOUND) === "on"; } catch { return false; } };
const sound = document.querySelector("[data-sound]");
if (sound && rows) {
  const showSound = () => sound.setAttribute("aria-pressed", String(soundIsOn()));
  sound.hidden = false;
  showSound();
  sound.addEventListener("click", () => {
    try { localStorage.setItem(SOUND, soundIsOn() ? "off" : "on"); } catch { /* not kept, then */ }
    showSound();
    if (soundIsOn()) beep();
  });
}
function beep() {
  const audio = new AudioContext();
  const tone = audio.createOscillator(), volume = audio.createGain();
  tone.frequency.value = 740;
  volume.gain.setValueAtTime(0.2, audio.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.5);
  tone.connect(volume).connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + 0.5);
}
