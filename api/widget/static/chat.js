// The hosted chat: one session, messages up by POST, messages down by SSE with resume.
// The session's token is the only thing kept, for this tab; words never are.

const LOCALES = { en: "en-US", es: "es-US" };
const CHANGE = { en: "ENGLISH", es: "ESPAÑOL" };
const PERSON = { en: "PERSON", es: "PERSONA" };
const TYPING_MS = 20_000;
const RETRY_MS = 3_000;

const words = JSON.parse(document.getElementById("words").textContent);
const main = document.querySelector("main");
const part = (id) => document.getElementById(id);
const log = part("log"), ask = part("ask"), text = part("text");
const key = `careline.${main.dataset.clinic}`;

const state = {
  language: document.documentElement.lang,
  session: null, // {token, session}
  position: 0, // of the last message shown
  choices: [], // of the assistant's last message
  queue: [], // messages not yet taken by the server, oldest first
  own: [], // messages that the stream has not brought back yet, oldest first
  busy: false,
  answering: false, // the answer was given in the question's own card: the focus goes to the next one
  events: null,
};
const word = (name) => words[state.language][name];

// --- a few steps to build elements; text is never parsed as markup ------------------------------

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") for (const [event, act] of Object.entries(value)) made.addEventListener(event, act);
    else if (value === true) made.setAttribute(name, "");
    else if (value != null && value !== false) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child != null));
  return made;
}

// Storage is denied in some frames; then the session lasts as long as the page.
const memory = {
  get() { try { return sessionStorage.getItem(key); } catch { return null; } },
  set(value) { try { sessionStorage.setItem(key, value); } catch { /* kept in `state` only */ } },
  drop() { try { sessionStorage.removeItem(key); } catch { /* nothing was kept */ } },
};

// --- the transcript ----------------------------------------------------------------------------

function show(node, before = part("typing")) {
  const nearEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 160;
  log.insertBefore(node, before);
  if (nearEnd) toEnd();
  return node;
}

function toEnd() { log.scrollTop = log.scrollHeight; }

// What opens below the log must not cover its end.
let height = 0;
new ResizeObserver(() => {
  if (log.scrollHeight - log.scrollTop - Math.max(height, log.clientHeight) < 160) toEnd();
  height = log.clientHeight;
}).observe(log);

function bubble(from, said, name) {
  const mine = from === "patient";
  const speaker = mine ? word("you") : name || word(from === "coordinator" ? "coordinator" : "assistant");
  const shown = element("span", { class: from === "coordinator" ? "name" : "hidden" }, `${speaker}: `);
  return element("div", { class: `bubble ${from}`, dir: "auto" }, shown, said);
}

// What a tapped answer says, where the server knows only what it sends.
function labelOf(said) {
  return state.choices.find((choice) => choice.send === said)?.label ?? said;
}

function typing(on) {
  clearTimeout(typing.timer);
  part("typing").hidden = !on;
  if (!on) return;
  toEnd();
  typing.timer = setTimeout(() => typing(false), TYPING_MS);
}

// One announcement a message; emptied first, so that the same words are read again.
function announce(said) {
  part("announcer").textContent = "";
  setTimeout(() => { part("announcer").textContent = said; }, 60);
}

function receive(message) {
  if (message.position <= state.position) return;
  state.position = message.position;
  if (message.from === "patient") return receiveOwn(message);
  typing(false);
  if (message.text) {
    const said = message.from === "system"
      ? element("p", { class: "line" }, message.text)
      : bubble(message.from, message.text, message.name);
    // What the stream has not brought back yet was said after this.
    show(said, state.own[0]?.bubble);
  }
  question(message);
}

// Our own words come back by the stream: the bubble is there already, unless another tab said them.
function receiveOwn(message) {
  const own = state.own.find((each) => each.position === message.position)
    ?? state.own.find((each) => each.position === undefined && each.text === message.text);
  if (own) {
    state.own.splice(state.own.indexOf(own), 1);
    return;
  }
  show(bubble("patient", labelOf(message.text)));
  question(null);
}

