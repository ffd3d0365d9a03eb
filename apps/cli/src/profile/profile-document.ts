/**
 * Measures one Markdown document: what it holds, which of its links are broken, and what it costs to parse.
 *
 * The file is read once; its size, text and timings are those of one moment. Parsing is synchronous: a document of
 * 10 MB holds the event loop for about a second at a time, so a server profiles in a worker or a process of its own.
 */
import { readFile, stat } from "node:fs/promises";
import { abortedError, TelepoolError } from "@telepool/core";
import type { LeadSpecProfile } from "./lead-spec-profile.ts";
import { LinkChecker } from "./links.ts";
import { collectFacts } from "./markdown-facts.ts";
import { decodeDocument, escapeFootnotes, parseMarkdown, withoutFrontMatter } from "./markdown-html.ts";
import { heapHeldBy, timeParses } from "./measure-parse.ts";
import { countLines, countWords } from "./text-counts.ts";

/** The largest document that is profiled, in bytes: 256 MiB, beyond which its HTML nears the longest string there is. */
export const MAX_DOCUMENT_BYTES: number = 256 * 1024 * 1024;

/** How a document is profiled. */
export interface ProfileOptions {
  /** How many parses are timed, from 1 to 1000; default 5. One more runs before, as the warm-up. */
  readonly runs?: number;
  /** The folder that `/` stands for in links such as `/docs/x.md`; by default those are counted but not checked. */
  readonly root?: string;
  /** Ends the profiling between two of its steps; a parse that has begun is finished first. */
  readonly signal?: AbortSignal;
}

/**
 * Profiles the Markdown document `file`.
 *
 * @throws TelepoolError `INVALID_ARGUMENT` with the field `file` if it is missing, not a file or too large;
 * `PERMISSION_DENIED` if it may not be read; `INVALID_OPTION` with the option as the field; `ABORTED`
 */
export async function profileDocument(file: string, options: ProfileOptions = {}): Promise<LeadSpecProfile> {
  const { runs, root, signal } = await parseProfileOptions(options);
  const bytes = await readDocument(file, signal);
  const text = decodeDocument(bytes);
  const body = withoutFrontMatter(text);
  const source = escapeFootnotes(body);
  const parse = (): string => parseMarkdown(source);
  const facts = collectFacts(parse()); // this parse is the warm-up of those that are timed
  const checker = new LinkChecker({ file, anchors: facts.anchors, root, signal });
  return {
    bytes: bytes.byteLength,
    lines: countLines(text),
    words: countWords(body),
    headings: facts.headings,
    links: await checker.countLinks(facts.links),
    codeBlocks: Object.fromEntries(facts.codeBlocks),
    tables: facts.tables,
    images: await checker.countImages(facts.images),
    parse: await timeParses(parse, { runs, signal, nowMs: () => performance.now() }),
    heapUsedBytes: heapHeldBy(parse),
  };
}

interface ParsedOptions {
  readonly runs: number;
  readonly root: string | undefined;
  readonly signal: AbortSignal | undefined;
}

const OPTION_NAMES: readonly string[] = ["runs", "root", "signal"];

async function parseProfileOptions(options: ProfileOptions): Promise<ParsedOptions> {
  for (const name of Object.keys(options)) {
    if (!OPTION_NAMES.includes(name))
      throw invalidOption(name, `is not an option; there are ${OPTION_NAMES.join(", ")}`);
  }
  const { runs = 5, root, signal } = options;
  if (!Number.isInteger(runs) || runs < 1 || runs > 1000) {
    throw invalidOption("runs", `must be a whole number from 1 to 1000 (got ${String(runs)})`);
  }
  if (root !== undefined && !(await isFolder(root))) {
    throw invalidOption("root", `must be a folder that exists (got ${JSON.stringify(root)})`);
  }
  return { runs, root, signal };
}

function invalidOption(field: string, rule: string): TelepoolError {
  return new TelepoolError("INVALID_OPTION", `${field} ${rule}`, { field });
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

async function readDocument(file: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  try {
    const found = await stat(file);
    if (found.isDirectory()) throw invalidFile(file, "is a folder; give one Markdown file of it");
    if (!found.isFile()) throw invalidFile(file, "is not a regular file; give a Markdown file");
    if (found.size > MAX_DOCUMENT_BYTES) {
      throw invalidFile(file, `is ${found.size} bytes long; split it into documents of at most ${MAX_DOCUMENT_BYTES}`);
    }
    return await readFile(file, signal === undefined ? {} : { signal });
  } catch (error) {
    throw explainReadFailure(error, file, signal);
  }
}

function explainReadFailure(error: unknown, file: string, signal: AbortSignal | undefined): unknown {
  if (error instanceof TelepoolError) return error;
  if (signal?.aborted) return abortedError(signal, "profiling a document");
  const code = (error as NodeJS.ErrnoException).code ?? "unknown error"; // node's errors carry a code
  if (code === "EACCES" || code === "EPERM") {
    const message = `file: ${JSON.stringify(file)} may not be read (${code}); grant read access to it`;
    return new TelepoolError("PERMISSION_DENIED", message, { field: "file", cause: error });
  }
  const rule =
    code === "ENOENT" ? "does not exist; check the path" : `cannot be read (${code}); give the path of a Markdown file`;
  return invalidFile(file, rule, error);
}

function invalidFile(file: string, rule: string, cause?: unknown): TelepoolError {
  return new TelepoolError("INVALID_ARGUMENT", `file: ${JSON.stringify(file)} ${rule}`, { field: "file", cause });
}
