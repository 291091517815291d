// The console's page in the browser. Everything also works as plain links and forms; this makes
// them change a part of the page. htmx turns answers into markup, through its own policy.

import { forget, hasDrafts, refresh, restore, sent } from "./composer.js";
import { installKeys } from "./keys.js";
import { leave } from "./live.js";
import { announce, toast } from "./say.js";

const narrow = matchMedia("(max-width: 760px)");
const work = () => document.getElementById("work");
let wantedWork = "", shownWork = "";

// Opening a conversation beside the list

function go(link, push = true) {
  mark(link.dataset.open);
  if (narrow.matches) { location.assign(link.href); return; }
  show(link.getAttribute("href"), push);
  link.focus({ preventScroll: true });
  link.scrollIntoView({ block: "nearest" });
}

async function show(address, push) {
  wantedWork = address;
  // What is there already is not drawn anew under the hands of whoever writes in it.
  if (address === shownWork) return;
  if (push) history.pushState({ careline: true }, "", address);
  await htmx.ajax("GET", address, { source: work(), target: "#work", swap: "outerHTML" });
}

function mark(id) {
  for (const each of document.querySelectorAll("#rows a[aria-current]")) each.removeAttribute("aria-current");
  document.querySelector(`#rows a[data-open="${CSS.escape(id)}"]`)?.setAttribute("aria-current", "true");
}

document.addEventListener("click", (event) => {
  const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  const link = event.target.closest("a[data-open]");
  if (link && isPlain && !narrow.matches) { event.preventDefault(); go(link); return; }
  const again = event.target.closest("[data-pane-again]");
  if (again && isPlain) { event.preventDefault(); loadPane(again.dataset.paneAgain); }
});
addEventListener("popstate", () => {
  if (narrow.matches || !work()) { location.reload(); return; }
  mark(location.pathname.split("/").pop());
  show(location.pathname + location.search, false);
});
document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  const type = ctx.response?.headers.get("Content-Type") ?? "text/html";
  const isStale = ctx.request.method === "GET" && ctx.target?.id === "work" && ctx.request.action !== wantedWork;
  if (ctx.sourceElement.id === "stream") return;
  if (!type.startsWith("text/html")) toast("That did not work. Please try again.");
  if (isStale || !type.startsWith("text/html")) event.preventDefault();
});

// Acts

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-act]")) return;
  event.preventDefault();
  if (form.dataset.busy) return;
  form.dataset.busy = "yes";
  if (form.dataset.write === "reply") form.querySelector(".collision")?.setAttribute("hidden", "");
  const options = { source: form, event, target: "#work", swap: "none" };
  htmx.ajax("POST", form.getAttribute("action"), options).finally(() => { delete form.dataset.busy; });
});
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  const form = ctx.sourceElement;
  if (ctx.request.method !== "POST") return;
  if (ctx.response.status >= 500) toast("That did not work. Please try again.");
  if (!ctx.response.raw.ok) return;
  closeMenus();
  sent(form);
  hasWritten = Boolean(form.dataset.write);
  const said = ctx.response.headers.get("Careline-Done");
  if (said) done(JSON.parse(said), form.querySelector("input[name=csrf]").value);
});
document.addEventListener("htmx:error", (event) => {
  if (event.detail.ctx?.request.method === "POST") toast("You are offline. Nothing was sent; it is still here.");
});

function done({ say, undo, next }, csrf) {
  if (next) show(next, true);
  if (!say) return;
  toast(say, undo && (() => {
    const form = document.createElement("form");
    form.dataset.act = "";
    form.method = "post";
    form.setAttribute("action", undo);
    const token = Object.assign(document.createElement("input"), { type: "hidden", name: "csrf", value: csrf });
    form.append(token);
    form.hidden = true;
    document.body.append(form);
    form.requestSubmit();
    setTimeout(() => form.remove(), 10_000);
  }));
}

// What changed on the page

let lastPatient = 0, opened = "", drawn = null;
const scroller = () => (narrow.matches ? document.getElementById("talk") : document.getElementById("log"));
const isAtEnd = (box) => box.scrollHeight - box.scrollTop - box.clientHeight < 80;
let wasAtEnd = true, hasWritten = false;

document.addEventListener("htmx:before:swap", () => {
  const box = scroller();
  wasAtEnd = !box || isAtEnd(box);
});
document.addEventListener("htmx:after:swap", arrange);

function arrange() {
  const content = document.getElementById("log-content");
  const isOther = opened !== (work()?.dataset.conversation ?? "");
  opened = work()?.dataset.conversation ?? "";
  document.body.classList.toggle("has-open", opened !== "");
  const patient = Number(content?.dataset.patient ?? 0);
  if (work() !== drawn) { restore(); shownWork = wantedWork; }
  drawn = work();
  if (!isOther && patient > lastPatient) announce(`New message from ${document.querySelector("#head h1").textContent}`);
  lastPatient = patient;
  refresh();
  const box = scroller();
  // On a phone why it is here comes before what was said last.
  const fromTop = isOther && narrow.matches && document.getElementById("packet")?.open;
  if (box && !fromTop && (isOther || wasAtEnd || hasWritten)) box.scrollTop = box.scrollHeight;
  hasWritten = false;
  const late = document.querySelector("#pane [data-pane-auto]");
  if (late) { const address = late.dataset.paneAuto; delete late.dataset.paneAuto; loadPane(address); }
}

function loadPane(address) {
  htmx.ajax("GET", address, { source: document.getElementById("pane"), target: "#pane", swap: "none" });
}

// Menus and the patient's drawer

function closeMenus(but) {
  for (const each of document.querySelectorAll("details.menu[open]")) if (each !== but) each.open = false;
}
document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (menu) { menu.open = false; menu.querySelector("summary").focus(); return; }
  drawer(false);
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-pane-toggle]")) drawer(!document.getElementById("pane").classList.contains("is-open"));
  if (event.target.closest("[data-pane-close]")) drawer(false);
});
function drawer(isOpen) {
  const pane = document.getElementById("pane"), toggle = document.querySelector("[data-pane-toggle]");
  if (!pane || pane.classList.contains("is-open") === isOpen) return;
  pane.classList.toggle("is-open", isOpen);
  toggle.setAttribute("aria-expanded", String(isOpen));
  (isOpen ? pane : toggle).focus();
}

// Idle, and leaving

const idle = Number(document.body.dataset.idleS || 0) * 1000;
let actedAt = Date.now();
for (const type of ["pointerdown", "keydown", "wheel"]) {
  addEventListener(type, () => { actedAt = Date.now(); }, { passive: true });
}
if (idle) {
  setInterval(() => { if (Date.now() - actedAt > idle) { forget(); leave("/console/locked"); } }, 5_000);
}
addEventListener("beforeunload", (event) => {
  if (!narrow.matches && hasDrafts() && work()) event.preventDefault();
});
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
document.addEventListener("over", forget);
document.addEventListener("submit", (event) => { if (event.target.matches("[data-plain]")) forget(); });

installKeys(go);
arrange();
