// Keeps a draft on the site: a second after a pause, one save in flight at a time, never over newer text.
// It knows nothing of the page: it reads the text by `read`, asks by `ask`, and tells what happened by `say`.
import { Refused } from "../api.js";

const PAUSE_MS = 1000;
const RETRY_MS = [2000, 5000, 15000, 30000];

export const same = (a, b) => a.title === b.title && a.subtitle === b.subtitle && a.html === b.html;

export class Saving {
  /**
   * `story` is its id, or "" before the first save; `version` is that of `text`, as the site gave them.
   * `say(state, detail)` hears: waiting, saving, saved (at), offline, unanswered, signed-out, refused (why),
   * conflict (theirs). `keep` and `drop` mind the copy on this device; `born` hears of a new story's id.
   */
  constructor({ story, version, text, read, ask, say, keep, drop, born }) {
    Object.assign(this, { story, version, read, ask, say, keep, drop, born });
    this.saved = text;
    this.flight = null;
    this.timer = null;
    this.failures = 0;
    this.stopped = false; // While both texts are shown, nothing is sent.
    this.key = crypto.randomUUID(); // A first save that is repeated makes the same story.
  }

  get ahead() {
    return !same(this.read(), this.saved);
  }

  /** The writer wrote: a copy is kept here at once, and sent after a pause. */
  changed() {
    if (!this.ahead) return;
    this.keep(this.story, this.version, this.read());
    this.say("waiting");
    this.soon(PAUSE_MS);
  }

  soon(ms) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.now(), ms);
  }

  /** Saves until the site has all of it; true when it has. Who calls meanwhile waits for the same flight. */
  async now() {
    clearTimeout(this.timer);
    this.flight ??= this.#fly().finally(() => (this.flight = null));
    return this.flight;
  }

  async #fly() {
    while (this.ahead && !this.stopped) {
      const text = this.read();
      this.say("saving");
      try {
        await this.#send(text);
      } catch (refusal) {
        return this.#refused(refusal);
      }
    }
    return !this.ahead;
  }

  async #send(text) {
    const told = this.story ? await this.#put(text) : await this.#create(text);
    this.failures = 0;
    this.version = told.version;
    this.saved = text; // What was sent, not what is on the page by now.
    if (this.ahead) this.keep(this.story, this.version, this.read());
    else this.drop(this.story);
    this.say("saved", told);
  }

  async #put(text) {
    const headers = { "If-Match": `"${this.version}"` };
    return (await this.ask("PUT", `/api/stories/${this.story}/draft`, { body: text, headers })).body;
  }

  async #create(text) {
    const headers = { "Idempotency-Key": this.key };
    const { body } = await this.ask("POST", "/api/stories", { body: text, headers });
    this.drop("");
    this.story = body.id;
    this.born(body.id);
    return body;
  }

  async #refused(refusal) {
    if (!(refusal instanceof Refused)) throw refusal;
    const { status, message, retryAfter } = refusal;
    if (status === 412) return this.#conflict(refusal.body?.known);
    if (status === 0 || status === 429 || status >= 500) {
      const wait = RETRY_MS[Math.min(this.failures++, RETRY_MS.length - 1)];
      this.say(status === 0 ? "offline" : "unanswered", { message });
      this.soon(Math.max(wait, retryAfter * 1000));
      return false;
    }
    this.say(status === 401 ? "signed-out" : "refused", { message });
    return false;
  }

  async #conflict(known) {
    this.stopped = true;
    try {
      const theirs = known?.html === undefined
        ? (await this.ask("GET", `/api/stories/${this.story}/draft`)).body
        : known;
      this.say("conflict", theirs);
    } catch {
      this.stopped = false;
      this.say("offline", {});
      this.soon(RETRY_MS[1]);
    }
    return false;
  }

  /** After a conflict: what is on this page is to stand, over the version that was shown beside it. */
  keepMine(theirs) {
    this.version = theirs.version;
    this.saved = { title: theirs.title, subtitle: theirs.subtitle, html: theirs.html };
    this.stopped = false;
    return this.now();
  }

  /** After a conflict: the page has taken the site's text; there is nothing to save. */
  tookTheirs(theirs) {
    this.version = theirs.version;
    this.saved = this.read();
    this.stopped = false;
    this.drop(this.story);
    this.say("saved", theirs);
  }
}
