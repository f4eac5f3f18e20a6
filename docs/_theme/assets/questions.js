/* Filters the page of all questions: by words, topic, level and mark.

   The choices stand in the address, so that a list can be shared. Marks come from
   marks.js, by the attribute data-mark and the event "marks"; without them there
   is nothing to choose. */
(() => {
  "use strict";

  const TYPING = 200; // milliseconds until what was typed enters the address
  const LEVELS = ["basic", "intermediate", "advanced"];
  const MARKS = ["known", "again", "none"];
  const given = document.currentScript.dataset;
  const [words, levelNames, markNames] = [given.words, given.levels, given.marks].map(JSON.parse);
  const place = document.querySelector(".question-filter");
  const lists = [...document.querySelectorAll("ul.questions")];
  if (!place || lists.length === 0) return;

  const fold = (text) => text.normalize("NFKC").toLowerCase();

  /** What a reader may look for: the title and the answer, no labels. */
  function textOf(item) {
    const answer = [...item.querySelector("details").children].slice(1);
    return fold([item.querySelector("a"), ...answer].map((part) => part.textContent).join("\n"));
  }

  const questions = lists.flatMap((list) =>
    [...list.children].map((item) => ({
      item,
      topic: item.dataset.question.split("#")[0],
      level: item.dataset.level,
      text: textOf(item),
    })),
  );
  const topics = lists.map((list) => {
    const heading = list.previousElementSibling;
    const link = document.querySelector(`.md-nav--secondary a[href="#${CSS.escape(heading.id)}"]`);
    const title = heading.cloneNode(true);
    title.querySelectorAll(".headerlink").forEach((mark) => mark.remove());
    const parts = [heading, list, link?.closest("li")].filter(Boolean);
    return { id: heading.id, title: title.textContent.trim(), list, parts };
  });
  const marked = questions[0].item.dataset.mark !== undefined;

  /** Fill in the fields of a text: "{count} of {all} questions". */
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  function element(name, properties = {}, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  }

  function choice(name, options) {
    const all = element("option", { value: "" }, words.all);
    const others = options.map(([value, label]) => element("option", { value }, label));
    return element("select", { name }, all, ...others);
  }

  /** A label of its own: one around a list of choices would be named by all of them. */
  function labelled(field) {
    field.id = `question-filter-${field.name}`;
    const label = element("label", { htmlFor: field.id }, words[field.name]);
    return element("div", { className: "question-filter__field" }, label, field);
  }

  const capitalised = (text) => text.charAt(0).toUpperCase() + text.slice(1);
  const levels = LEVELS.map((level) => [level, capitalised(levelNames[level])]);
  const marks = MARKS.map((mark) => [mark, markNames[mark] ?? words.unmarked]);

  const fields = [
    element("input", { name: "text", type: "search", autocomplete: "off", spellcheck: false }),
    choice("topic", topics.map(({ id, title }) => [id, title])),
    choice("level", levels),
    ...(marked ? [choice("mark", marks)] : []),
  ];
  const status = element("p", { className: "question-filter__status" });
  const clear = element("button", { type: "reset", className: "plain" }, words.clear);

  const wanted = () => Object.fromEntries(fields.map((field) => [field.name, field.value.trim()]));

  function fits(question, { topic, level, mark }, needles) {
    return (
      (!topic || question.topic === topic) &&
      (!level || question.level === level) &&
      (!mark || (question.item.dataset.mark || "none") === mark) &&
      needles.every((needle) => question.text.includes(needle))
    );
  }

  /** Show what fits; a question that vanishes under the reader's hands hands on the focus. */
  function apply() {
    const choices = wanted();
    const needles = fold(choices.text).split(/\s+/).filter(Boolean);
    const left = questions.findIndex(({ item }) => item.contains(document.activeElement));
    let count = 0;
    for (const question of questions) {
      question.item.hidden = !fits(question, choices, needles);
      count += question.item.hidden ? 0 : 1;
    }
    for (const { list, parts } of topics) {
      const empty = [...list.children].every((item) => item.hidden);
      for (const part of parts) part.hidden = empty;
    }
    if (left >= 0 && questions[left].item.hidden) handOn(left);
    const all = questions.length;
    status.textContent = fill(count === all ? words.shown_all : words.shown, { count, all });
    clear.hidden = Object.values(choices).every((value) => !value);
  }

  function handOn(left) {
    const next = questions.slice(left).find(({ item }) => !item.hidden);
    (next ? next.item.querySelector("a") : fields[0]).focus({ preventScroll: true });
  }

  function toAddress() {
    const address = new URL(location.href);
    for (const [name, value] of Object.entries(wanted())) {
      if (value) address.searchParams.set(name, value);
      else address.searchParams.delete(name);
    }
    if (address.href !== location.href) history.replaceState(history.state, "", address);
  }

  function fromAddress() {
    const given = new URL(location.href).searchParams;
    for (const field of fields) {
      field.value = given.get(field.name) ?? "";
      if (field.selectedIndex === -1) field.value = ""; // no such choice
    }
  }

  let waiting;
  function changed(event) {
    if (event.isComposing) return; // Chinese is being typed
    apply();
    clearTimeout(waiting);
    waiting = setTimeout(toAddress, event.target === fields[0] ? TYPING : 0);
  }

  const form = element(
    "form",
    { className: "question-filter__form" },
    ...fields.map(labelled),
    element("div", { className: "question-filter__result" }, status, clear),
  );
  form.setAttribute("role", "search");
  form.setAttribute("aria-label", words.name);
  status.setAttribute("role", "status");
  form.addEventListener("input", changed);
  form.addEventListener("compositionend", changed);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    for (const field of fields) field.value = "";
    apply();
    toAddress();
    fields[0].focus();
  });
  place.append(form);
  fromAddress();
  apply();
  document.addEventListener("marks", apply);
  addEventListener("popstate", () => {
    fromAddress();
    apply();
  });
})();
