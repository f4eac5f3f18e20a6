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
  const WORDS = {
    en: {
      known: "Known",
      again: "Again",
      mark: (title) => `Mark: ${title}`,
      counts: ({ known, again, unmarked }) =>
        `Your marks: ${known} known, ${again} again, ${unmarked} unmarked.`,
      save: "Export marks",
      load: "Import marks",
      rule: "Marks are kept in this browser only. An import adds the marks of a file; where both mark a question, the file counts.",
      loaded: (count, name) => `${name}: ${count} ${count === 1 ? "mark" : "marks"} imported.`,
      refused: "This browser stores nothing for this site, so questions cannot be marked.",
      unreadable: "cannot be read",
      tooLarge: "is too large for a file of marks",
      noJson: "is not JSON",
      noMarks: "is not a file of exported marks",
      noQuestion: (key) => `holds “${key}”, which is not the address of a question`,
      noChoice: (key) => `marks ${key} with something else than known or again`,
      noRoom: "does not fit into what this browser may store",
      failed: (name, why) => `${name} ${why}. Nothing was changed.`,
    },
    zh: {
      known: "已掌握",
      again: "再复习",
      mark: (title) => `标记：${title}`,
      counts: ({ known, again, unmarked }) =>
        `你的标记：已掌握 ${known} 题，再复习 ${again} 题，未标记 ${unmarked} 题。`,
      save: "导出标记",
      load: "导入标记",
      rule: "标记只保存在这个浏览器里。导入会并入文件中的标记；同一道题两边都有标记时，以文件为准。",
      loaded: (count, name) => `${name}：已导入 ${count} 个标记。`,
      refused: "这个浏览器不允许本站保存数据，所以无法标记题目。",
      unreadable: "读取失败",
      tooLarge: "太大，不像标记文件",
      noJson: "不是 JSON",
      noMarks: "不是导出的标记文件",
      noQuestion: (key) => `里的“${key}”不是题目的地址`,
      noChoice: (key) => `给 ${key} 的标记既不是 known 也不是 again`,
      noRoom: "超出了这个浏览器允许保存的大小",
      failed: (name, why) => `${name} ${why}。没有改动任何标记。`,
    },
  };

  const words = WORDS[document.documentElement.lang] ?? WORDS.en;
  const topic = document.currentScript.dataset.topic;

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
    group.setAttribute("aria-label", words.mark(titleOf(question)));
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
    counts.textContent = words.counts(count);
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
      throw new FileError(words.noJson);
    }
    const marks = root?.marks;
    if (typeof marks !== "object" || marks === null || Array.isArray(marks)) {
      throw new FileError(words.noMarks);
    }
    for (const [key, choice] of Object.entries(marks)) {
      if (!QUESTION.test(key)) throw new FileError(words.noQuestion(key.slice(0, 80)));
      if (!CHOICES.includes(choice)) throw new FileError(words.noChoice(key));
    }
    return Object.entries(marks);
  }

  async function textOf(file) {
    if (file.size > LARGEST_FILE) throw new FileError(words.tooLarge);
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
        throw new FileError(words.noRoom);
      }
      message.textContent = words.loaded(added.length, file.name);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      message.textContent = words.failed(file.name, error.message);
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
