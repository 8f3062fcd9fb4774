// In the profile's form: the picture is sent as soon as it is chosen, and shown; saving the form keeps it.
import { sendPicture } from "./pictures.js";

const file = document.getElementById("picture-file");
const told = document.getElementById("picture-told");
const chosen = document.getElementById("picture");
const now = document.getElementById("picture-now");
const before = { id: chosen?.value, src: now?.getAttribute("src") };

file?.addEventListener("change", async () => {
  if (!file.files[0]) return;
  told.textContent = "Sending the picture";
  told.classList.add("busy");
  try {
    const image = await sendPicture(file.files[0]);
    show(image.id, image.sources[0].src);
    told.textContent = "It is here. Save to keep it.";
  } catch (refusal) {
    told.textContent = `It was not taken. ${refusal.message}`;
  } finally {
    told.classList.remove("busy");
  }
});

// A form's reset forgets hidden fields and pictures.
file?.form.addEventListener("reset", () => {
  show(before.id, before.src);
  told.textContent = "";
});

function show(id, src) {
  chosen.value = id;
  now.hidden = !src;
  if (src) now.src = src;
}
