/** What telepool measures of one Markdown document. Plain JSON throughout, so that every database stores it as it is. */

/**
 * The measurements of one Markdown document. A `type` and not an `interface`, so that it is assignable to a JSON object.
 *
 * Counts are whole numbers and never negative. There is no time of profiling: the row that stores a profile has its own.
 */
export type LeadSpecProfile = {
  /** The size of the file on the disk, in bytes, with its byte order mark and its invalid UTF-8, if any. */
  bytes: number;
  /** Lines of the whole file; an LF, CRLF or CR ends one, and an empty file has none. */
  lines: number;
  /** Runs of non-blank characters that hold a letter or a digit, outside front matter. Unspaced scripts count by run. */
  words: number;
  /** Headings by level: ATX, setext and raw HTML ones. */
  headings: HeadingCounts;
  /**
   * Links, each occurrence counted: inline, reference, autolinks and raw HTML `<a href>`; none in code or comments.
   * Reference links beyond 1 MB of targets in one document are text to Bun, and are not counted.
   */
  links: {
    /** Links without a scheme: relative ones, `#anchor` and `/absolute`. */
    inner: number;
    /** Links with a scheme or a leading `//`, among them e-mail addresses. They are not fetched. */
    outer: number;
    /** Inner links that lead nowhere. */
    broken: {
      /** Occurrences of links whose file does not exist, or whose anchor is in neither heading nor HTML id of its document. */
      count: number;
      /** The distinct broken targets in document order: the first 100, percent-decoded, each cut at 512 UTF-16 units. */
      targets: string[];
    };
  };
  /**
   * Blocks of code by language, in lower case: `none` without one, `other` where the name is not made of
   * `a-z 0-9 + # . _ -`, is over 32 characters, or would be the 101st.
   */
  codeBlocks: { [language: string]: number };
  /** Tables, of Markdown (up to 128 columns) and of raw HTML. */
  tables: number;
  /** Images, of Markdown and of raw HTML, each occurrence counted. */
  images: {
    /** All of them. */
    total: number;
    /** Those with a relative source that is not an existing file. */
    broken: number;
  };
  /** How long `Bun.markdown` takes to turn the text, in memory, into HTML; after one warm-up parse. */
  parse: {
    /** The median of the runs, in milliseconds. */
    medianMs: number;
    /** The fastest run, in milliseconds. */
    minMs: number;
    /** The slowest run, in milliseconds. */
    maxMs: number;
    /** How many parses were timed. */
    runs: number;
  };
  /**
   * What one parse leaves on the JavaScript heap, in bytes: the heap's size with the parsed document (its HTML) held,
   * less its size before, each read right after a full collection. Never negative. It holds neither the garbage of the
   * parse nor the native memory that Bun's parser frees before it returns.
   */
  heapUsedBytes: number;
};

/** How many headings of each level there are. */
export type HeadingCounts = {
  /** Headings of level 1. */
  h1: number;
  /** Headings of level 2. */
  h2: number;
  /** Headings of level 3. */
  h3: number;
  /** Headings of level 4. */
  h4: number;
  /** Headings of level 5. */
  h5: number;
  /** Headings of level 6. */
  h6: number;
};
