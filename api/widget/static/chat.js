// The chat page, by itself or in the frame on a clinic's site. Messages go up by POST and come down
// by a stream. The session's token is in memory only; what is kept for a reload is no key by itself.

const part = (id) => document.getElementById(id);
const words = JSON.parse(part("words").textContent);
const main = document.querySelector("main");
const log = part("log"), ask = part("ask"), text = part("text"), dialog = part("dialog"), view = part("scroll");
const { clinic, number, host } = main.dataset;

let language = document.documentElement.lang;
let token = null, resume = null;
let idle = 0, active = 0; // seconds until a still session rests; when it was last known not to be still
let position = 0; // of the last message shown
let asked, forms; // the message that is open to an answer; what draws a form's questions, soon
let queue = []; // messages not yet taken by the server, oldest first
let own = []; // messages that have not come back yet, oldest first
let isBusy = false, isAnswering = false; // the answer was given in the question's card: so is the next
let standing = {}; // {owner, name, open}
let last = {}; // who spoke last, and when
let isSeen = true, unread = 0; // in a frame
let stream, idling, retrying, resting; // what can be aborted, and timers

const word = (name, values = {}) => words[language][name].replace(/{(\w+)}/g, (_, key) => values[key]);

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const name in attributes) made.setAttribute(name, attributes[name]);
  made.append(...children);
  return made;
}

function button(kind, label, act) {
  const made = element("button", { type: "button", class: kind }, label);
  made.addEventListener("click", act);
  return made;
}

// Text is never parsed as markup. Digits keep their order among words of any direction.
const worded = (said) => said.split(/(\+?\d[\d ().:/-]+\d)/).map((piece, i) => (i % 2 ? element("bdi", {}, piece) : piece));

function fill(root) {
  for (const each of root.querySelectorAll("[data-word]")) each.textContent = word(each.dataset.word);
  return root;
}

const copyOf = (id) => fill(part(id).content.cloneNode(true));

// --- the clinic's page around us: exact origins both ways ------------------------------------------

function tell(careline, value) {
  if (host) parent.postMessage({ careline, value }, host);
}

// Storage is denied in some browsers; then the chat lasts as long as the page.
function keep(value) {
  resume = value;
  const kept = value ? `${language}.${value}` : "";
  if (host) return tell("keep", kept);
  try { sessionStorage.setItem(clinic, kept); } catch {}
}

function comeBack(kept) {
  resume = kept?.slice(3) || null;
  const spoken = kept?.slice(0, 2);
  if (spoken in words) speak(spoken);
  open();
}

addEventListener("message", ({ source, origin, data }) => {
  if (!host || source !== parent || origin !== host) return;
  if (data.careline === "start") comeBack(data.value);
  if (data.careline === "seen") {
    isSeen = data.value;
    if (!isSeen) return;
    tell("unread", (unread = 0));
    // Without a mouse the text box would open the keyboard.
    (matchMedia("(pointer: fine)").matches ? text : log).focus();
  }
});

// --- the transcript ----------------------------------------------------------------------------------

// On a very low window the page scrolls, not the transcript.
const scroller = () => (matchMedia("(max-height: 420px)").matches ? document.scrollingElement : view);
const isNearEnd = (s = scroller()) => s.scrollHeight - s.scrollTop - s.clientHeight < 160;
let wasNearEnd = true;

// To the end, but never past the beginning of what is to be read.
function toEnd(node, s = scroller()) {
  s.scrollTop = s.scrollHeight;
  const over = node?.getBoundingClientRect().top - Math.max(view.getBoundingClientRect().top, 48) - 12;
  if (over < 0) s.scrollTop += over;
}

view.addEventListener("scroll", () => { wasNearEnd = isNearEnd(); });
new ResizeObserver(() => { if (wasNearEnd) toEnd(); }).observe(view);

// The speaker's name and the time head what is said, once for what is said in one go.
function bubble({ from, name, text: said, tone, at = Date.now() }) {
  const who = from === "patient" ? word("you") : name || word(from), when = new Date(at);
  const time = when.toLocaleString(word("locale"), { timeStyle: "short" });
  const again = last.who === who && when - last.when < 300_000;
  last = { who, when };
  return element("div", { class: `bubble ${from} ${tone}` },
    element("p", { class: again ? "hidden" : "head" }, element("b", {}, who), ` ${time} `),
    element("p", { class: "said", dir: "auto" }, ...worded(said)));
}

