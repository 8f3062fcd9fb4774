// On a story's page: counts the seconds really spent reading, and applauds and follows without a reload.
import { ask } from "./api.js";

const IDLE_AFTER_S = 30; // Nobody who has not moved for so long is counted as reading.
const BEAT_S = 15; // The site credits at most this for one beat.
const REPORT_S = 30;

const ticket = document.querySelector('meta[name="ticket"]')?.content;
if (ticket && window.top === window) countReading();
document.addEventListener("submit", withoutReload);

function countReading() {
  const began = performance.now();
  const sinceStart = () => Math.round((performance.now() - began) / 1000);
  let lastMoved = 0;
  let seconds = 0;
  let number = 0;
  let beats = [];

  const moved = () => (lastMoved = sinceStart());
  for (const sign of ["scroll", "pointermove", "pointerdown", "keydown", "touchmove"]) {
    addEventListener(sign, moved, { passive: true, capture: true });
  }

  const beat = () => {
    if (seconds) beats.push({ n: ++number, seconds });
    seconds = 0;
  };
  const report = () => {
    beat();
    if (!beats.length) return;
    const told = beats;
    beats = [];
    ask("POST", "/api/readings", { body: { ticket, beats: told }, keepalive: true }).catch((refusal) => {
      if (!refusal.status || refusal.status >= 500) beats = told.concat(beats).slice(-20);
    });
  };

  setInterval(() => {
    if (document.visibilityState !== "visible" || sinceStart() - lastMoved >= IDLE_AFTER_S) return;
    seconds += 1;
    if (seconds >= BEAT_S) beat();
  }, 1000);
  setInterval(report, REPORT_S * 1000);
  addEventListener("pagehide", report);
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && report());
}

/** A form marked so is done by script; should that fail, it is sent as the form that it is. */
function withoutReload(event) {
  const deed = { applaud, follow }[event.target.dataset.deed];
  if (!deed) return;
  event.preventDefault();
  deed(event.target, event.submitter);
}

function fallBack(form, button) {
  form.dataset.deed = "";
  form.requestSubmit(button);
}

let told; // Claps come in bursts: the last count is told, once, when the hand rests.

function applaud(form, button) {
  const was = Number(form.dataset.mine);
  const mine = Number(button.value);
  form.dataset.mine = mine;
  form.dataset.total = Number(form.dataset.total) + mine - was;
  drawApplause(form, mine);
  form.ariaBusy = "true";
  clearTimeout(told);
  told = setTimeout(async () => {
    try {
      await ask("PUT", form.dataset.api, { body: { claps: mine } });
      form.ariaBusy = null;
    } catch {
      button.value = mine;
      fallBack(form, button);
    }
  }, 400);
}

function drawApplause(form, mine) {
  const number = (n) => Number(n).toLocaleString("en");
  const [more, less] = form.querySelectorAll("button");
  more.value = Math.min(mine + 1, 50);
  more.disabled = mine >= 50;
  less.value = Math.max(mine - 1, 0);
  less.hidden = !mine;
  form.querySelector("p").textContent = `${number(mine)} from you, ${number(form.dataset.total)} in all`;
  const svg = form.querySelector("svg");
  const drawn = Math.min(mine, 20);
  const width = drawn ? Math.floor((drawn - 1) / 5) * 21 + Math.min((drawn - 1) % 5, 4) * 4 + 6 : 0;
  svg.setAttribute("width", width);
  svg.setAttribute("viewBox", `-1 0 ${width} 16`);
  svg.firstElementChild.setAttribute("d", Array.from({ length: drawn }, (_, n) => stroke(n)).join(""));
}

function stroke(n) {
  const group = Math.floor(n / 5) * 21;
  return n % 5 === 4 ? `M${group} 12l16-8` : `M${group + 2 + (n % 5) * 4} 2v12`;
}

async function follow(form, button) {
  const following = form.dataset.following === "yes";
  button.setAttribute("aria-busy", "true");
  try {
    const body = following ? undefined : JSON.parse(form.dataset.body ?? "{}");
    await ask(following ? "DELETE" : "PUT", form.dataset.api, { body });
    form.dataset.following = following ? "no" : "yes";
    button.value = following ? "yes" : "no";
    button.textContent = following ? "Follow" : "Unfollow";
    button.classList.toggle("ink", following);
    button.removeAttribute("aria-busy");
  } catch {
    fallBack(form, button);
  }
}
