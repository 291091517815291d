// A phone in the browser: polls its thread once a second, texts by POST; and the sandbox's controls.

const LOOK_MS = 1_000;
const TICKS = { queued: "…", sent: "✓", delivered: "✓✓", received: "" };
const part = (id) => document.getElementById(id);
const log = part("log"), text = part("text"), send = document.querySelector("#composer button");

const state = { number: null, shown: "" };

async function ask(path, body) {
  const answer = await fetch(path, body === undefined ? {} : {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).detail ?? `Error ${answer.status}`);
  return answer.json();
}

function tell(said) { part("said").textContent = said; }

// --- the phone -------------------------------------------------------------------------------------

function pick(number, names) {
  Object.assign(state, { number, shown: "" });
  part("owner").textContent = names ? `${names}, ${number}` : number;
  text.disabled = send.disabled = false;
  for (const each of document.querySelectorAll("#owners button")) {
    each.setAttribute("aria-pressed", String(each.dataset.number === number));
  }
  history.replaceState(null, "", `#${number}`);
  text.focus({ preventScroll: true });
  look();
}

const thread = () => `/sandbox/phone/${encodeURIComponent(state.number)}/messages`;

async function look() {
  if (!state.number) return;
  const number = state.number;
  const { messages } = await ask(thread());
  const shown = JSON.stringify(messages);
  if (number !== state.number || shown === state.shown) return;
  state.shown = shown;
  show(messages);
}

function show(messages) {
  const nearEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 120;
  log.replaceChildren(...messages.flatMap(asNodes));
  if (!messages.length) log.append(made("p", "empty", "No texts yet. Try “I need to see a doctor about my knee, Tuesday at 3”."));
  if (nearEnd) log.scrollTop = log.scrollHeight;
}

function asNodes(message) {
  const at = new Date(message.at).toLocaleString("en-US", {
    timeZone: "America/New_York", weekday: "short", hour: "numeric", minute: "2-digit",
  });
  const tick = TICKS[message.status] ?? message.status;
  const meta = made("p", `meta ${message.direction}`, `${at} ${tick}`);
  meta.title = message.status;
  return [linked(made("p", `text ${message.direction}`, message.text)), meta];
}

// An address is a link up to the next space, as phones make it one.
function linked(node) {
  const pieces = node.textContent.split(/(https?:\/\/\S+)/);
  node.replaceChildren(...pieces.map((piece, i) => (i % 2 ? made("a", "", piece) : piece)));
  for (const link of node.querySelectorAll("a")) Object.assign(link, { href: link.textContent, target: "_blank", rel: "noopener" });
  return node;
}

function made(tag, name, said) {
  const node = document.createElement(tag);
  node.className = name;
  node.textContent = said;
  return node;
}

part("composer").addEventListener("submit", async (event) => {
  event.preventDefault();
  const said = text.value;
  if (!said.trim() || !state.number) return;
  text.value = "";
  try {
    await ask(thread(), { text: said });
    await look();
    log.scrollTop = log.scrollHeight;
  } catch (failure) {
    text.value = said;
    tell(failure.message);
  }
});
text.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  part("composer").requestSubmit();
});
part("owners").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) pick(button.dataset.number, button.dataset.names);
});
part("other").addEventListener("submit", (event) => {
  event.preventDefault();
  pick(part("number").value.trim());
});

// --- the controls ----------------------------------------------------------------------------------

async function showClock() {
  const { now, real } = await ask("/sandbox/clock");
  const at = new Date(now);
  part("now").textContent = at.toLocaleString("en-US", {
    timeZone: "America/New_York", weekday: "short", month: "short", day: "numeric", hour: "numeric", minute: "2-digit",
  });
  part("zone").textContent = real ? "Real time, at the clinic" : "Set, and ticking, at the clinic";
}

async function showFaults() {
  const faults = await ask("/sandbox/faults");
  for (const each of document.querySelectorAll("[data-service]")) each.value = faults[each.dataset.service];
}

async function working(button, said, act) {
  button.disabled = true;
  tell(said);
  try {
    await act();
    tell("");
  } catch (failure) {
    tell(failure.message);
  }
  button.disabled = false;
  await Promise.allSettled([look(), showClock(), showFaults()]);
}

part("advance").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const wanted = button.dataset.real ? { real: true } : { advance: button.dataset.advance };
  working(button, "Moving the clock…", () => ask("/sandbox/clock", wanted));
});
part("faults").addEventListener("change", (event) => {
  ask("/sandbox/faults", { [event.target.dataset.service]: event.target.value }).catch((failure) => tell(failure.message));
});
part("reset").addEventListener("click", (event) => {
  working(event.target, "Beginning anew…", () => ask("/sandbox/reset", {}));
});

async function keepLooking() {
  await Promise.allSettled([look(), showClock()]);
  setTimeout(keepLooking, LOOK_MS);
}

const first = decodeURIComponent(location.hash.slice(1));
const owner = [...document.querySelectorAll("#owners button")].find((each) => each.dataset.number === first);
if (first) pick(first, owner?.dataset.names);
showFaults();
keepLooking();
