/** Where R2 is spoken to. Source: https://developers.cloudflare.com/r2/reference/data-location/ */

/** The jurisdictions that Cloudflare has named so far; there may be more. */
export const JURISDICTIONS: readonly string[] = ["eu", "fedramp", "us"];

/** The endpoint of an account's buckets in a jurisdiction, or of those in none. */
export type EndpointOf = (accountId: string, jurisdiction: string | undefined) => string;

export const r2Endpoint: EndpointOf = (accountId, jurisdiction) =>
  `https://${accountId}${jurisdiction === undefined ? "" : `.${jurisdiction}`}.r2.cloudflarestorage.com`;
