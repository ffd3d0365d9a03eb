/** What R2 takes as a key and as metadata. Source: https://developers.cloudflare.com/r2/platform/limits/ */
import { TelepoolError } from "@telepool/core";

const KEY_BYTES = 1024;
const METADATA_BYTES = 8192;

/** @throws TelepoolError `INVALID_ARGUMENT` */
export function checkKey(key: string): void {
  const bytes = Buffer.byteLength(key);
  if (bytes >= 1 && bytes <= KEY_BYTES) return;
  throw invalid("key", `a key must have 1 to ${KEY_BYTES} bytes (got ${bytes})`);
}

/** @throws TelepoolError `INVALID_ARGUMENT` */
export function checkMetadata(metadata: Readonly<Record<string, string>>): void {
  let bytes = 0;
  for (const [name, value] of Object.entries(metadata)) {
    bytes += name.length + value.length;
    if (!/^[a-z0-9_-]+$/.test(name)) throw invalid(`metadata.${name}`, "must have a name of a-z, 0-9, - and _");
    if (!/^(?:[!-~](?:[ -~]*[!-~])?)?$/.test(value)) {
      throw invalid(`metadata.${name}`, "must be printable ASCII without spaces at its ends");
    }
  }
  if (bytes > METADATA_BYTES) throw invalid("metadata", `must not exceed ${METADATA_BYTES} bytes (got ${bytes})`);
}

function invalid(field: string, rule: string): TelepoolError {
  return new TelepoolError("INVALID_ARGUMENT", `${field}: ${rule}`, { field });
}
