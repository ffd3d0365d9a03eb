/** The user as whom a server runs: both PostgreSQL and MySQL refuse to run as root. */
import { chownSync, readFileSync } from "node:fs";

/** A user of the system, by numbers. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** `undefined` for an ordinary user, who runs servers as himself; for root the user of this name, or else nobody. */
export function serverAccount(name: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync("/etc/passwd", "utf8").split("\n");
  for (const wanted of [name, "nobody"]) {
    const [, , uid, gid] = users.find((line) => line.startsWith(`${wanted}:`))?.split(":") ?? [];
    if (uid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(`a server does not run as root, and /etc/passwd has neither a user ${name} nor a user nobody`);
}

/** Hands a file or a folder over. */
export function giveTo(account: Account | undefined, path: string): void {
  if (account !== undefined) chownSync(path, account.uid, account.gid);
}
