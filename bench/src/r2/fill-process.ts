/**
 * Fills a new SQLite file with profiles, as a process: `fill-process.ts <path> <rows> [<place as JSON>]`. With a place it begins a
 * copy there before, so that the profiles are noted and wait to be copied.
 */
import { openStore } from "../sqlite/scratch.ts";
import { openCopiedStore } from "./copied-store.ts";
import { variedRows } from "./varied-rows.ts";

const [path = "", rows = "", place] = process.argv.slice(2);
const store = place === undefined ? await openStore(path) : await openCopiedStore(path, JSON.parse(place));
if (place !== undefined) await store.syncToR2();
const { stored } = await store.importProfiles(variedRows(0, Number(rows)));
await store.close();
if (stored !== Number(rows)) throw new Error(`of ${rows} rows the store took ${stored}`);
