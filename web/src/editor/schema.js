// What a story may be made of; the site's allow-list has the same elements, and sanitises again.
import { Node, mergeAttributes } from "@tiptap/core";
import Blockquote from "@tiptap/extension-blockquote";
import Bold from "@tiptap/extension-bold";
import Code from "@tiptap/extension-code";
import CodeBlock from "@tiptap/extension-code-block";
import Document from "@tiptap/extension-document";
import HardBreak from "@tiptap/extension-hard-break";
import Heading from "@tiptap/extension-heading";
import HorizontalRule from "@tiptap/extension-horizontal-rule";
import Italic from "@tiptap/extension-italic";
import Link from "@tiptap/extension-link";
import { BulletList, ListItem, ListKeymap, OrderedList } from "@tiptap/extension-list";
import Paragraph from "@tiptap/extension-paragraph";
import Text from "@tiptap/extension-text";
import { Dropcursor, Gapcursor, Placeholder, TrailingNode, UndoRedo } from "@tiptap/extensions";
import { TextSelection } from "@tiptap/pm/state";

/** A quotation, or a pull quote: the writer's own words, set large. */
const Quote = Blockquote.extend({
  addAttributes() {
    return {
      pull: {
        default: false,
        parseHTML: (element) => element.classList.contains("pull"),
        renderHTML: ({ pull }) => (pull ? { class: "pull" } : {}),
      },
    };
  },
});

/** A picture with its caption. Only pictures that this site keeps are taken in. */
const figure = (mediaUrl) => Node.create({
  name: "figure",
  group: "block",
  content: "inline*",
  draggable: true,
  isolating: true,

  addAttributes() {
    const ofImage = (name, as = String) => ({
      default: null,
      renderHTML: () => ({}),
      parseHTML: (element) => {
        const value = imageIn(element)?.getAttribute(name);
        return value == null ? null : as(value);
      },
    });
    return {
      src: ofImage("src"), alt: { ...ofImage("alt"), default: "" },
      width: ofImage("width", Number), height: ofImage("height", Number),
    };
  },

  parseHTML() {
    const ours = (element) => {
      const src = imageIn(element)?.getAttribute("src") ?? "";
      return src.startsWith(`${mediaUrl}/`) ? null : false;
    };
    const caption = (element) => element.querySelector("figcaption") ?? document.createElement("figcaption");
    return [
      { tag: "figure", getAttrs: ours, contentElement: caption },
      { tag: "img[src]", getAttrs: ours, contentElement: () => document.createElement("figcaption") },
    ];
  },

  renderHTML({ node }) {
    const { src, alt, width, height } = node.attrs;
    const image = Object.fromEntries(
      Object.entries({ src, alt: alt ?? "", width, height }).filter(([, value]) => value !== null),
    );
    return ["figure", mergeAttributes(), ["img", image], ["figcaption", 0]];
  },

  addKeyboardShortcuts() {
    const inCaption = () => this.editor.state.selection.$from.parent.type.name === this.name;
    const atStart = ({ empty, $from }) => empty && $from.parentOffset === 0;
    return {
      Enter: () => inCaption() && this.editor.commands.writeAfterFigure(),
      Backspace: () => inCaption() && atStart(this.editor.state.selection)
        && this.editor.commands.selectParentNode(),
    };
  },

  addCommands() {
    return {
      writeAfterFigure: () => ({ state, tr, dispatch }) => {
        const after = state.selection.$from.after();
        if (!dispatch) return true;
        tr.insert(after, state.schema.nodes.paragraph.create());
        tr.setSelection(TextSelection.create(tr.doc, after + 1)).scrollIntoView();
        return true;
      },
    };
  },
});

const imageIn = (element) => (element.matches?.("img") ? element : element.querySelector("img"));

/** What the editor is made of. Pictures live under `mediaUrl`. */
export const pieces = (mediaUrl) => [
  Document, Paragraph, Text, Bold, Italic, Code, HardBreak, HorizontalRule, CodeBlock, Quote,
  Heading.configure({ levels: [2, 3] }),
  BulletList, OrderedList, ListItem, ListKeymap,
  Link.configure({
    openOnClick: false, defaultProtocol: "https", protocols: ["http", "https", "mailto"],
    HTMLAttributes: { target: null, rel: null, class: null },
  }),
  figure(mediaUrl),
  UndoRedo, Gapcursor, TrailingNode,
  Dropcursor.configure({ class: "drop", color: false }),
  Placeholder.configure({ showOnlyCurrent: false, placeholder: "" }), // The words are in the style sheet.
];
