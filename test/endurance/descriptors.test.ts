import { existsSync, readdirSync } from "node:fs";
import process from "node:process";
import { expect, it } from "vitest";
import { startEmulatorProcess } from "../scale/emulator-process.ts";
import { runCommand } from "../scenarios/command-run.ts";
import { prodHost } from "../scenarios/two-accounts.ts";

const rounds = 3;
const uploads = 64;

it.runIf(existsSync("/proc/self/fd"))(
  `${uploads} uploads at a time leave no file descriptor behind`,
  { timeout: 120_000 },
  async () => {
    const images = Array.from({ length: rounds }, (_, round) => ({
      repository: `team/round-${round}`,
      layers: Array.from({ length: uploads }, () => 50_000),
      shares: true,
    }));
    const slow = { match: { kind: "storage" }, effect: { do: "delay", ms: 300 } } as const;
    // The registries are in another process: whatever is open here is the promotion's.
    await using registries = await startEmulatorProcess({ images, faults: [slow] });
    const counts: { most: number; after: number }[] = [];
    const base = descriptors();
    for (const { repository } of images) {
      let most = 0;
      const timer = setInterval(() => {
        most = Math.max(most, descriptors());
      }, 5);
      const args = ["promote", `${prodHost}/${repository}:1`, "--concurrency", String(uploads)];
      const { code, stderr } = await runCommand(args, { env: registries.env });
      clearInterval(timer);
      expect(stderr, stderr).not.toContain("error");
      expect(code).toBe(0);
      counts.push({ most: most - base, after: (await settledDescriptors(base)) - base });
    }
    expect((await registries.look()).tags).toEqual(registries.digests);
    const most = Math.max(...counts.map((count) => count.most));
    console.log(
      `${uploads} uploads at a time, ${rounds} rounds: at most ${most} descriptors open, ` +
        `${counts.map(({ after }) => after).join(", ")} more than before after each round`,
    );
    expect(most).toBeGreaterThan(uploads);
    // One connection for each side of a transfer, and the few with which it is begun.
    expect(most).toBeLessThanOrEqual(4 * uploads);
    expect(counts.map(({ after }) => after)).toEqual(counts.map(() => 0));
  },
);

function descriptors(): number {
  return readdirSync(`/proc/${process.pid}/fd`).length;
}

/** Sockets that were destroyed are closed in one of the next turns. */
async function settledDescriptors(base: number): Promise<number> {
  for (let turn = 0; turn < 50 && descriptors() > base; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return descriptors();
}
