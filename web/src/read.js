// On a story's page: counts the seconds really spent reading, and applauds and follows without a reload.
import { ask } from "./api.js";

const IDLE_AFTER_S = 60; // Nobody who has not moved for so long is counted as reading.
const BEAT_S = 15; // The site credits at most this for one beat.
const BEATS_A_REPORT = 12; // Three minutes: a report costs the site as much as a beat would.
const BEATS_MAX = 40; // What the site takes at once; of what waits for the line, the newest are kept.
const PATIENCE_S = 15; // Until the next try, where a refusal does not say.
// Beats lie in localStorage under one of these and their ticket until the site has judged them: one's own reading,
// and what one reads by somebody's gift.
const TOLD_TO = { "reading ": "/api/readings", "gift ": "/api/gift-readings" };

const meta = document.querySelector('meta[name="ticket"]');
const ticket = meta && (meta.dataset.gift === undefined ? "reading " : "gift ") + meta.content;
const reported = new Map();
if (window.top === window) {
  sendKept();
  addEventListener("online", sendKept);
  if (ticket) countReading();
}
document.addEventListener("submit", withoutReload);

function countReading() {
  const report = reportUnder(ticket);
  let moved = performance.now();
  let [number, seconds, idle] = [0, 0, false];

  const beat = () => {
    if (seconds) report.add({ n: ++number, seconds });
    seconds = 0;
  };
  const flush = () => {
    beat();
    report.send();
  };
  for (const sign of ["scroll", "pointermove", "pointerdown", "keydown", "touchmove"]) {
    addEventListener(sign, () => (moved = performance.now()), { passive: true, capture: true });
  }
  setInterval(() => {
    if (document.visibilityState !== "visible") return;
    const was = idle;
    idle = performance.now() - moved >= IDLE_AFTER_S * 1000;
    if (idle && !was) flush();
    if (!idle && ++seconds >= BEAT_S && (beat(), report.waiting() >= BEATS_A_REPORT)) report.send();
  }, 1000);
  addEventListener("pagehide", flush);
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && flush());
}

/**
 * The beats under one ticket. A page that closes sends by `fetch` with `keepalive`, which outlives it as
 * `sendBeacon` does, but can carry the CSRF header; where a browser cannot, the next story sends what was kept.
 */
function reportUnder(under, beats = []) {
  const kind = kindOf(under);
  let [told, patientUntil] = [0, 0];
  const last = () => beats.at(-1)?.n ?? 0;
  const keep = () => stored(() => localStorage[beats.length ? "setItem" : "removeItem"](under, JSON.stringify(beats)));

  async function send() {
    if (last() <= told || Date.now() < patientUntil) return;
    const upTo = (told = last());
    try {
      await ask("POST", TOLD_TO[kind], { body: { ticket: under.slice(kind.length), beats }, keepalive: true });
    } catch ({ status, retryAfter }) {
      if (!status || status === 429 || status >= 500) {
        told = 0;
        const wait = status ? (retryAfter || PATIENCE_S) * 1000 : 0;
        patientUntil = Date.now() + wait;
        if (wait) setTimeout(send, wait);
        return;
      }
    }
    beats = beats.filter(({ n }) => n > upTo);
    keep();
  }

  const report = {
    add(beat) {
      beats = [...beats, beat].slice(-BEATS_MAX);
      keep();
    },
    waiting: () => beats.length,
    send,
  };
  reported.set(under, report);
  return report;
}

/** Which kind of ticket this is: how it begins. */
function kindOf(under) {
  return Object.keys(TOLD_TO).find((kind) => under.startsWith(kind));
}

/** Sends what an earlier page could not, and what this one could not while the line was down. */
function sendKept() {
  stored(() => {
    for (const key of Object.keys(localStorage)) {
      if (kindOf(key) && key !== ticket && !reported.has(key)) reportUnder(key, JSON.parse(localStorage.getItem(key)));
    }
  });
  for (const report of reported.values()) report.send();
}

/** A browser may keep nothing: then what the line loses is lost. */
function stored(deed) {
  try {
    deed();
  } catch {}
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
