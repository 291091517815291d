// The page of a one-time link: the birth date first, then the chat, at the form that it is for.

const part = (id) => document.getElementById(id);
const { chat, clinic } = document.querySelector("main").dataset;
const { ask, away, button, comeBack, dateBoxes, word } = await import(chat);

const link = location.hash.slice(1);
// It stands in no address any more, not even in the history.
history.replaceState(null, "", location.pathname + location.search);

async function open(_, reads, born) {
  const language = document.documentElement.lang;
  const body = JSON.stringify({ clinic, language, link, born });
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch("/chat/sessions/link", { method: "POST", headers, body }).catch(() => null);
  if ([404, 410, 422].includes(answer?.status)) return over();
  if (!answer?.ok) return part("error").textContent = word(answer?.status === 403 ? "not_confirmed" : "failed");
  const { resume } = await answer.json();
  // Loaded anew it is the chat: the link is used up.
  history.replaceState(null, "", `/c/${clinic}?lang=${language}`);
  part("log").replaceChildren();
  ask.replaceChildren();
  ask.hidden = true;
  comeBack(`${language}.${resume}`);
  part("log").focus();
}

function over() {
  away("link_over", button("primary", word("start_new"), () => location.assign(`/c/${clinic}`)));
}

if (link) away("link", dateBoxes(open));
else over();
