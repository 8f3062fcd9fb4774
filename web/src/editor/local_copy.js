// The copy of a draft on this device: the text, and the version of the site's text that it began from.
// Each open page has its own copy, and holds a lock under its name; a copy without a holder is an orphan.

const mine = crypto.randomUUID();
const PREFIX = "longhand:draft:";
const nameOf = (story, page = mine) => `${PREFIX}${story || "new"}:${page}`;

navigator.locks?.request(PREFIX + mine, () => new Promise(() => {}));

/** Keeps `text` beside the version it began from; false where this device will keep nothing. */
export function keepCopy(story, base, text) {
  try {
    localStorage.setItem(nameOf(story), JSON.stringify({ base, text }));
    return true;
  } catch {
    return false;
  }
}

export function dropCopy(story) {
  try {
    localStorage.removeItem(nameOf(story));
  } catch {
    // Nothing is kept where nothing can be.
  }
}

/** What a closed page left behind of this story: `{base, text}` or null. It is taken over by this page. */
export async function adoptCopy(story) {
  const held = await namesHeld();
  for (const key of keysOf(story)) {
    const page = key.slice(key.lastIndexOf(":") + 1);
    if (held.has(PREFIX + page)) continue;
    const copy = read(key);
    localStorage.removeItem(key);
    if (copy) {
      keepCopy(story, copy.base, copy.text);
      return copy;
    }
  }
  return null;
}

async function namesHeld() {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return new Set(held.map(({ name }) => name));
}

function keysOf(story) {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(`${PREFIX}${story || "new"}:`));
  } catch {
    return [];
  }
}

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}
