/* Filters the page of all questions: by words, topic, level and mark.

   The choices stand in the address, so that a list can be shared. Marks come from
   marks.js, by the attribute data-mark and the event "marks"; without them there
   is nothing to choose. */
(() => {
  "use strict";

  const TYPING = 200; // milliseconds until what was typed enters the address
  const LEVELS = ["basic", "intermediate", "advanced"];
  const MARKS = ["known", "again", "none"];
  const WORDS = {
    en: {
      filter: "Filter questions",
      text: "Words in questions and answers",
      topic: "Topic",
      level: "Level",
      mark: "Mark",
      all: "All",
      basic: "Basic",
      intermediate: "Intermediate",
      advanced: "Advanced",
      known: "Known",
      again: "Again",
      none: "Unmarked",
      clear: "Show all",
      shown: (count, all) => (count === all ? `${all} questions` : `${count} of ${all} questions`),
    },
    zh: {
      filter: "筛选题目",
      text: "题目和回答里的词",
      topic: "专题",
      level: "难度",
      mark: "标记",
      all: "全部",
      basic: "基础",
      intermediate: "进阶",
      advanced: "高级",
      known: "已掌握",
      again: "再复习",
      none: "未标记",
      clear: "显示全部",
      shown: (count, all) => (count === all ? `共 ${all} 题` : `共 ${all} 题，筛出 ${count} 题`),
    },
  };

  const words = WORDS[document.documentElement.lang] ?? WORDS.en;
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

  const named = (values) => values.map((value) => [value, words[value]]);

  const fields = [
    element("input", { name: "text", type: "search", autocomplete: "off", spellcheck: false }),
    choice("topic", topics.map(({ id, title }) => [id, title])),
    choice("level", named(LEVELS)),
    ...(marked ? [choice("mark", named(MARKS))] : []),
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
    status.textContent = words.shown(count, questions.length);
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
  form.setAttribute("aria-label", words.filter);
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
