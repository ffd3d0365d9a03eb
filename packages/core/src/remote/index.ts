/** What drivers of databases behind a socket share: options, URLs, several hosts, limits. */
export { untilAborted } from "../async.ts";
export { byCodePoints, inOrderOfIds } from "../by-code-points.ts";
export { type Attempt, connectToFirst, inRandomOrder } from "./connect-to-first.ts";
export { Lifeline, type LifelineSettings } from "./lifeline.ts";
export { type ServerHost, showHost } from "./server-host.ts";
export {
  type CheckedServerOptions,
  presentOptions,
  type ResolvedTls,
  type ServerConfig,
  type ServerOptionEntries,
  serverOptionEntries,
  toServerConfig,
} from "./server-options.ts";
export { parseServerUrl, type UrlOption, type UrlRules, urlText } from "./server-url.ts";
export { CONNECTION_LOST, isSocketError, systemErrorClass } from "./system-errors.ts";
