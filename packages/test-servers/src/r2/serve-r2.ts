/**
 * Serves R2 by the S3 protocol: Cloudflare's own simulator, whose objects lie in a folder and survive SIGKILL.
 * Run: `serve-r2.ts <port> <folder of the objects> <bucket> <access key id> <secret access key>`; SIGTERM ends it orderly.
 */
import { Miniflare } from "miniflare";
import { HOST } from "../free-port.ts";

const [port, folder = "", id = "", accessKeyId = "", secretAccessKey = ""] = process.argv.slice(2);

const miniflare = new Miniflare({
  host: HOST,
  port: Number(port),
  modules: true,
  script: 'export default { fetch() { return new Response("") } }', // there must be one; nobody calls it
  compatibilityDate: "2025-05-01",
  cf: false, // or it asks Cloudflare where we are
  r2Persist: folder,
  r2Buckets: { BUCKET: { id, s3Credentials: { accessKeyId, secretAccessKey } } },
});

process.once("SIGTERM", () => void miniflare.dispose().finally(() => process.exit(0)));
await miniflare.ready;
