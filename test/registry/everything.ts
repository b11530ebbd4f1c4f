import { inspect } from "node:util";

/** All that a program could print of an error: message, hint, request, causes, hidden properties. */
export function everythingOf(error: unknown): string {
  return `${inspect(error, { depth: 10, showHidden: true })} ${error instanceof Error ? error.stack : ""}`;
}

/** What a promise is rejected with. */
export async function rejection(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error("It was expected to fail, and did not");
}
