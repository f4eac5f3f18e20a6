// Renders the formulas of a page with KaTeX; without scripts their TeX stays readable.
"use strict";

(() => {
  const label = JSON.parse(document.currentScript.dataset.words).name;

  // A formula that is wider than its box scrolls, so the keyboard must reach it.
  const makeReachable = (formula) => {
    const scrolls = formula.scrollWidth > formula.clientWidth;
    for (const [name, value] of [["tabindex", "0"], ["role", "group"], ["aria-label", label]]) {
      if (scrolls) formula.setAttribute(name, value);
      else formula.removeAttribute(name);
    }
  };

  const sizes = new ResizeObserver((entries) => {
    for (const { target } of entries) makeReachable(target.closest(".arithmatex"));
  });

  for (const formula of document.querySelectorAll(".arithmatex")) {
    const tex = formula.textContent.trim().replace(/^\\\[|\\\]$/g, "");
    katex.render(tex, formula, { displayMode: true, throwOnError: false });
    sizes.observe(formula);
    sizes.observe(formula.firstElementChild);
  }
})();