// --- the question that is open -------------------------------------------------------------------

function question(message) {
  ask.replaceChildren();
  state.choices = message?.choices ?? [];
  if (message?.choices.length) ask.append(choicesOf(message));
  else if (message?.input === "date") ask.append(dateOf(message));
  ask.hidden = !ask.childElementCount;
  if (!message) return;
  toEnd();
  if (state.answering && !ask.hidden) ask.firstElementChild.focus({ preventScroll: true });
  else if (message.text) announce(message.text);
  state.answering = false;
}

function fieldset(message, ...children) {
  return element("fieldset", { tabindex: "-1" }, element("legend", { class: "hidden" }, message.text), ...children);
}

function choicesOf(message) {
  const buttons = message.choices.map((choice) =>
    element("button", { type: "button", class: "choice", on: { click: () => say(choice.send, choice.label) } }, choice.label));
  return fieldset(message, element("div", { class: "choices" }, ...buttons));
}

function dateOf(message) {
  const box = (name) => element("label", {}, word(name), element("input", {
    id: name, inputmode: "numeric", autocomplete: `bday-${name}`, maxlength: name === "year" ? 4 : 12,
    "aria-describedby": "date-hint date-error",
  }));
  const order = state.language === "es" ? ["day", "month", "year"] : ["month", "day", "year"];
  const error = element("p", { class: "error", id: "date-error", role: "alert" });
  const go = element("button", { type: "submit", class: "primary" }, word("continue"));
  const form = element("form", { class: "date", novalidate: true, on: { submit: (event) => {
    event.preventDefault();
    takeDate(form, order, error);
  } } }, ...order.map(box), go);
  return fieldset(message, element("p", { class: "hint", id: "date-hint" }, word("date_hint")), error, form);
}

function takeDate(form, order, error) {
  const typed = Object.fromEntries(order.map((name) => [name, form.querySelector(`#${name}`)]));
  const [year, day, month] = [+typed.year.value, +typed.day.value, monthOf(typed.month.value)];
  const date = new Date(Date.UTC(year, month - 1, day));
  const good = {
    year: year > 1880 && year <= new Date().getFullYear(),
    month: month >= 1 && month <= 12,
    day: date.getUTCDate() === day && day > 0,
  };
  for (const name of order) typed[name].setAttribute("aria-invalid", String(!good[name]));
  const wrong = order.find((name) => !good[name]);
  if (wrong) {
    error.textContent = word("date_error");
    typed[wrong].focus();
    return;
  }
  const sends = order.map((name) => ({ year, month, day })[name]).join("/");
  say(sends, new Intl.DateTimeFormat(LOCALES[state.language], { dateStyle: "long", timeZone: "UTC" }).format(date));
}

// "3", "mar", "marzo".
function monthOf(typed) {
  if (/^\d+$/.test(typed.trim())) return +typed;
  const wanted = typed.trim().toLowerCase();
  const name = (i) => new Intl.DateTimeFormat(LOCALES[state.language], { month: "long" }).format(new Date(2000, i, 15));
  return wanted.length < 3 ? NaN : 1 + [...Array(12).keys()].findIndex((i) => name(i).toLowerCase().startsWith(wanted));
}

// --- saying something: shown at once, sent until it is taken, always under the same id ------------

function say(said, label) {
  const item = { id: newId(), text: said, position: undefined };
  item.bubble = show(bubble("patient", label ?? labelOf(said)));
  item.note = show(element("p", { class: "note" }, word("sending")));
  state.queue.push(item);
  state.own.push(item);
  state.answering = ask.contains(document.activeElement);
  // Not to the text box: on a phone that would open the keyboard.
  if (state.answering) log.focus({ preventScroll: true });
  question(null);
  toEnd();
  flush();
}

function newId() {
  return crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}

