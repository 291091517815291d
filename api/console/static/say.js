// What the page says: to screen readers in one place, and to everybody in a note that goes away.

const UNDO_MS = 10_000;
const TOAST_MS = 4_000;
const announcer = document.getElementById("announcer");
const toasts = document.getElementById("toasts");

export function announce(text) {
  announcer.textContent = "";
  // Set in a step of its own, or the same words twice would be heard once.
  requestAnimationFrame(() => { announcer.textContent = text; });
}

export function toast(text, undo) {
  const box = document.createElement("div");
  box.className = "toast";
  const words = document.createElement("span");
  words.textContent = text;
  box.append(words);
  if (undo) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Undo";
    button.addEventListener("click", () => { box.remove(); undo(); });
    box.append(button);
  }
  toasts.replaceChildren(box);
  announce(undo ? `${text} Undo is at the end of the page for ten seconds.` : text);
  setTimeout(() => box.remove(), undo ? UNDO_MS : TOAST_MS);
}
