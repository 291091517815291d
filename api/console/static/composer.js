// Writing: what is unsent is kept in memory for each conversation, and only there; a reply and a
// note are two fields of two forms, so the words of one never become the other's.

const WRITING_EVERY_MS = 3_000;
const STOPPED_AFTER_MS = 6_000;
const LOOK_EVERY_MS = 7_000;
const GSM = /^[\n\r !"#$%&'()*+,\-./0-9:;<=>?@A-Z_a-z¡£¤¥§¿ÄÅÆÇÉÑÖØÜßàäåæèéìñòöøùüΓΔΘΛΞΠΣΦΨΩ]*$/;
const drafts = new Map();
let wroteAt = 0, saidAt = 0, isWriting = false;

const open = () => document.getElementById("work")?.dataset.conversation || "";
const field = (mode) => document.getElementById(`${mode}-text`);
const seen = () => document.querySelector("#reply-form input[name=seen]");
const here = () => `/console/conversations/${open()}`;

export function choose(mode) {
  const radio = document.getElementById(`mode-${mode}`);
  if (!radio) return;
  radio.checked = true;
  field(mode).focus();
}

// Called whenever another conversation may be open.
export function restore() {
  const kept = drafts.get(open());
  if (!field("reply")) return;
  if (kept) {
    for (const mode of ["reply", "note"]) field(mode).value = kept[mode] || field(mode).value;
    document.getElementById(`mode-${kept.mode}`).checked = true;
  }
  count();
  block();
  look();
}

// Called after every change of the page: what stands in an empty field has been read.
export function refresh() {
  const content = document.getElementById("log-content");
  if (!content || !field("reply")) return;
  if (field("reply").value.trim() === "" && !document.hidden) seen().value = content.dataset.position;
  block();
}

function block() {
  const state = document.getElementById("reply-state");
  if (!state) return;
  const isBlocked = state.dataset.blocked === "yes";
  field("reply").disabled = isBlocked;
  document.querySelector("#reply-form .send").disabled = isBlocked;
}

export function sent(form) {
  const mode = form.dataset.write;
  if (!mode || !form.isConnected) return;
  form.elements.text.value = "";
  form.elements.id.value = crypto.randomUUID();
  isWriting = false;
  // It has been read by now; the transcript needs the room.
  if (mode === "reply") document.getElementById("packet").open = false;
  keep();
  refresh();
  count();
}

function keep() {
  const conversation = open();
  if (!conversation || !field("reply")) return;
  drafts.set(conversation, {
    reply: field("reply").value,
    note: field("note").value,
    mode: document.getElementById("mode-note").checked ? "note" : "reply",
  });
}

export const hasDrafts = () => [...drafts.values()].some((each) => each.reply.trim() || each.note.trim());
export const forget = () => drafts.clear();

function count() {
  const shown = document.querySelector("#reply-form [data-count]");
  const text = field("reply").value;
  const [one, more] = GSM.test(text) ? [160, 153] : [70, 67];
  const parts = text.length <= one ? 1 : Math.ceil(text.length / more);
  shown.textContent = parts > 1 && document.querySelector("#reply-form [href='#i-smartphone']") ? `${parts} texts long.` : "";
}

document.addEventListener("input", (event) => {
  if (!event.target.matches("#reply-text, #note-text, .modes input")) return;
  keep();
  count();
  if (event.target.id !== "reply-text") return;
  wroteAt = Date.now();
  if (wroteAt - saidAt > WRITING_EVERY_MS) {
    saidAt = wroteAt;
    isWriting = true;
    post("writing", {});
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest("form[data-write]");
  if (!form) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector(".send"));
});

// That one looks, and how far one has read. By itself this keeps nobody signed in.
function look() {
  if (!open() || document.hidden || !field("reply")) return;
  if (isWriting && Date.now() - wroteAt < STOPPED_AFTER_MS) return;
  isWriting = false;
  post("look", { position: document.getElementById("log-content").dataset.position });
}
setInterval(look, LOOK_EVERY_MS);
document.addEventListener("visibilitychange", () => { refresh(); look(); });

async function post(what, fields) {
  const csrf = document.querySelector("#reply-form input[name=csrf]").value;
  try {
    await fetch(`${here()}/${what}`, {
      method: "POST",
      headers: { "X-CSRF-Token": csrf, "HX-Request": "true" },
      body: new URLSearchParams(fields),
      credentials: "same-origin",
    });
  } catch { /* the stream's badge tells that we are offline */ }
}
