// The desk: a title, a subtitle and a text, kept on the site and on this device while they are written.
import { Editor } from "@tiptap/core";
import { ask } from "./api.js";
import { describe, figureAt, placeImages } from "./editor/images.js";
import { adoptCopy, dropCopy, keepCopy } from "./editor/local_copy.js";
import { wirePublishing } from "./editor/publishing.js";
import { same, Saving } from "./editor/saving.js";
import { pieces } from "./editor/schema.js";
import { askLink, askWhich } from "./editor/slips.js";
import { wireToolbar } from "./editor/toolbar.js";
import { minutesFor, plural, wordsIn } from "./editor/words.js";

const KEEP_MS = 250; // Reading a long text at each key stroke would be felt.

const $ = (id) => document.getElementById(id);
const desk = $("desk");
const title = $("title");
const subtitle = $("subtitle");

const editor = new Editor({
  element: $("body"),
  extensions: pieces(desk.dataset.media),
  content: $("draft").innerHTML,
  injectCSS: false, // Our policy lets no script write a style sheet; ours has what is needed.
  editorProps: {
    attributes: { role: "textbox", "aria-multiline": "true", "aria-label": "Story", spellcheck: "true" },
    handlePaste: (_, event) => takePictures(event, event.clipboardData),
    handleDrop: (_, event, __, moved) => !moved && takePictures(event, event.dataTransfer),
  },
});

let htmlOf = { doc: null, html: "" };
function html() {
  const { doc } = editor.state;
  if (htmlOf.doc !== doc) {
    htmlOf = { doc, html: editor.getHTML().replaceAll("<figcaption></figcaption>", "").replace(/(<p><\/p>)+$/, "") };
  }
  return htmlOf.html;
}

const read = () => ({ title: title.value, subtitle: subtitle.value, html: html() });
const words = () => wordsIn(editor.getText({ blockSeparator: "\n" }));

function write(text) {
  title.value = text.title;
  subtitle.value = text.subtitle;
  editor.commands.setContent(text.html, { emitUpdate: false });
  count();
}

const saving = new Saving({
  story: desk.dataset.story, version: Number(desk.dataset.version) || 0, text: read(), read, ask, say,
  keep: (...copy) => (desk.dataset.kept = keepCopy(...copy)),
  drop: dropCopy,
  born: (story) => history.replaceState(null, "", `/drafts/${story}`),
});

/** Says in the masthead what has become of the text; "Saved" only once the site has said so. */
function say(state, detail = {}) {
  const last = desk.dataset.savedAt;
  const before = saving.story ? "Written on since it was saved" : "Not saved yet";
  const ahead = () => plural(Math.abs(words() - Number(desk.dataset.wordsSaved || 0)), "word", "words");
  const here = desk.dataset.kept === "true" ? "Your draft is safe on this device" : "Keep this page open";
  const says = {
    waiting: last ? `Saved at ${last}, and written on since` : before,
    saving: "Saving",
    saved: () => `Saved at ${savedAt(detail)}`,
    offline: () => `You are offline. ${here}, ${ahead()} ahead of the site.`,
    unanswered: () => `${detail.message} ${here}.`,
    "signed-out": () => `You are signed out. ${here}; sign in again in another tab, and write on.`,
    refused: () => `Not saved. ${detail.message}`,
    conflict: "This draft was changed elsewhere",
  }[state];
  $("saved").textContent = typeof says === "function" ? says() : says;
  $("saved").classList.toggle("neg", !["waiting", "saving", "saved"].includes(state));
  if (state === "conflict") settle(detail);
}

function savedAt({ saved_at: at }) {
  const time = new Date(at ?? Date.now()).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  desk.dataset.savedAt = time;
  desk.dataset.wordsSaved = words();
  return time;
}

async function settle(theirs) {
  const mine = read();
  if ((await askWhich(mine, theirs)) === "mine") return saving.keepMine(theirs);
  write(theirs);
  return saving.tookTheirs(theirs);
}

function count() {
  const n = words();
  $("words").textContent = plural(n, "word", "words");
  $("minutes").textContent = `${plural(minutesFor(n), "minute", "minutes")} to read`;
}

function takePictures(event, { files } = { files: [] }) {
  if (![...files].some(({ type }) => type.startsWith("image/"))) return false;
  event.preventDefault();
  placeImages(editor, files, tell);
  return true;
}

function tell(what, busy = false) {
  $("told").textContent = what;
  $("told").classList.toggle("busy", busy);
}

let keeping;
function wrote() {
  clearTimeout(keeping);
  keeping = setTimeout(() => (count(), saving.changed()), KEEP_MS);
}

function wire() {
  editor.on("update", wrote);
  for (const field of [title, subtitle]) field.addEventListener("input", wrote);
  title.addEventListener("keydown", (event) => goOn(event, () => subtitle.focus()));
  subtitle.addEventListener("keydown", (event) => goOn(event, () => editor.commands.focus("start")));
  wireToolbar($("tools"), editor, {
    link: [askLink, (e) => e.isActive("link")],
    image: [() => $("picture").click(), null],
    describe: [describe, null, (e) => Boolean(figureAt(e))],
  });
  $("picture").addEventListener("change", ({ target }) => {
    placeImages(editor, target.files, tell).finally(() => (target.value = ""));
  });
  const openPublishing = wirePublishing($("publish-slip"), { saving, text: read, words });
  $("publish").addEventListener("click", openPublishing);
  addEventListener("online", () => saving.now());
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && hurry());
  addEventListener("beforeunload", (event) => {
    hurry();
    if (saving.ahead) event.preventDefault();
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "s" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    hurry();
  });
}

/** Nothing waits for its pause any longer. */
function hurry() {
  clearTimeout(keeping);
  saving.changed();
  saving.now();
}

function goOn(event, to) {
  if (event.key !== "Enter" || event.isComposing) return;
  event.preventDefault();
  to();
}

/** A copy that a closed page left: it goes on where it was, or, if the site has moved on, both are shown. */
async function takeUp() {
  const copy = await adoptCopy(saving.story);
  if (!copy || same(copy.text, read())) return dropCopy(saving.story);
  const theirs = { ...read(), version: saving.version };
  write(copy.text);
  if (copy.base === saving.version) return saving.changed();
  saving.stopped = true;
  return say("conflict", theirs);
}

wire();
desk.dataset.wordsSaved = words();
count();
takeUp();
desk.dataset.ready = "yes";
