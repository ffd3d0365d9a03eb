/** Requests to the server that this page came from, with the tab's token. */
import { sessionToken } from "./session-token.js";

/** An answer that is not a success. */
export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {string} detail
   * @param {number} retryAfterMs
   */
  constructor(status, detail, retryAfterMs) {
    super(detail);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * @param {string} path relative to the page, so that the server can stand below a prefix
 * @param {{ signal: AbortSignal, headers?: Record<string, string> }} options
 * @returns {Promise<Response>}
 * @throws Refusal; TypeError when the server cannot be reached
 */
export async function ask(path, { signal, headers = {} }) {
  const token = sessionToken();
  const authorization = token === null ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(path, { headers: { ...headers, ...authorization }, signal });
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  const retryAfterMs = 1000 * Number(response.headers.get("retry-after") ?? 0);
  throw new Refusal(response.status, String(problem.detail ?? `the server answered ${response.status}`), retryAfterMs);
}

/**
 * @param {string} path
 * @param {AbortSignal} signal
 * @returns {Promise<any>} what the server says; its shape stands in /openapi.json
 */
export async function askJson(path, signal) {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(10_000)]);
  const response = await ask(path, { signal: limited, headers: { accept: "application/json" } });
  return await response.json();
}

/**
 * Ends after a time, or at once when the signal fires.
 *
 * @param {number} ms
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
export function pause(ms, signal) {
  const { promise, resolve } = Promise.withResolvers();
  const timer = setTimeout(resolve, ms);
  signal.addEventListener("abort", resolve, { once: true });
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener("abort", resolve);
  });
}
