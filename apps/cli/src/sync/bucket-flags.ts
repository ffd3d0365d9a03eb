/** The flags that say where the copies are. Each comes before its environment variable; secrets have no flag. */
import type { Command } from "commander";

/** Where the copies are, as the command line says. */
export interface BucketFlags {
  readonly bucket?: string;
  readonly accountId?: string;
  readonly jurisdiction?: string;
  readonly endpoint?: string;
  readonly prefix?: string;
}

/** What stands at the end of the help of every command that has these flags. */
export const BUCKET_NOTES = `
The credentials are TELEPOOL_R2_ACCESS_KEY_ID and TELEPOOL_R2_SECRET_ACCESS_KEY, or TELEPOOL_R2_SECRET_ACCESS_KEY_FILE, in the
environment or an .env file: there are no flags for them, as every user of the machine can see flags.`;

/** Adds the flags to a command. */
export function withBucketFlags(command: Command): Command {
  return command
    .option("--bucket <name>", "the bucket (default: TELEPOOL_R2_BUCKET)")
    .option("--account-id <id>", "the Cloudflare account (default: TELEPOOL_R2_ACCOUNT_ID)")
    .option("--jurisdiction <name>", "where the bucket was made, such as eu (default: TELEPOOL_R2_JURISDICTION)")
    .option("--endpoint <url>", "another storage that speaks S3 (default: TELEPOOL_R2_ENDPOINT)")
    .option("--prefix <path>", "what all keys begin with (default: TELEPOOL_R2_PREFIX)");
}
