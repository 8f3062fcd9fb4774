// Dialogs on the desk. Each is in the page already; here it is opened, and answers once.

/** Opens the dialog with this id; resolves with the value of the button that closed it ("" by Escape). */
export function openSlip(id, fill = () => {}) {
  const slip = document.getElementById(id);
  fill(slip);
  return new Promise((answer) => {
    slip.returnValue = "";
    slip.addEventListener("close", () => answer(slip.returnValue), { once: true });
    slip.showModal();
  });
}

/** Asks where a link leads; does the link, or takes it away. */
export async function askLink(editor) {
  const now = editor.getAttributes("link").href ?? "";
  const field = document.getElementById("link-to");
  const answer = await openSlip("link-slip", () => (field.value = now));
  const chain = editor.chain().focus().extendMarkRange("link");
  if (answer === "remove") chain.unsetLink().run();
  if (answer !== "set" || !field.value.trim()) return;
  const href = withScheme(field.value.trim());
  if (editor.state.selection.empty && !now) {
    const marks = [{ type: "link", attrs: { href } }];
    chain.insertContent({ type: "text", text: field.value.trim(), marks }).run();
  } else {
    chain.setLink({ href }).run();
  }
}

const withScheme = (text) => {
  if (/^(https?:|mailto:|\/|#)/i.test(text)) return text;
  return text.includes("@") && !text.includes("/") ? `mailto:${text}` : `https://${text}`;
};

/** Asks what a picture shows; the words, or null where the writer didn't answer. */
export async function askAlt(now = "") {
  const field = document.getElementById("alt-text");
  const answer = await openSlip("alt-slip", () => (field.value = now));
  return { set: field.value.trim(), decorates: "" }[answer] ?? null;
}

/** Shows both texts; resolves with "mine" or "theirs", and copies mine as often as asked. */
export async function askWhich(mine, theirs) {
  const slip = document.getElementById("conflict-slip");
  const show = (id, text) => {
    const place = document.getElementById(id);
    place.replaceChildren(...[text.title, text.subtitle].filter(Boolean).map(paragraph), parsed(text.html));
  };
  const copy = slip.querySelector("[data-copy]");
  const told = slip.querySelector("[data-told]");
  copy.onclick = async () => {
    const plain = [mine.title, mine.subtitle, parsed(mine.html).textContent].filter(Boolean).join("\n\n");
    await navigator.clipboard.writeText(plain);
    told.textContent = "Yours is on the clipboard.";
  };
  slip.oncancel = (event) => event.preventDefault(); // One of the two has to be chosen.
  return openSlip("conflict-slip", () => {
    told.textContent = "";
    show("mine-text", mine);
    show("theirs-text", theirs);
  });
}

const paragraph = (text) => {
  const p = document.createElement("p");
  p.append(Object.assign(document.createElement("b"), { textContent: text }));
  return p;
};

/** The text of a story as nodes; parsed inertly, and without anything but words and their blocks. */
function parsed(html) {
  const inert = new DOMParser().parseFromString(html, "text/html");
  const blocks = document.createDocumentFragment();
  for (const block of inert.body.children) {
    const words = block.textContent.trim();
    if (words) blocks.append(Object.assign(document.createElement("p"), { textContent: words }));
  }
  return blocks;
}
