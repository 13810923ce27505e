// Requests of this page to Label Studio. A request that gets no answer has status 0.
const SECONDS = 10;
const LARGEST_KEPT_ALIVE = 60_000; // browsers take 64 KiB for requests that outlive their page

export const plainFetch = window.fetch.bind(window);

/** {status, data}; `data` is the JSON of the answer, or null. */
export async function ask(method, path, body, headers = {}) {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), SECONDS * 1000);
  try {
    const response = await plainFetch(path, {
      method,
      body: text,
      headers: text === undefined ? headers : { "Content-Type": "application/json", ...headers },
      keepalive: text !== undefined && text.length < LARGEST_KEPT_ALIVE,
      signal: stop.signal,
    });
    return { status: response.status, data: await response.json().catch(() => null) };
  } catch {
    return { status: 0, data: null };
  } finally {
    clearTimeout(timer);
  }
}

export const worked = (reply) => reply.status >= 200 && reply.status < 300;
export const refused = (reply) => reply.status === 401 || reply.status === 403;

/** Send a draft: over `draft` where there is one, else a new one of the note or of its answer. */
export function sendDraft({ task, annotation, draft, body }) {
  if (draft) return ask("PATCH", `/api/drafts/${draft}/`, { ...body, draft_id: draft });
  const place = annotation ? `/annotations/${annotation}` : "";
  return ask("POST", `/api/tasks/${task}${place}/drafts`, body);
}

/** Whether this browser is still signed in; true where nothing answers, for then nobody knows. */
export async function signedIn() {
  return !refused(await ask("GET", "/api/current-user/whoami"));
}
