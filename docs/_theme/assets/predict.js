/* Hides what blocks print, until the reader has predicted it.

   A switch in the header, or the key O, hides every run of output lines on the
   page. Each becomes a button that shows its lines; the switch shows them all
   again. The choice is remembered. In main.html a line of script hides them
   before anything is painted. */
(() => {
  "use strict";

  const STORED = "handbook.predict"; // main.html reads it, too
  const KEY = "o";
  const HIDING = "data-predict";
  const EYE = {
    open: "M12 9a3 3 0 0 1 3 3 3 3 0 0 1-3 3 3 3 0 0 1-3-3 3 3 0 0 1 3-3m0-4.5c5 0 9.27 3.11 11 7.5-1.73 4.39-6 7.5-11 7.5S2.73 16.39 1 12c1.73-4.39 6-7.5 11-7.5M3.18 12a9.821 9.821 0 0 0 17.64 0 9.821 9.821 0 0 0-17.64 0",
    closed:
      "M2 5.27 3.28 4 20 20.72 18.73 22l-3.08-3.08c-1.15.38-2.37.58-3.65.58-5 0-9.27-3.11-11-7.5.69-1.76 1.79-3.31 3.19-4.54zM12 9a3 3 0 0 1 3 3 3 3 0 0 1-.17 1L11 9.17A3 3 0 0 1 12 9m0-4.5c5 0 9.27 3.11 11 7.5a11.8 11.8 0 0 1-4 5.19l-1.42-1.43A9.86 9.86 0 0 0 20.82 12 9.82 9.82 0 0 0 12 6.5c-1.09 0-2.16.18-3.16.5L7.3 5.47c1.44-.62 3.03-.97 4.7-.97M3.18 12A9.82 9.82 0 0 0 12 17.5c.69 0 1.37-.07 2-.21L11.72 15A3.064 3.064 0 0 1 9 12.28L5.6 8.87c-.99.85-1.82 1.91-2.42 3.13",
  };

  const root = document.documentElement;
  const words = JSON.parse(document.currentScript.dataset.words);
  const runs = [...document.querySelectorAll("pre .printed")];

  function remember(hiding) {
    try {
      if (hiding) localStorage.setItem(STORED, "on");
      else localStorage.removeItem(STORED);
    } catch {
      // the switch still works, on this page
    }
  }

  /** Put the lines out of sight of eyes and screen readers, in the space that they take. */
  function cover(run) {
    if (run.getAttribute("role")) return;
    const lines = document.createElement("span");
    lines.append(...run.childNodes);
    run.append(lines);
    run.setAttribute("role", "button");
    run.setAttribute("aria-label", words.show);
    run.tabIndex = 0;
  }

  function uncover(run) {
    if (!run.getAttribute("role")) return;
    run.replaceChildren(...run.firstElementChild.childNodes);
    run.removeAttribute("role");
    run.removeAttribute("aria-label");
    run.tabIndex = -1; // keeps the focus, so that a screen reader goes on here
  }

  function apply(hiding) {
    root.toggleAttribute(HIDING, hiding);
    toggle.setAttribute("aria-pressed", String(hiding));
    icon.setAttribute("d", hiding ? EYE.closed : EYE.open);
    runs.forEach(hiding ? cover : uncover);
  }

  function flip() {
    const hiding = !root.hasAttribute(HIDING);
    apply(hiding);
    remember(hiding);
  }

  function drawing() {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    const path = document.createElementNS(space, "path");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    svg.append(path);
    return [svg, path];
  }

  const isTyping = (target) =>
    target.isContentEditable || target.closest("input, textarea, select") !== null;

  const header = document.querySelector(".md-header__inner");
  if (!header || runs.length === 0) {
    root.removeAttribute(HIDING);
    return;
  }
  const [svg, icon] = drawing();
  const toggle = document.createElement("button");
  toggle.type = "button";
  toggle.className = "md-header__button md-icon predict";
  toggle.title = words.hint;
  toggle.setAttribute("aria-label", words.name);
  toggle.setAttribute("aria-keyshortcuts", KEY);
  toggle.append(svg);
  toggle.addEventListener("click", flip);
  header.insertBefore(toggle, header.querySelector(".md-header__title")?.nextSibling ?? null);

  document.addEventListener("click", ({ target }) => {
    const run = target.closest?.(".printed[role]");
    if (run) uncover(run);
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    if (event.target.matches?.(".printed[role]") && ["Enter", " "].includes(event.key)) {
      event.preventDefault(); // the space bar would scroll
      uncover(event.target);
    } else if (event.key.toLowerCase() === KEY && !event.repeat && !isTyping(event.target)) {
      flip();
    }
  });
  apply(root.hasAttribute(HIDING));
})();
