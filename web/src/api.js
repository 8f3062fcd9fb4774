// How scripts speak to the site: JSON both ways, the CSRF token of this page, refusals as errors.

const token = () => document.querySelector('meta[name="csrf"]')?.content ?? "";

/** A refusal of the site. `status` is 0 when it could not be reached at all. */
export class Refused extends Error {
  constructor(status, body, headers) {
    super(body?.detail || body?.title || "The site could not be reached.");
    this.status = status;
    this.body = body;
    this.retryAfter = Number(headers?.get("Retry-After")) || 0;
  }
}

/** Asks the site; gives `{body, version}`, the version being the entity tag. Throws Refused. */
export async function ask(method, path, { body, headers = {}, keepalive = false } = {}) {
  const answer = await reach(path, {
    method,
    keepalive,
    headers: { "X-CSRF-Token": token(), ...(body ? { "Content-Type": "application/json" } : {}), ...headers },
    body: body && JSON.stringify(body),
  });
  const told = await answer.json().catch(() => null);
  if (!answer.ok) throw new Refused(answer.status, told, answer.headers);
  return { body: told, version: answer.headers.get("ETag") };
}

async function reach(path, options) {
  try {
    return await fetch(path, options);
  } catch {
    throw new Refused(0, null, null);
  }
}
