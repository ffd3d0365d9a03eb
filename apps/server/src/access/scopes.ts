/** What a token allows: each scope by itself, none includes another. */

/** `ingest` sends rows in, `read` asks for them, `admin` removes them. */
export type Scope = "ingest" | "read" | "admin";

export const SCOPES: readonly Scope[] = ["ingest", "read", "admin"];

export function isScope(text: string): text is Scope {
  return SCOPES.some((scope) => scope === text);
}
