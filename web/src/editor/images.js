// Pictures in a text: by button, by paste, by drag.
import { Refused } from "../api.js";
import { sendPicture } from "../pictures.js";
import { askAlt } from "./slips.js";

/** Places each picture among `files` after the block where the writer is; `say` tells how it goes. */
export async function placeImages(editor, files, say) {
  for (const file of [...files].filter(({ type }) => type.startsWith("image/"))) {
    say(`Sending ${file.name || "the picture"}`, true);
    try {
      const image = await sendPicture(file);
      say("");
      const alt = await askAlt();
      insert(editor, { src: image.src, alt: alt ?? "", width: image.width, height: image.height });
    } catch (refusal) {
      if (!(refusal instanceof Refused)) throw refusal;
      say(`The picture was not placed. ${refusal.message}`);
    }
  }
}

function insert(editor, attrs) {
  const { $to } = editor.state.selection;
  const after = $to.depth ? $to.after(1) : editor.state.doc.content.size;
  editor.chain().insertContentAt(after, { type: "figure", attrs }).focus().run();
}

/** The picture where the writer is, or null. */
export function figureAt({ state: { selection } }) {
  if (selection.node?.type.name === "figure") return { node: selection.node, at: selection.from };
  const { $from } = selection;
  return $from.parent.type.name === "figure" ? { node: $from.parent, at: $from.before() } : null;
}

/** Asks again what the picture shows. */
export async function describe(editor) {
  const figure = figureAt(editor);
  if (!figure) return;
  const alt = await askAlt(figure.node.attrs.alt ?? "");
  if (alt === null) return;
  const attrs = { ...figure.node.attrs, alt };
  editor.view.dispatch(editor.state.tr.setNodeMarkup(figure.at, null, attrs));
  editor.commands.focus();
}
