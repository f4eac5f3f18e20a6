/* Lets a reader mark questions as known, or to be asked again.

   Marks stay in this browser, under the address that a question has in every
   language: "views#view-or-reshape". Each question gets an attribute data-mark,
   and the document an event "marks" when one has changed: the filter of the page
   of all questions needs no more. Where nothing can be stored, no button appears. */
(() => {
  "use strict";

  const STORED = "handbook.marks";
  const CHOICES = ["known", "again"];
  const QUESTION = /^[a-z0-9_-]+#[a-z0-9-]+$/;
  const FILE = "pytorch-interview-marks.json";
  const LARGEST_FILE = 1 << 20;
  const { topic, words: texts } = document.currentScript.dataset;
  const words = JSON.parse(texts);

  /** Fill in the fields of a text: "{count} marks". */
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  /** Tell a file that holds no marks from a fault of ours. */
  class FileError extends Error {}

  function storageWorks() {
    try {
      localStorage.setItem(`${STORED}.probe`, "1");
      localStorage.removeItem(`${STORED}.probe`);
      return true;
    } catch {
      return false;
    }
  }

  const isMark = ([key, choice]) => QUESTION.test(key) && CHOICES.includes(choice);

  /** Read the marks as they are now: another tab may have changed them. */
  function read() {
    try {
      return new Map(Object.entries(JSON.parse(localStorage.getItem(STORED)) ?? {}).filter(isMark));
    } catch {
      return new Map();
    }
  }

  const asObject = (marks) => Object.fromEntries([...marks].sort(([a], [b]) => (a < b ? -1 : 1)));

  function write(marks) {
    localStorage.setItem(STORED, JSON.stringify(asObject(marks)));
    show();
  }

  /** Set a question's mark, or take it away if it has just this one. */
  function flip(key, choice) {
    const marks = read();
    if (marks.get(key) === choice) marks.delete(key);
    else marks.set(key, choice);
    try {
      write(marks);
    } catch {
      show(); // no room left: the buttons go on showing what is stored
    }
  }

  function element(name, properties = {}, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  }

  const isEntry = (question) => question.matches("li");

  const keyOf = (question) =>
    isEntry(question) ? question.dataset.question : `${topic}#${question.id}`;

  function titleOf(question) {
    const title = (isEntry(question) ? question.querySelector("a") : question).cloneNode(true);
    title.querySelectorAll(".headerlink").forEach((link) => link.remove());
    return title.textContent.trim();
  }

  function buttonsOf(question) {
    const key = keyOf(question);
    const buttons = CHOICES.map((choice) => {
      const button = element("button", { type: "button", className: "mark" }, words[choice]);
      button.dataset.choice = choice;
      button.addEventListener("click", () => flip(key, choice));
      return button;
    });
    const group = element("div", { className: "marks" }, ...buttons);
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", fill(words.mark, { title: titleOf(question) }));
    return group;
  }

  /** Put the buttons where the short answer begins; on a topic page, into its box. */
  function place(question, group) {
    const box = question.nextElementSibling;
    if (isEntry(question)) question.querySelector("details").before(group);
    else if (box?.matches(".admonition.abstract")) box.prepend(group);
    else question.after(group);
  }

  const entries = [...document.querySelectorAll("li[data-question], h2[data-level][id]")].map(
    (question) => ({ question, key: keyOf(question) }),
  );
  const panel = document.querySelector(".question-marks");
  const counts = element("p");
  const message = element("p");

  /** Bring all that the page shows of marks up to date. */
  function show() {
    const marks = read();
    const count = { known: 0, again: 0, unmarked: 0 };
    for (const { question, key, buttons } of entries) {
      const mark = marks.get(key) ?? "";
      question.dataset.mark = mark;
      count[mark || "unmarked"] += 1;
      for (const button of buttons) {
        button.setAttribute("aria-pressed", String(button.dataset.choice === mark));
      }
    }
    counts.textContent = fill(words.counts, count);
    document.dispatchEvent(new CustomEvent("marks"));
  }

  function save() {
    const text = `${JSON.stringify({ marks: asObject(read()) }, null, 2)}\n`;
    const address = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    element("a", { href: address, download: FILE }).click();
    URL.revokeObjectURL(address);
  }

  /** Check every mark of a file before the first is taken. */
  function parse(text) {
    let root;
    try {
      root = JSON.parse(text);
    } catch {
      throw new FileError(words.no_json);
    }
    const marks = root?.marks;
    if (typeof marks !== "object" || marks === null || Array.isArray(marks)) {
      throw new FileError(words.no_marks);
    }
    for (const [key, choice] of Object.entries(marks)) {
      if (!QUESTION.test(key)) throw new FileError(fill(words.no_question, { key: key.slice(0, 80) }));
      if (!CHOICES.includes(choice)) throw new FileError(fill(words.no_choice, { key }));
    }
    return Object.entries(marks);
  }

  async function textOf(file) {
    if (file.size > LARGEST_FILE) throw new FileError(words.too_large);
    try {
      return await file.text();
    } catch {
      throw new FileError(words.unreadable);
    }
  }

  async function load(file) {
    try {
      const added = parse(await textOf(file));
      try {
        write(new Map([...read(), ...added]));
      } catch {
        throw new FileError(words.no_room);
      }
      const loaded = added.length === 1 ? words.loaded_one : words.loaded;
      message.textContent = fill(loaded, { count: added.length, name: file.name });
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      message.textContent = fill(words.failed, { name: file.name, why: error.message });
    }
  }

  function fillPanel() {
    const input = element("input", { type: "file", accept: ".json,application/json", hidden: true });
    input.addEventListener("change", async () => {
      if (input.files.length) await load(input.files[0]);
      input.value = ""; // so that the same file can be chosen again
    });
    const saving = element("button", { type: "button", className: "plain" }, words.save);
    const loading = element("button", { type: "button", className: "plain" }, words.load);
    saving.addEventListener("click", save);
    loading.addEventListener("click", () => input.click());
    message.setAttribute("role", "status");
    const line = element("div", { className: "question-marks__line" });
    line.append(counts, element("div", {}, saving, loading, input));
    panel.append(line, element("p", {}, words.rule), message);
  }

  if (!storageWorks()) {
    panel?.append(element("p", {}, words.refused));
    return;
  }
  for (const entry of entries) {
    const group = buttonsOf(entry.question);
    place(entry.question, group);
    entry.buttons = group.children;
  }
  if (panel) fillPanel();
  show();
  addEventListener("storage", (event) => {
    if (event.key === STORED || event.key === null) show();
  });
})();
