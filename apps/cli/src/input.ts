/** Where data comes from: a file, or stdin for `-`. A read ends when the user interrupts the command. */
import { stat } from "node:fs/promises";
import { CliError, systemReason } from "./cli-error.ts";

/** The bytes of a file, or of stdin for `-`; memory holds a piece at a time. */
export async function openInput(source: string): Promise<ReadableStream<Uint8Array>> {
  if (source === "-") return Bun.stdin.stream();
  try {
    if ((await stat(source)).isDirectory()) throw new Error("it is a folder");
  } catch (cause) {
    throw new CliError("FILE_UNREADABLE", `${JSON.stringify(source)} cannot be read: ${systemReason(cause)}`, {
      cause,
    });
  }
  return Bun.file(source).stream();
}

/** Everything from a file or from stdin as text, of at most `maxBytes` bytes. */
export async function readText(source: string, maxBytes: number, signal: AbortSignal): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of readChunks(await openInput(source), signal)) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new CliError("INVALID_INPUT", `the input is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch (cause) {
    throw new CliError("INVALID_INPUT", "the input is not UTF-8 text", { cause });
  }
}

/** The chunks of a stream, until it ends or `signal` fires; then the stream is cancelled and the reader gets the error. */
export async function* readChunks(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = stream.getReader();
  const cancel = (): void => void reader.cancel().catch(() => {}); // the read below ends either way
  signal.addEventListener("abort", cancel, { once: true });
  try {
    for (;;) {
      signal.throwIfAborted();
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) return;
      yield value;
    }
  } finally {
    signal.removeEventListener("abort", cancel);
    cancel();
  }
}