async function flush() {
  if (state.busy || !state.session) return;
  state.busy = true;
  while (state.queue.length) {
    const outcome = await post(state.queue[0]);
    if (outcome === "later") break;
    if (outcome === "over") { state.busy = false; return startAnew(); }
    const item = state.queue.shift();
    if (outcome === "refused") refused(item);
  }
  state.busy = false;
}

async function post(item) {
  let answer;
  try {
    answer = await fetch("/chat/messages", {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${state.session.token}` },
      body: JSON.stringify({ id: item.id, text: item.text }),
    });
  } catch {
    return later(item);
  }
  if (answer.status === 401) return "over";
  if (answer.status >= 500 || answer.status === 429) return later(item);
  if (!answer.ok) return "refused";
  item.position = (await answer.json()).position;
  item.note.remove();
  typing(true);
  return "taken";
}

function later(item) {
  item.note.textContent = word("waiting");
  clearTimeout(later.timer);
  later.timer = setTimeout(flush, RETRY_MS);
  return "later";
}

function refused(item) {
  const again = element("button", { type: "button", on: { click: () => {
    item.note.textContent = word("sending");
    state.queue.push(item);
    flush();
  } } }, word("not_sent"));
  item.note.replaceChildren(again);
}

// --- the session ----------------------------------------------------------------------------------

async function start() {
  const kept = memory.get();
  state.session = kept ? { token: kept } : await open();
  if (state.session) {
    listen();
    flush();
  }
}

async function open() {
  try {
    const answer = await fetch("/chat/sessions", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ clinic: main.dataset.clinic, language: state.language }),
    });
    if (!answer.ok) throw new Error("not opened");
    const session = await answer.json();
    memory.set(session.token);
    return session;
  } catch {
    offline(true);
    setTimeout(start, RETRY_MS);
    return null;
  }
}

function listen() {
  const query = new URLSearchParams({ token: state.session.token, after: state.position });
  state.events = new EventSource(`/chat/events?${query}`);
  state.events.addEventListener("message", (event) => receive(JSON.parse(event.data)));
  state.events.addEventListener("open", () => { offline(false); flush(); });
  state.events.addEventListener("error", () => {
    if (state.events.readyState !== EventSource.CLOSED) return offline(true);
    reopen();
  });
}

// The stream was refused: the session has ended, or the server answered with an error for a while.
async function reopen() {
  state.events.close();
  try {
    const headers = { Authorization: `Bearer ${state.session.token}` };
    const answer = await fetch(`/chat/messages?after=${state.position}`, { headers });
    if (answer.status === 401) return startAnew();
  } catch { /* no connection: try the stream again */ }
  offline(true);
  setTimeout(listen, RETRY_MS);
}

async function startAnew() {
  state.events?.close();
  memory.drop();
  Object.assign(state, { session: null, position: 0, queue: [], own: [] });
  log.querySelectorAll(".bubble, .note, .line").forEach((each) => each.remove());
  question(null);
  show(element("p", { class: "line" }, word("ended")));
  await start();
}

function offline(on) { part("offline").hidden = !on; }

// --- the page -------------------------------------------------------------------------------------

function speak(language) {
  state.language = language;
  document.documentElement.lang = language;
  document.title = word("title").replace("{clinic}", main.dataset.name);
  log.setAttribute("aria-label", word("log"));
  for (const each of document.querySelectorAll("[data-word]")) each.textContent = word(each.dataset.word);
}

function grow() {
  text.style.height = "auto";
  text.style.height = `${Math.min(text.scrollHeight + 2, 140)}px`;
}

part("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const said = text.value.trim();
  if (!said) return;
  text.value = "";
  grow();
  say(said);
});
text.addEventListener("input", grow);
text.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  part("composer").requestSubmit();
});
part("person").addEventListener("click", () => say(PERSON[state.language], word("person")));
part("language").addEventListener("click", () => {
  speak(state.language === "en" ? "es" : "en");
  say(CHANGE[state.language]);
});
addEventListener("online", () => { offline(false); flush(); });
addEventListener("offline", () => offline(true));

start();
