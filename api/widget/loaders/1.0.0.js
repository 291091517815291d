// Careline's chat button for a clinic's site. The chat itself runs in a frame of ours, which the
// site's own scripts cannot read. Nothing that a patient says or reads passes through this file.
(() => {
  const script = document.currentScript, origin = new URL(script.src).origin;
  const { clinic, label, position, color } = script.dataset;
  const lang = (script.dataset.language || document.documentElement.lang || "en").slice(0, 2);
  const [chat, fresh] = lang === "es" ? ["Chatee con nosotros", "sin leer"] : ["Chat with us", "unread"];
  const title = label || chat, key = `careline.${clinic}`;
  const corner = `position: fixed; inset: auto; inset-block-end: 20px; inset-inline-${position === "left" ? "start" : "end"}: 20px`;
  const brand = /^#[\da-f]{6}$/i.test(color) ? color : "#0a625e";
  const small = matchMedia("(max-width: 480px), (max-height: 480px)");

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
:host { all: initial }
button { ${corner}; z-index: 2147483000; display: flex; gap: 10px; align-items: center; min-height: 56px; padding: 0 24px; border: 2px solid transparent; border-radius: 30px; background: ${brand}; color: #fff; font: 600 17px system-ui, sans-serif; box-shadow: 0 4px 20px #0004; cursor: pointer }
button::before { content: ""; width: 22px; height: 20px; background: currentColor; clip-path: path("M3 0h16q3 0 3 3v9q0 3-3 3h-8l-5 5v-5h-3q-3 0-3-3v-9q0-3 3-3") }
button:focus-visible { outline: 3px solid #fff; outline-offset: -7px; box-shadow: 0 0 0 4px #0a3cff }
span { padding: 4px 9px; border-radius: 14px; background: #fff; color: #a3241c; font-size: 14px }
dialog { ${corner}; width: 400px; height: min(680px, 100dvh - 40px); max-width: none; max-height: none; margin: 0; padding: 0; border: 1px solid #0b2b3040; border-radius: 20px; overflow: hidden; box-shadow: 0 8px 48px #0004; z-index: 2147483000 }
dialog:modal { inset: 0; width: 100%; height: 100dvh; border: 0; border-radius: 0 }
iframe { display: block; width: 100%; height: 100%; border: 0 }
[hidden] { display: none }`);

  const make = (name, values) => Object.assign(document.createElement(name), values);
  const element = make("div"), root = element.attachShadow({ mode: "closed" });
  const badge = make("span", { hidden: true });
  const button = make("button", { type: "button", ariaHasPopup: "dialog", onclick: () => open(button) });
  const dialog = make("dialog", { ariaLabel: title });
  let frame, opener, kept;
  root.adoptedStyleSheets = [sheet];
  root.append(button, dialog);
  button.append(title, badge);

  const tell = (name, detail) => document.dispatchEvent(new CustomEvent(`careline:${name}`, { detail }));
  const send = (careline, value) => frame.contentWindow.postMessage({ careline, value }, origin);

  // Full screen it is modal; beside the page it is not.
  function show() {
    dialog.close();
    if (small.matches) dialog.showModal();
    else dialog.show();
    frame.focus();
  }

  function open(from) {
    if (dialog.open) return;
    opener = from;
    button.hidden = true;
    if (frame) send("seen", true);
    else {
      const src = `${origin}/c/${clinic}?lang=${lang}&host=${location.origin}`;
      dialog.append((frame = make("iframe", { title, src, referrerPolicy: "no-referrer" })));
    }
    show();
    tell("open");
  }

  function minimise() {
    if (!dialog.open) return;
    dialog.close();
    button.hidden = false;
    opener.focus();
    send("seen", false);
    tell("close");
  }

  addEventListener("message", ({ source, origin: from, data: { careline, value } = {} }) => {
    if (source !== frame?.contentWindow || from !== origin) return;
    if (careline === "ready") {
      // A browser may deny storage; then the chat lasts as long as the page.
      try { kept ??= sessionStorage.getItem(key); } catch {}
      send("start", kept);
      send("seen", dialog.open);
    }
    if (careline === "keep") {
      kept = value;
      try { sessionStorage.setItem(key, value); } catch {}
    }
    if (careline === "close") minimise();
    if (careline === "unread") {
      badge.hidden = !value;
      badge.textContent = `${value} ${fresh}`;
      tell("unread", { count: value });
    }
  });
  dialog.oncancel = (event) => event.preventDefault();
  dialog.onkeydown = ({ key: pressed }) => pressed === "Escape" && minimise();
  small.onchange = () => dialog.open && show();
  // Any link or button of the site may open the chat; without JavaScript its link leads to our page.
  document.addEventListener("click", (event) => {
    const from = event.target.closest("[data-careline-open]");
    if (!from) return;
    event.preventDefault();
    open(from);
  });
  // Not in the body, which may not have come yet.
  document.documentElement.append(element);
})();
