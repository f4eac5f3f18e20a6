/* What the theme leaves to mouse and finger, by keyboard as well. */
(() => {
  "use strict";

  const words = JSON.parse(document.currentScript.dataset.words); // those of the page's language

  /** The first link of the menu's panel that is shown: each section has one. */
  function firstShown(menu) {
    const panels = [menu, ...menu.querySelectorAll(".md-nav__toggle:checked ~ .md-nav")];
    return panels.at(-1).querySelector("a.md-nav__link");
  }

  /** Show the panel that a link stands in, and none above it. */
  function showPanel(menu, link) {
    for (const toggle of menu.querySelectorAll("input.md-nav__toggle")) {
      const panel = toggle.parentElement.querySelector(":scope > .md-nav");
      if (toggle.checked !== Boolean(panel?.contains(link))) toggle.click();
    }
    requestAnimationFrame(() => { // the browser has scrolled to where the panel was hidden
      for (let part = link; part !== menu; part = part.parentElement) part.scrollLeft = 0;
      menu.scrollLeft = 0;
    });
  }

  /** Let the sign for the menu be a button, and Escape close the menu. */
  function openMenuByKeyboard() {
    const opened = document.getElementById("__drawer");
    const label = document.querySelector('label.md-header__button[for="__drawer"]');
    const menu = document.querySelector(".md-sidebar--primary");
    if (!opened || !label || !menu) return;
    const sign = document.createElement("button");
    for (const { name, value } of label.attributes) sign.setAttribute(name, value); // its looks
    sign.append(...label.childNodes);
    sign.setAttribute("aria-label", words.name);
    label.replaceWith(sign);
    const tell = () => sign.setAttribute("aria-expanded", String(opened.checked));
    opened.addEventListener("change", tell);
    tell();
    sign.addEventListener("click", (event) => {
      opened.click();
      const byKeyboard = event.detail === 0;
      if (opened.checked && byKeyboard) firstShown(menu)?.focus();
    });
    menu.addEventListener("focusin", ({ target }) => {
      if (opened.checked) showPanel(menu, target);
    });
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !opened.checked) return;
      opened.click();
      sign.focus();
    });
  }

  /** Let the focus go to the scheme that is shown: the theme checks none before the first choice. */
  function focusSchemeShown() {
    for (const scheme of document.querySelectorAll("input.md-option")) {
      if (scheme.nextElementSibling?.hidden === false) scheme.checked = true;
    }
  }

  /** Let a figure that is wider than the screen be scrolled with the arrow keys. */
  function scrollFiguresByKeyboard() {
    const watch = new ResizeObserver((entries) => {
      for (const { target } of entries) {
        if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
        else target.removeAttribute("tabindex");
      }
    });
    for (const figure of document.querySelectorAll('.md-typeset img[src*="figures/"]')) {
      watch.observe(figure.parentElement);
    }
  }

  openMenuByKeyboard();
  addEventListener("load", focusSchemeShown); // by then the theme has shown one
  scrollFiguresByKeyboard();
})();
