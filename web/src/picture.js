// In the profile's form: the picture is sent as soon as it is chosen, and shown; saving the form keeps it.
import { sendPicture } from "./pictures.js";

const file = document.getElementById("picture-file");
const told = document.getElementById("picture-told");

file?.addEventListener("change", async () => {
  if (!file.files[0]) return;
  told.textContent = "Sending the picture";
  told.classList.add("busy");
  try {
    const image = await sendPicture(file.files[0]);
    document.getElementById("picture").value = image.id;
    Object.assign(document.getElementById("picture-now"), { src: image.sources[0].src, hidden: false });
    told.textContent = "It is here. Save to keep it.";
  } catch (refusal) {
    told.textContent = `It was not taken. ${refusal.message}`;
  } finally {
    told.classList.remove("busy");
  }
});
