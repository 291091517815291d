// The questions of a form: loaded with the first of them.

const page = document.querySelector("main").dataset;
const { ask, button, card, choicesOf, dateBoxes, element, say, word, worded } = await import(page.chat);

const style = element("link", { rel: "stylesheet", href: page.formsLook });
await new Promise((done) => {
  style.onload = style.onerror = done;
  document.head.append(style);
});

const CONTROLS = { many, number, long, day, review };

// Draws what a question is answered with; returns what is read out of it.
export function draw(message) {
  const { choices, form, input, text } = message, step = form.of && !form.review[0] ? word("step", form) : "";
  if (step) {
    const bar = element("progress", { max: form.of, value: form.number, "aria-label": step });
    ask.append(element("div", { class: "steps" }, element("span", { id: "step" }, step), bar));
  }
  const fields = card(text, form.help ? why(form.help) : "", CONTROLS[input]?.(message) ?? (choices.length ? choicesOf() : ""));
  if (step) fields.setAttribute("aria-describedby", "step");
  const ways = [form.can_go_back && "back", form.can_skip && "skip"].filter(Boolean);
  ask.append(element("div", { class: "ways" }, ...ways.map((name) => sender("quiet", name))));
  return step ? `${step}. ${text}` : text;
}

// An answer in the words of its question, where the server knows only what was sent.
export function relabel({ choices, form, input }, said, node) {
  const name = ["back", "skip", "submit"].find((each) => said === word(`send_${each}`));
  const line = form.review.find((each) => said === word("send_change", each));
  const labels = said.split(" ").map((each) => choices.find(({ send }) => send === each)?.label);
  const label = name ? word(name) : line ? changeOf(line) : input === "day" ? dayIn(said) : labels.every(Boolean) && labels.join(", ");
  if (label) node.replaceChildren(...worded(label));
}

const changeOf = (line) => `${word("change")}: ${line.question}`;
const sender = (kind, name) => button(kind, word(name), () => say(word(`send_${name}`), word(name)));

const why = (help) => element("details", {}, element("summary", { class: "quiet" }, word("why")), element("p", { dir: "auto" }, ...worded(help)));

// `act` says the answer, or returns the field to go back to.
function boxes(kind, act, ...parts) {
  const made = element("form", { class: kind }, ...parts, element("button", { class: "primary" }, word("continue")));
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    act(made)?.focus();
  });
  return made;
}

function many({ choices }) {
  const error = element("p", { class: "error", role: "alert" });
  const rows = choices.map(({ label, send }) => element("label", { class: "choice" }, element("input", { type: "checkbox", value: send }), label));
  rows.forEach((row) => { row.onchange = () => { error.textContent = ""; }; });
  return boxes("many", (made) => {
    const chosen = [...made.querySelectorAll(":checked")];
    if (chosen[0]) return say(chosen.map((each) => each.value).join(" "), chosen.map((each) => each.parentNode.textContent).join(", "));
    error.textContent = word("many_error");
    return made[0];
  }, element("p", { class: "hint" }, word("many_hint")), ...rows, error);
}

// Bounds are a hint: what is out of them is asked about kindly, not refused here.
function number({ form: { unit, minimum, maximum } }) {
  const bound = minimum ? (maximum ? "between" : "at_least") : maximum && "at_most";
  const field = element("input", { inputmode: "decimal", maxlength: 40, autocomplete: "off", "aria-describedby": "hint unit" });
  const hint = bound ? element("p", { class: "hint", id: "hint" }, word(bound, { minimum, maximum })) : "";
  return oneBox("date", field, hint, element("span", { id: "unit" }, unit ?? ""));
}

function long() {
  return oneBox("long", element("textarea", { maxlength: 4000 }));
}

function oneBox(kind, field, hint = "", unit = "") {
  const act = () => (field.value.trim() ? say(field.value.trim()) : field);
  return boxes(kind, act, hint, element("label", {}, word("your_answer"), field), unit);
}

// Any day, or a month or a year of which no more is known.
function day() {
  const made = dateBoxes((sends, reads, date, parts) => {
    const iso = parts.filter(Boolean).map((part) => `${part}`.padStart(2, 0)).join("-");
    say(iso, dayIn(iso));
  }, (year, month, day) => ({ year: year > 999, ...(month === 0 && !day && { month: true }), ...(day === 0 && { day: true }) }));
  made.querySelector(".hint").textContent = word("day_hint");
  made.querySelectorAll("input").forEach((each) => { each.autocomplete = "off"; });
  return made;
}

// Nothing, if it is no day.
function dayIn(iso) {
  const [is, month, day] = iso.match(/^\d{4}(-\d\d)?(-\d\d)?$/) ?? [];
  return is && new Date(iso).toLocaleString(word("locale"), { year: "numeric", month: month && "long", day: day && "numeric", timeZone: "UTC" });
}

function review({ form }) {
  const rows = form.review.map((line) => {
    const change = button("quiet", word("change"), () => say(word("send_change", line), changeOf(line)));
    change.ariaLabel = changeOf(line);
    return element("div", {}, element("dt", { dir: "auto" }, line.question),
      element("dd", { dir: "auto" }, ...worded(line.answer)), element("dd", {}, change));
  });
  return element("div", { class: "many" }, element("dl", {}, ...rows), sender("primary", "submit"));
}
