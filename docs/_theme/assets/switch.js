/* The language switch keeps the reader's place: anchors are the same in both languages. */
(() => {
  "use strict";

  /** The heading of what is being read: the last one that stands at the top or above it. */
  function headingRead() {
    const top = 2 * document.querySelector(".md-header").offsetHeight; // links lead just below it
    const headings = [...document.querySelectorAll(".md-content :is(h2, h3)[id]")];
    const visible = headings.filter((heading) => heading.checkVisibility()); // the filter hides some
    return visible.findLast((heading) => heading.getBoundingClientRect().top < top);
  }

  /** The anchor that the reader came by, while it is in sight, or else that of the heading. */
  function place() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const top = target?.getBoundingClientRect().top;
    return top >= 0 && top < innerHeight ? target.id : (headingRead()?.id ?? "");
  }

  for (const link of document.querySelectorAll("a.md-select__link[hreflang]")) {
    const keep = () => { link.hash = place(); };
    link.addEventListener("click", keep);
    link.addEventListener("auxclick", keep); // in a new tab
  }
})();