function show(node, before = null) {
  log.insertBefore(node, before);
  return node;
}

const line = (said) => show(element("p", { class: "line", dir: "auto" }, ...worded(said)));
// What a tapped answer says, where the server knows only what it sends.
const labelOf = (said) => asked?.choices.find(({ send }) => send === said)?.label ?? said;

function typing(on) {
  clearTimeout(resting);
  part("typing").hidden = !on;
  if (!on) return;
  toEnd();
  resting = setTimeout(typing, 20_000, false);
}

// One announcement a message; emptied first, so that the same words are read again.
function announce(said) {
  part("announcer").textContent = "";
  setTimeout(() => { part("announcer").textContent = said; }, 60);
}

function receive(message) {
  if (message.position <= position) return;
  position = message.position;
  if (message.from === "patient") return receiveOwn(message);
  typing(false);
  const near = isNearEnd();
  // What has not come back yet was said after this.
  const shown = message.from === "system" ? line(message.text) : show(bubble(message), own[0]?.bubble);
  if (message.tone === "emergency") alarm(message.text.match(/\b\d{3}\b/)?.[0]);
  question(message, near && shown);
  if (near) toEnd(shown);
  if (!isSeen) tell("unread", ++unread);
}

// Our own words are shown already, unless another tab said them.
function receiveOwn(message) {
  const mine = own.findIndex((each) => each.position === message.position || (!each.position && each.text === message.text));
  if (mine >= 0) return own.splice(mine, 1);
  const was = asked, shown = show(bubble({ ...message, text: labelOf(message.text) }));
  if (was?.form) forms.then(({ relabel }) => relabel?.(was, message.text, shown.lastChild));
  question();
  toEnd();
  touch();
}

// The one thing to do, large and in sight: the first number of three digits in the message.
function alarm(digits = number) {
  main.dataset.alarm = digits;
  callNow();
}

function callNow() {
  const digits = main.dataset.alarm || number;
  part("call").href = `tel:${digits}`;
  part("call").replaceChildren(...worded(word("call", { number: digits })));
}

function stand(now) {
  standing = now;
  main.dataset.open = now.open;
  const automated = now.open === undefined ? "subtitle" : now.open ? "team_here" : "team_away";
  const who = now.name ? "with_person" : "with_team";
  part("standing").textContent = word(now.owner === "human" ? who : automated, now);
}

// --- the question that is open -------------------------------------------------------------------------

// `shown`: its bubble, if that is to stay in sight.
async function question(message, shown) {
  asked = message;
  ask.replaceChildren();
  ask.hidden = true;
  if (!message) return;
  // It comes with the first of them; without it they are plain ones.
  if (message.form) forms = import(main.dataset.forms).catch(() => ({}));
  const { draw = plainly } = message.form ? await forms : {};
  if (asked !== message) return;
  const said = draw(message) ?? message.text;
  ask.hidden = !ask.firstChild;
  if (isAnswering && !ask.hidden) ask.querySelector("fieldset").focus({ preventScroll: true });
  else announce(message.from === "coordinator" ? `${message.name}: ${said}` : said);
  isAnswering = false;
  if (shown) toEnd(shown);
}

function plainly({ choices, input, text }) {
  if (choices[0]) card(text, choicesOf());
  else if (input === "date") card(text, dateBoxes(say));
}

// The words stand in the transcript already; as a legend they are for screen readers.
function card(said, ...answers) {
  return ask.appendChild(element("fieldset", { tabindex: -1 }, element("legend", { class: "hidden" }, said), ...answers));
}

function choicesOf() {
  return element("div", { class: "choices" }, ...asked.choices.map(({ label, send }) => {
    const made = button("choice", label, () => say(send, label));
    if (send.length < 2) made.prepend(element("span", { "aria-hidden": true }, send));
    return made;
  }));
}

// `act` gets the date as it is sent and read in this language, in ISO form, and in its parts; `more`
// says what else is good.
function dateBoxes(act, more) {
  const boxes = copyOf("date-boxes"), form = boxes.querySelector("form"), error = boxes.querySelector(".error");
  const order = word("date_order").split(" "), box = form.elements;
  form.prepend(...order.map((name) => box[name].parentNode));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const year = +box.year.value, month = monthOf(box.month.value.trim()), day = +box.day.value;
    const date = new Date(Date.UTC(year, month - 1, day));
    const good = { year: year > 1880 && !(date > Date.now()), month: month > 0 && month < 13, day: date.getUTCDate() === day, ...more?.(year, month, day) };
    for (const name of order) box[name].ariaInvalid = !good[name];
    const wrong = order.find((name) => !good[name]);
    error.textContent = wrong ? word("date_error") : "";
    if (wrong) return box[wrong].focus();
    const reads = date.toLocaleString(word("locale"), { dateStyle: "long", timeZone: "UTC" });
    act(order.map((name) => ({ year, month, day })[name]).join("/"), reads, date.toISOString().slice(0, 10), [year, month, day]);
  });
  return boxes;
}

