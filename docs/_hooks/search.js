/* Search, in the place of Material's search worker, whose messages it speaks. It
   fetches the index at the first query and not with every page, knows which words
   mean the same, and finds Chinese words to their last character. */
"use strict";

(() => {
  const SETUP = 0, READY = 1, QUERY = 2, RESULT = 3;
  const INDEX = "../../../search/index.json";  // from the folder of this file

  /* How much it tells where a word stands, and how much it is like the one typed. */
  const FIELDS = { title: 8, message: 3, text: 3, code: 2, also: 1 };
  const AS_TYPED = 4, MEANT = 3, BEGUN = 2, IN_PART = 1;
  const PAGE = 0.2;  // what introduces a page, beside its questions

  const HAN = /\p{Script=Han}/u;
  const HIDDEN = /\u200b/g;  // divides Chinese words in the index
  const WORD = /[\p{L}\p{N}_]+/gu;
  const RUN = /\p{Script=Han}+|(?:(?!\p{Script=Han})[\p{L}\p{N}_])+/gu;
  const PART = /[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g;
  const ENDING = /(?:i[sz]ations?|i[sz]e[sd]?|ings?|ed|es|s|e)$/;
  const COMMON = new Set((
    "a an and any are as at be between by can do does differ difference different for from get" +
    " how i if in into is it mean means my of on or pytorch same should so that the then there to" +
    " torch use using vs versus was what when where which why will with you your" +
    " 的 了 吗 呢 是 在 和 与 或 还是 有 什么 怎么 怎样 怎么办 如何 为什么 为何 哪些 哪个 区别 不同 要 会" +
    " 请 把 被 让 用 时 后 里 中 及 对 一个 一下 之间 需要 使用 进行 应该 可以 能否 不能 某些"
  ).split(" "));
  const isTelling = word => !COMMON.has(word) && (word.length > 1 || !HAN.test(word));

  let index = null;  // promise of the index, from the first query on
  let latest = 0;    // number of the latest query

  /* ---- The index ---- */

  const plain = html => html.replace(/<[^>]+>|&\w+;/g, " ");
  const wordsOf = text => text.toLowerCase().match(WORD) ?? [];

  function prepare({ config, docs }) {
    const terms = new Map();  // word → section → weight of the field that holds it
    const enter = (word, section, weight) => {
      const term = word.toLowerCase();
      if (!terms.has(term)) terms.set(term, new Map());
      const held = terms.get(term);
      held.set(section, Math.max(weight, held.get(section) ?? 0));
    };
    for (const section of docs)
      for (const [field, weight] of Object.entries(FIELDS))
        for (const name of plain(section[field] ?? "").match(WORD) ?? []) {
          enter(name, section, weight);
          const parts = name.match(PART) ?? [];
          if (parts.length > 1) for (const part of parts) enter(part, section, weight / 2);
        }
    const wording = new Map(docs.map(section => [section,
      ` ${wordsOf(plain(`${section.title} . ${section.message ?? ""}`)).join(" ")} `]));
    const synonyms = Object.entries(config.synonyms ?? {});
    synonyms.sort(([a], [b]) => b.length - a.length);
    return { docs, terms, wording, synonyms };
  }

  async function load() {
    const answer = await fetch(new URL(INDEX, location.href));
    if (!answer.ok) throw new Error(`${answer.status} ${answer.url}`);
    return prepare(await answer.json());
  }

  /* ---- The query ---- */

  /* Cut Chinese into the longest words that the index knows. */
  function cut(text, terms) {
    const words = [];
    for (let start = 0; start < text.length;) {
      let end = text.length;
      const known = word => terms.has(word) || COMMON.has(word);
      while (end > start && !known(text.slice(start, end))) end--;
      if (end > start) words.push(text.slice(start, end));
      start = Math.max(end, start + 1);
    }
    return words;
  }

  function split(text, terms) {
    return (text.match(RUN) ?? []).flatMap(run => HAN.test(run) ? cut(run, terms) : run);
  }

  /* The forms in which a word of the query may stand in the index. */
  function formsOf(word, next, isLast, terms) {
    const forms = [{ word, weight: AS_TYPED }];
    if (word.length > 2 || isLast) forms.push({ word, weight: BEGUN, begins: true });
    if (HAN.test(word)) return forms;
    const stem = word.replace(ENDING, "");
    if (stem.length > 2) forms.push({ word: stem, weight: IN_PART, begins: true });
    for (const part of word.split("_"))
      if (part.length > 2) forms.push({ word: part, weight: IN_PART });
    for (const joined of next ? [`${word}_${next}`, word + next] : [])
      if (terms.has(joined)) forms.push({ word: joined, weight: AS_TYPED });
    return forms;
  }

  /* Say what a query is about: a list of notions, each a list of clues to it,
     each a list of forms of one word. */
  function notionsOf(query, { terms, synonyms }) {
    let text = query.toLowerCase();
    const notions = [];
    const clues = text => split(text, terms).filter(isTelling).map(word => [{ word, weight: MEANT }]);
    for (const [typed, meant] of synonyms) {
      const place = HAN.test(typed) ? typed : new RegExp(`(?<!\\w)${typed}(?!\\w)`);
      if (text.search(place) < 0) continue;
      text = text.replace(place, " ");
      const own = terms.has(typed) ? typed : "";
      notions.push(clues(`${own} ${meant.toLowerCase()}`));
    }
    const all = split(text, terms);
    const telling = all.filter(isTelling);
    const words = telling.length || notions.length ? telling : all;
    for (const [place, word] of words.entries())
      notions.push([formsOf(word, words[place + 1], place === words.length - 1, terms)]);
    return notions;
  }

  /* ---- The results ---- */

  const rarity = (count, docs) => Math.log(1 + docs.length / (count || 1));

  const termsOf = ({ word, begins }, terms) => begins
    ? [...terms.keys()].filter(term => term.startsWith(word))
    : [word].filter(term => terms.has(term));

  /* Find the sections that hold a clue, each with its weight and the words found. */
  function sectionsOf(forms, { docs, terms }) {
    const found = new Map();
    for (const form of forms) {
      const matching = termsOf(form, terms);
      const holders = new Set(matching.flatMap(term => [...terms.get(term).keys()]));
      const weight = form.weight * rarity(holders.size, docs);
      for (const term of matching)
        for (const [section, field] of terms.get(term)) {
          if (!found.has(section)) found.set(section, { weight: 0, words: new Set() });
          const entry = found.get(section);
          entry.weight = Math.max(entry.weight, weight * field);
          entry.words.add(term);
        }
    }
    return found;
  }

  /* Count the words of the longest part of a query that a title or a message repeats. */
  function repeated(query, wording) {
    let longest = 0;
    for (let start = 0, end = 1; end <= query.length; end++) {
      while (start < end && !wording.includes(` ${query.slice(start, end).join(" ")} `)) start++;
      longest = Math.max(longest, end - start);
    }
    return longest;
  }

  /* Rate sections: what answers the whole query comes before what repeats a word of it. */
  function rate(query, index) {
    const { docs, wording } = index;
    const typed = wordsOf(query);
    const notions = notionsOf(query, index).map(clues => {
      const found = clues.map(forms => sectionsOf(forms, index));
      const holders = new Set(found.flatMap(sections => [...sections.keys()]));
      return { found, holders, rarity: rarity(holders.size, docs) };
    });
    const total = list => list.reduce((sum, number) => sum + number, 0);
    const asked = total(notions.map(notion => notion.rarity));
    const rated = new Map();
    for (const section of docs) {
      const answered = notions.filter(notion => notion.holders.has(section));
      if (!answered.length) continue;
      const entries = answered.flatMap(({ found }) => found.map(sections => sections.get(section)));
      const held = entries.filter(Boolean);
      const whole = total(answered.map(notion => notion.rarity)) / asked;
      const isPage = !section.location.includes("#");
      const quoted = isPage ? PAGE : Math.max(1, repeated(typed, wording.get(section)) - 1);
      rated.set(section, {
        score: total(held.map(entry => entry.weight)) * whole ** 2 * quoted * (section.boost ?? 1),
        words: new Set(held.flatMap(entry => [...entry.words])),
      });
    }
    return rated;
  }

  const marked = (html, words) => html
    .replace(/<[^>]+>|&\w+;|[\p{L}\p{N}_]+/gu, piece =>
      words.has(piece.toLowerCase()) ? `<mark>${piece}</mark>` : piece)
    .replace(HIDDEN, "");

  /* Group sections by page, as Material shows them, the best first. */
  function grouped(rated, docs) {
    const pages = new Map();
    for (const section of docs) {
      const page = section.location.split("#")[0];
      if (!pages.has(page)) pages.set(page, []);
      const { score = 0, words = new Set() } = rated.get(section) ?? {};
      if (!score && page !== section.location) continue;
      pages.get(page).push({
        location: section.location,
        title: marked(section.title, words),
        text: marked(section.text, words),
        terms: Object.fromEntries([...words].map(word => [word, true])),  // marked on the page
        score,
      });
    }
    const weight = page => page.reduce((sum, { score }) => sum + score / 10, page[0].score);
    return [...pages.values()]
      .map(page => page.sort((a, b) => b.score - a.score))
      .filter(([best]) => best.score)
      .sort((a, b) => weight(b) - weight(a));
  }

  /* ---- The messages ---- */

  async function answer(query) {
    const number = ++latest;
    let items = [];
    try {
      if (query.trim()) {
        const loaded = await (index ??= load());
        items = grouped(rate(query, loaded), loaded.docs);
      }
    } catch (error) {
      index = null;  // the next query tries again
      console.warn(error);
    }
    if (number === latest) postMessage({ type: RESULT, data: { items } });
  }

  addEventListener("message", ({ data: { type, data } }) => {
    if (type === QUERY) return answer(data);
    if (data.docs.length) index = Promise.resolve(prepare(data));  // it came with the page
    postMessage({ type: READY });
  });
})();
