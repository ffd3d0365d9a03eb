/**
 * What a user's program does first: opens a store by its URL, writes one profile and reads it back.
 * check-packages.ts copies this file into an empty project that has only the packed packages, and runs it there.
 */
import { createPool } from "@telepool/core";

const pool = createPool("sqlite://./consumer.db");
const id = await pool.insertProfile("session-1", { latencyMs: 2.5 }, "nolarose", "readme.md");
const profile = await pool.getProfile(id);
await pool.close();
if (profile?.member !== "nolarose") throw new Error(`wrote ${id}, read ${JSON.stringify(profile)}`);
console.log("one profile written and read");