// "3", "mar", "marzo".
function monthOf(typed) {
  if (typed < 13) return +typed;
  for (let month = 12; typed[2] && month; month--) {
    if (new Date(2000, month - 1).toLocaleString(word("locale"), { month: "long" }).toLowerCase().startsWith(typed.toLowerCase())) return month;
  }
}

// --- saying something: shown at once, sent until it is taken, always under the same id -------------------

function say(said, label = labelOf(said)) {
  const item = { id: crypto.getRandomValues(new Uint32Array(4)).join("-"), text: said };
  item.bubble = show(bubble({ from: "patient", text: label }));
  item.note = show(element("p", { class: "note" }, word("sending")));
  queue.push(item);
  own.push(item);
  isAnswering = ask.contains(document.activeElement);
  if (isAnswering) log.focus({ preventScroll: true });
  question();
  toEnd();
  flush();
}

function call(path, body, more) {
  const headers = { "Content-Type": "application/json", Authorization: `Bearer ${token}`, "Last-Event-ID": position };
  return fetch(`/chat/${path}`, { ...more, method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body) });
}

const tried = (path, body) => call(path, body).catch(() => null);
const pauseOf = (answer) => answer?.headers.get("Retry-After") * 1000 || 2_000;

async function flush() {
  if (isBusy || !token) return;
  isBusy = true;
  while (queue.length && (await isTaken(queue[0]))) queue.shift();
  isBusy = false;
}

async function isTaken(item) {
  const answer = await tried("messages", { id: item.id, text: item.text });
  if (answer?.status === 401) return void lost(answer);
  if (!answer || answer.status > 499 || answer.status === 429) return later(item, answer);
  if (!answer.ok) return refused(item);
  item.position = (await answer.json()).position;
  item.note.remove();
  typing(standing.owner !== "human");
  touch();
  return true;
}

function later(item, answer) {
  item.note.textContent = word("waiting");
  clearTimeout(retrying);
  retrying = setTimeout(flush, pauseOf(answer));
}

function refused(item) {
  item.note.replaceChildren(button("", word("not_sent"), () => {
    item.note.textContent = word("sending");
    queue.push(item);
    flush();
  }));
  return true;
}

// --- the session -----------------------------------------------------------------------------------------

async function open() {
  const answer = await tried("sessions", { clinic, language, resume });
  offline(!answer?.ok);
  if (!answer?.ok) {
    if (answer?.status === 422) resume = null;
    return setTimeout(open, pauseOf(answer));
  }
  const opened = await answer.json();
  ({ token, resume, idle_s: idle } = opened);
  if (opened.standing === "confirm") return confirm();
  if (opened.standing === "new" && position) {
    wipe();
    line(word("ended"));
  }
  begin();
}

function begin() {
  main.dataset.mode = "on";
  keep(resume);
  touch();
  follow();
  flush();
}

function wipe() {
  log.replaceChildren();
  question();
  typing(false);
  stand({});
  main.removeAttribute("data-alarm");
  callNow();
  position = 0;
  queue = [];
  own = [];
  last = {};
}

// Nothing is shown until somebody who may see it says so.
function away(key, ...answers) {
  stream?.abort();
  clearTimeout(idling);
  dialog.close("over");
  wipe();
  main.dataset.mode = "away";
  line(word(key));
  card(word(key), ...answers);
  ask.hidden = false;
  ask.querySelector("fieldset").focus();
}

function afresh() {
  wipe();
  text.value = "";
  keep(null);
  open();
}

function confirm() {
  away("confirm", dateBoxes(async (_, reads, born) => {
    const answer = await tried("sessions/confirm", { born });
    if (answer?.status === 401) return afresh();
    if (!answer?.ok) return part("error").textContent = word(answer?.status === 403 ? "not_confirmed" : "waiting");
    wipe();
    begin();
    log.focus();
  }), button("quiet", word("start_new"), afresh));
}

