// Requests to our server. A request that gets no answer has status 0.
const SECONDS = 10;
const LARGEST_KEPT_ALIVE = 60_000; // browsers take 64 KiB for requests that outlive their page

/** {status, data}; `data` is the JSON of the answer, or null. */
export async function ask(method, path, body) {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers = { Accept: "application/json" };
  if (text !== undefined) {
    headers["Content-Type"] = "application/json";
    headers["X-CSRFToken"] = csrfToken();
  }
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), SECONDS * 1000);
  try {
    const response = await fetch(path, {
      method,
      body: text,
      headers,
      credentials: "same-origin",
      keepalive: text !== undefined && text.length < LARGEST_KEPT_ALIVE,
      signal: stop.signal,
    });
    const data = await response.json().catch(() => null);
    // An address that is not for scripts sends who is not logged in to the log-in page.
    const status = response.redirected && data === null ? 401 : response.status;
    return { status, data };
  } catch {
    return { status: 0, data: null };
  } finally {
    clearTimeout(timer);
  }
}

/** Read anew at each request: a log-in in another tab changes it. */
function csrfToken() {
  const pair = document.cookie.split("; ").find((each) => each.startsWith("coderbench_csrf="));
  return pair ? pair.slice("coderbench_csrf=".length) : "";
}

/**
 * What became of a request, in one word: "arrived"; "down" where no server of ours answered;
 * "ended" where nobody is logged in; else the server's reason, or "refused".
 */
export function outcome({ status, data }) {
  if (status === 204) return "arrived";
  if (status >= 200 && status < 300) return data ? "arrived" : "down";
  if (status === 0 || status >= 500 || status === 408 || status === 429) return "down";
  if (status === 401) return "ended";
  if (status === 403 && !data) return "ended"; // the cookies are gone
  return data?.reason ?? "refused";
}

/** A name that nobody else makes up. `randomUUID` is missing where a page came over plain http. */
export function uniqueName(source = crypto) {
  if (source.randomUUID) return source.randomUUID();
  const bytes = source.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
