/**
 * The live tail: server-sent events through `fetch`, since an EventSource cannot send a token in a header.
 *
 * A broken connection is opened again, with the id of the last message, so that no row is shown twice or left out unseen.
 */
import { ask, pause, Refusal } from "./server.js";

/** @typedef {{ type: string, data: string, id?: string }} Message */

const RETRY_MS = 2000;
/** The server says something every eight seconds; one that is silent for so long is gone, even where nobody told. */
const SILENCE_MS = 30_000;

/**
 * Messages as they come, and `lost` whenever the connection broke.
 *
 * @param {AbortSignal} signal
 * @returns {AsyncGenerator<Message, void>}
 * @throws Refusal when the token is not good enough
 */
export async function* tailMessages(signal) {
  /** @type {string | undefined} */
  let last;
  while (!signal.aborted) {
    let waitMs = RETRY_MS;
    const silence = new AbortController();
    try {
      const headers = last === undefined ? {} : { "last-event-id": last };
      const { body } = await ask("api/tail", { signal: AbortSignal.any([signal, silence.signal]), headers });
      if (body === null) return;
      for await (const message of eventMessages(body.pipeThrough(watched(silence)))) {
        last = message.id ?? last;
        yield message;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Refusal) {
        if (error.status === 401 || error.status === 403) throw error;
        waitMs = Math.max(waitMs, error.retryAfterMs);
      }
    }
    yield { type: "lost", data: "" };
    await pause(waitMs, signal);
  }
}

/**
 * Lets everything through, and aborts when nothing comes.
 *
 * @param {AbortController} silence
 * @returns {TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>}
 */
function watched(silence) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), SILENCE_MS);
  };
  return new TransformStream({
    start: wait,
    transform: (chunk, through) => {
      wait();
      through.enqueue(chunk);
    },
    flush: () => clearTimeout(timer),
  });
}

/**
 * The messages of an event stream.
 *
 * @param {ReadableStream<BufferSource>} body
 * @returns {AsyncGenerator<Message, void>}
 */
export async function* eventMessages(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const fields = new Map(block.split("\n").map(nameAndValue));
      const [type, data, id] = [fields.get("event"), fields.get("data"), fields.get("id")];
      if (type !== undefined && data !== undefined) yield { type, data, ...(id === undefined ? {} : { id }) };
    }
  }
}

/**
 * @param {string} line
 * @returns {[name: string, value: string]}
 */
function nameAndValue(line) {
  const colon = line.indexOf(": ");
  return colon < 0 ? [line, ""] : [line.slice(0, colon), line.slice(colon + 2)];
}
