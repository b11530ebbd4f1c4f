import type { Runtime } from "../runtime.ts";

/** What this folder needs of the process that it runs in. */
export type Environment = Runtime["env"];
export type ReadFile = Runtime["readFile"];
export type WriteFile = Runtime["writeFile"];
