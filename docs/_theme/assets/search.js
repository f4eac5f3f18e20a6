/* Search what is pasted, spoken or chosen from a list too: Material waits for a key. */
"use strict";

for (const box of document.querySelectorAll("[data-md-component=search-query]"))
  box.addEventListener("input", () => box.dispatchEvent(new KeyboardEvent("keyup")));
