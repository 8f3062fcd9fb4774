// The toolbar of words: one stop for the Tab key, arrows within, and each word shows whether it is in force.

// Focus moves at once: what is typed right after a word of the toolbar belongs to the text.
const chain = (editor) => (editor.view.focus(), editor.chain());

/** What each word does, when it is in force, and, third, when it is there at all. */
const DEEDS = {
  bold: [(e) => chain(e).toggleBold().run(), (e) => e.isActive("bold")],
  italic: [(e) => chain(e).toggleItalic().run(), (e) => e.isActive("italic")],
  code: [(e) => chain(e).toggleCode().run(), (e) => e.isActive("code")],
  heading: [(e) => chain(e).toggleHeading({ level: 2 }).run(), (e) => e.isActive("heading", { level: 2 })],
  subheading: [(e) => chain(e).toggleHeading({ level: 3 }).run(), (e) => e.isActive("heading", { level: 3 })],
  quote: [(e) => quote(e, false), (e) => e.isActive("blockquote", { pull: false })],
  pull: [(e) => quote(e, true), (e) => e.isActive("blockquote", { pull: true })],
  bullets: [(e) => chain(e).toggleBulletList().run(), (e) => e.isActive("bulletList")],
  numbers: [(e) => chain(e).toggleOrderedList().run(), (e) => e.isActive("orderedList")],
  break: [(e) => chain(e).setHorizontalRule().run(), null],
  block: [(e) => chain(e).toggleCodeBlock().run(), (e) => e.isActive("codeBlock")],
};

function quote(editor, pull) {
  const other = editor.isActive("blockquote", { pull: !pull });
  if (other) return chain(editor).updateAttributes("blockquote", { pull }).run();
  return chain(editor).toggleWrap("blockquote", { pull }).run();
}

/** Wires the toolbar; `more` has the words that open a slip: link, image, describe. */
export function wireToolbar(bar, editor, more) {
  const all = [...bar.querySelectorAll("button[data-do]")];
  const deeds = { ...DEEDS, ...more };
  let words = all;
  let stop = 0;

  const stopAt = (n) => {
    stop = (n + words.length) % words.length;
    words.forEach((word, i) => (word.tabIndex = i === stop ? 0 : -1));
  };
  const show = () => {
    for (const word of all) {
      const { 1: inForce, 2: possible } = deeds[word.dataset.do];
      if (inForce) word.setAttribute("aria-pressed", inForce(editor));
      if (possible) word.hidden = !possible(editor);
    }
    words = all.filter((word) => !word.hidden);
    stopAt(Math.min(stop, words.length - 1));
  };

  bar.addEventListener("click", ({ target }) => {
    const word = target.closest("button[data-do]");
    if (!word) return;
    stopAt(words.indexOf(word));
    deeds[word.dataset.do][0](editor);
  });
  bar.addEventListener("mousedown", (event) => event.preventDefault()); // The selection stays in the text.
  bar.addEventListener("keydown", (event) => {
    const to = { ArrowRight: stop + 1, ArrowLeft: stop - 1, Home: 0, End: words.length - 1 }[event.key];
    if (event.key === "Escape") return editor.commands.focus();
    if (to === undefined) return undefined;
    event.preventDefault();
    stopAt(to);
    return words[stop].focus();
  });
  editor.view.dom.addEventListener("keydown", (event) => {
    if (event.key === "F10" && event.altKey) words[stop].focus();
  });
  editor.on("transaction", show);
  show();
}
