/** The error of a process that meets a new copy of its database, which another one has begun: it goes on with that. */
import { TelepoolError } from "@telepool/core";

export function replaced(): TelepoolError {
  return new TelepoolError(
    "DATABASE_BUSY",
    "another process has begun a new copy of this database; the next sync goes on with it",
  );
}
