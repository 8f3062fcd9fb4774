// Sends a picture: straight to the store, then the site makes it ready.
import { ask, Refused } from "./api.js";

const KINDS = ["image/jpeg", "image/png", "image/webp", "image/gif"];
const BYTES_MAX = 10_000_000;

/** The picture as the site keeps it: `{id, src, width, height, sources}`. Throws Refused with a sentence. */
export async function sendPicture(file) {
  if (!KINDS.includes(file.type)) throw no("It is no JPEG, PNG, WebP or GIF.");
  if (file.size > BYTES_MAX) throw no("It is over 10 MB; make it smaller and try again.");
  const { body: upload } = await ask("POST", "/api/images", { body: { type: file.type, bytes: file.size } });
  const form = new FormData();
  for (const [name, value] of Object.entries(upload.fields)) form.append(name, value);
  form.append("file", file);
  const stored = await fetch(upload.url, { method: "POST", body: form }).catch(() => null);
  if (!stored?.ok) throw no("The store did not take it; try again.");
  return (await ask("PUT", `/api/images/${upload.id}`)).body;
}

const no = (detail) => new Refused(0, { detail }, null);
