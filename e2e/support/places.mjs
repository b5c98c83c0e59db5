// Where things are.
import path from "node:path";

export const root = path.resolve(import.meta.dirname, "../..");
/** Pictures and logs of the last run. */
export const out = path.join(root, "e2e/out");
