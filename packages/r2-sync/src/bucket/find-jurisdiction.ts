/** A bucket that is asked for in the wrong jurisdiction is refused, or said not to exist; here it is looked for. */
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { TelepoolError } from "@telepool/core";
import { type EndpointOf, JURISDICTIONS } from "./r2-endpoint.ts";
import type { R2Requests } from "./r2-requests.ts";

/**
 * The error that names the right jurisdiction, or the given one when the bucket is nowhere else.
 *
 * Sends one request to each other jurisdiction, at once.
 */
export async function findJurisdiction(
  requests: R2Requests,
  endpointOf: EndpointOf,
  refusal: TelepoolError,
  signal: AbortSignal | undefined,
): Promise<TelepoolError> {
  const { account, bucket, where } = requests.config;
  if (account === undefined) return refusal;
  const others = [undefined, ...JURISDICTIONS].filter((jurisdiction) => jurisdiction !== account.jurisdiction);
  const answers = await Promise.all(
    others.map(async (jurisdiction) => {
      const endpoint = endpointOf(account.id, jurisdiction);
      try {
        await requests.sendElsewhere(
          endpoint,
          { operation: "ListObjectsV2", billedAs: "classA", signal },
          (client, ownSignal) =>
            client.send(new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 1 }), { abortSignal: ownSignal }),
        );
        return true;
      } catch {
        return false; // it is not there, or cannot be asked; the refusal stands
      }
    }),
  );
  const at = answers.indexOf(true);
  if (at < 0) return refusal;
  const found = others[at];
  const field = `${where}.jurisdiction`;
  const place = found === undefined ? "no jurisdiction: leave" : `jurisdiction ${found}: set`;
  const message = `the bucket "${bucket}" is in ${place} ${field} ${found === undefined ? "out" : `to "${found}"`}`;
  return new TelepoolError(refusal.code, message, { field, cause: refusal });
}
