/** Writes the types of the client: `pnpm client:types`. */
import { API_TYPES, makeApiTypes } from "./api-types.ts";

await Bun.write(API_TYPES, await makeApiTypes());