// A token opens nothing any more: the session rests, or can be come back to, or is over.
async function lost(answer) {
  if (!token) return;
  token = null;
  const unsent = isBusy ? queue[0].text : "";
  const { error } = await answer.json();
  stream?.abort();
  if (error !== "session_idle") return open();
  away("rested", button("primary", word("open_again"), () => {
    wipe();
    text.value = unsent;
    open();
  }));
}

async function clear() {
  if ((await choose("sure", "clear_chat", "keep")) !== "yes") return;
  tried("sessions/end", {});
  keep(null);
  away("cleared", button("primary", word("start_new"), afresh));
}

function choose(said, yes, no) {
  part("dialog-text").textContent = word(said);
  part("yes").textContent = word(yes);
  part("no").textContent = word(no);
  dialog.returnValue = "";
  if (!dialog.open) dialog.showModal();
  return new Promise((done) => { dialog.onclose = () => done(dialog.returnValue); });
}

function touch() {
  clearTimeout(idling);
  active = Date.now();
  idling = setTimeout(warn, (idle - 120) * 1000);
}

async function warn() {
  const chosen = await choose("idle", "still_here", "clear_chat");
  if (chosen === "no") clear();
  else if (chosen !== "over") stay();
}

async function stay() {
  touch();
  const answer = await tried("sessions/stay", {});
  if (answer?.status === 401) lost(answer);
}

// The stream, again and again from where it was; after two failures by asking every now and then.
async function follow() {
  stream?.abort();
  const { signal } = (stream = new AbortController());
  for (let failed = 0; !signal.aborted; failed++) {
    const isAsking = failed > 1 && failed % 20;
    try {
      const answer = await call(isAsking ? `messages?after=${position}` : "events", undefined, { signal });
      if (answer.status === 401) return lost(answer);
      if (!answer.ok) throw answer;
      if (isAsking) {
        const news = await answer.json();
        news.messages.forEach(receive);
        stand(news.standing);
        heard();
      } else await read(answer.body, () => { failed = 0; heard(); });
    } catch {
      if (failed && !signal.aborted) offline(true);
    }
    await new Promise((done) => setTimeout(done, 2_000));
  }
}

function heard() {
  offline(false);
  flush();
}

// Keep-alives come every 15 seconds; a stream without any is dead, or held back on its way.
async function read(body, onNews) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = "", patience = 8_000; ; patience = 40_000) {
    const timer = setTimeout(() => reader.cancel(), patience);
    const { done, value } = await reader.read();
    clearTimeout(timer);
    if (done) return;
    onNews();
    const events = (rest + value).split("\n\n");
    rest = events.pop();
    events.forEach(take);
  }
}

function take(event) {
  const data = event.match(/^data: (.*)/m)?.[1];
  if (/^event: again/m.test(event)) return wipe();
  if (data) (/^event: standing/m.test(event) ? stand : receive)(JSON.parse(data));
}

function offline(on) { part("offline").hidden = !on; }

// --- the page ----------------------------------------------------------------------------------------------

function speak(spoken) {
  language = document.documentElement.lang = spoken;
  document.title = word("title");
  log.ariaLabel = word("log");
  fill(document);
  part("language").lang = word("other_code");
  stand(standing);
  callNow();
}

const on = (id, event, act) => part(id).addEventListener(event, act);

on("composer", "submit", (event) => {
  event.preventDefault();
  const said = text.value.trim();
  text.value = "";
  if (said) say(said);
});
on("text", "keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  part("composer").requestSubmit();
});
on("person", "click", () => say(word("send_person"), word("person")));
on("clear", "click", clear);
on("language", "click", () => {
  speak(word("other_code"));
  if (main.dataset.mode === "on") say(word("send_language"));
  keep(resume);
});
on("minimise", "click", () => tell("close"));
addEventListener("keydown", (event) => {
  // Somebody who writes for long is there.
  if (token && Date.now() - active > 60_000) stay();
  if (event.key === "Escape" && !dialog.open) tell("close");
});
addEventListener("online", () => {
  offline(false);
  if (main.dataset.mode === "on") follow();
});
addEventListener("offline", () => {
  stream?.abort();
  offline(true);
});

part("minimise").hidden = !host;
if (host) tell("ready");
else if (!main.dataset.link) {
  let kept;
  try { kept = sessionStorage.getItem(clinic); } catch {}
  comeBack(kept);
}

// For forms.js and link.js.
export { ask, away, button, card, choicesOf, comeBack, dateBoxes, element, say, word, worded };
