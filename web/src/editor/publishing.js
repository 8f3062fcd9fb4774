// The publish slip: who may read it, its topics, where others stop, and how it will look in feeds.
import { ask, Refused } from "../api.js";
import { minutesFor, plural } from "./words.js";

const TOPICS_MAX = 5;

/** Wires the slip. `desk` gives `{saving, text(), words()}`: all is saved before anything is published. */
export function wirePublishing(slip, desk) {
  const form = slip.querySelector("form");
  const topics = wireTopics(slip.querySelector(".tokens"));
  const fault = slip.querySelector("[data-fault]");
  const button = slip.querySelector("[data-publish]");

  const audience = () => form.elements.audience.value;
  const showAudience = () => {
    slip.querySelector("[data-members]").hidden = audience() !== "members";
  };
  form.addEventListener("change", showAudience);
  form.addEventListener("submit", async (event) => {
    if (event.submitter !== button) return;
    event.preventDefault();
    fault.textContent = "";
    button.setAttribute("aria-busy", "true");
    try {
      location.assign(await publish(desk.saving, {
        topics: topics(), audience: audience(), preview_words: Number(form.elements.preview_words.value),
      }));
    } catch (refusal) {
      if (!(refusal instanceof Refused)) throw refusal;
      fault.textContent = refusal.message;
    } finally {
      button.removeAttribute("aria-busy");
    }
  });

  return () => {
    showAudience();
    preview(slip, desk.text(), desk.words());
    const titled = Boolean(desk.text().title.trim());
    fault.textContent = titled ? "" : "Give it a title first: nothing is found without one.";
    button.disabled = !titled;
    slip.showModal();
  };
}

async function publish(saving, choices) {
  const saved = await saving.now();
  if (!saved) throw new Refused(0, { detail: "Your last words are not saved yet; nothing was published." });
  const headers = { "If-Match": `"${saving.version}"` };
  const { body } = await ask("PUT", `/api/stories/${saving.story}/publication`, { body: choices, headers });
  return body.url ?? `/p/${saving.story}`;
}

function preview(slip, { title, subtitle }, words) {
  slip.querySelector("[data-as-title]").textContent = title || "Without a title";
  slip.querySelector("[data-as-subtitle]").textContent = subtitle;
  slip.querySelector("[data-as-minutes]").textContent = plural(minutesFor(words), "minute", "minutes");
}

/** Topics as words that can be taken away again; Enter and comma add one. Gives a function: the list. */
function wireTopics(box) {
  const input = box.querySelector("input");
  const said = document.getElementById("topics-said");
  const list = () => [...box.querySelectorAll("[data-topic]")].map(({ dataset }) => dataset.topic);

  const tell = () => {
    const left = TOPICS_MAX - list().length;
    input.disabled = !left;
    said.textContent = `Up to ${TOPICS_MAX}; ${TOPICS_MAX - left || "none"} chosen`;
  };
  const add = () => {
    for (const topic of input.value.split(",").map((word) => word.trim()).filter(Boolean)) {
      const known = list().some((other) => other.toLowerCase() === topic.toLowerCase());
      if (!known && list().length < TOPICS_MAX) box.insertBefore(token(topic), input);
    }
    input.value = "";
    tell();
  };
  input.addEventListener("keydown", (event) => {
    if (event.key === "Backspace" && !input.value) box.querySelector("[data-topic]:last-of-type")?.remove();
    else if (event.key !== "Enter" && event.key !== ",") return;
    else {
      event.preventDefault();
      add();
    }
    tell();
  });
  input.addEventListener("blur", add);
  box.addEventListener("click", ({ target }) => {
    if (!target.matches("button")) return;
    target.closest("[data-topic]").remove();
    tell();
    input.focus();
  });
  tell();
  return () => (add(), list());
}

function token(topic) {
  const span = Object.assign(document.createElement("span"), { textContent: `${topic} ` });
  span.dataset.topic = topic;
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: "×" });
  button.setAttribute("aria-label", `Remove ${topic}`);
  span.append(button);
  return span;
}
