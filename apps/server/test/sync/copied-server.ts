/** A server whose store is copied into a real R2, and what has arrived there. */
import { createPool } from "@telepool/core";
import { R2Archive } from "@telepool/r2-sync";
import type { R2Server } from "@telepool/test-servers";

/** Where a copy goes. */
export interface Place {
  readonly r2: R2Server;
  /** Each test has its own. */
  readonly prefix: string;
  /** The bucket's, if it is not the server's own. */
  readonly endpoint?: string;
}

/** The settings of a server that copies there. */
export function copyVariables({ r2, prefix, endpoint = r2.endpoint }: Place): Record<string, string> {
  return {
    TELEPOOL_R2_BUCKET: r2.bucket,
    TELEPOOL_R2_ENDPOINT: endpoint,
    TELEPOOL_R2_ACCESS_KEY_ID: r2.credentials.accessKeyId,
    TELEPOOL_R2_SECRET_ACCESS_KEY: r2.credentials.secretAccessKey,
    TELEPOOL_R2_PREFIX: prefix,
  };
}

/** The ids of all rows that a restore of the only copy brings back, in order. */
export async function restoredIds({ r2, prefix }: Place): Promise<string[]> {
  const { bucket, endpoint, credentials } = r2;
  const archive = new R2Archive({ bucket, endpoint, credentials, prefix });
  await using target = createPool("sqlite://:memory:");
  try {
    await archive.restore(target);
    const ids: string[] = [];
    for await (const { id } of target.profiles()) ids.push(id);
    return ids.sort();
  } finally {
    archive.close();
  }
}

/** Stores so many profiles in one request; gives their ids, which begin with `name`. */
export async function storeProfiles(url: string, name: string, rows: number): Promise<string[]> {
  const ids = Array.from({ length: rows }, (_, position) => `${name}-${position}`);
  const body = ids.map((id) => ({ id, session: name, member: "ada", document: "a.md", profile: { ms: 1.5 } }));
  const response = await fetch(`${url}/api/profiles`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (response.status !== 201) throw new Error(`profiles were not stored: ${response.status}`);
  return ids;
}

/** What the server says at a path. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into what the server says, and fail where it differs
export async function said(url: string, path: string, method = "GET"): Promise<{ status: number; body: any }> {
  const response = await fetch(url + path, { method });
  return { status: response.status, body: JSON.parse(await response.text()) };
}
