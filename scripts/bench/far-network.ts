import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { goProgram } from "./go-program.ts";

/** How far *far* is. */
export const far = { roundTripMs: 30, mibPerSecond: 60 } as const;

/** Another address of something on this machine, as if it were elsewhere. */
export interface FarNetwork extends AsyncDisposable {
  /** Host and port. */
  readonly address: string;
}

/** Puts {@link far} between whoever connects and `to`, a host and port. */
export async function openFarNetwork(to: string): Promise<FarNetwork> {
  const distance = ["-rtt", `${far.roundTripMs}ms`, "-mibps", String(far.mibPerSecond)];
  const child = spawn(await goProgram("far-network"), ["-to", to, ...distance], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const lines = createInterface({ input: child.stdout });
  const [address] = await Promise.race([
    once(lines, "line"),
    ended.then(() => Promise.reject(new Error("far-network ended before it listened"))),
  ]);
  return {
    address,
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
    },
  };
}
