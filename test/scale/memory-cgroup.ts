import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A control group whose processes the kernel ends when together they want more memory than they may have. */
export interface MemoryGroup extends AsyncDisposable {
  /** A process that writes its number here belongs to it. */
  readonly processes: string;
  /** How often the kernel found the group at its limit. */
  refusals(): Promise<number>;
}

const root = "/sys/fs/cgroup";

/** A group with a limit in bytes, of either version of control groups; undefined where we may make none. */
export async function memoryGroup(limitBytes: number): Promise<MemoryGroup | undefined> {
  const first = existsSync(join(root, "memory"));
  const folder = join(root, first ? "memory" : "", `image-promoter-${randomUUID()}`);
  try {
    await mkdir(folder);
    await writeFile(join(folder, first ? "memory.limit_in_bytes" : "memory.max"), String(limitBytes));
  } catch {
    await rmdir(folder).catch(() => undefined);
    return undefined;
  }
  return {
    processes: join(folder, "cgroup.procs"),
    async refusals() {
      if (first) return Number(await readFile(join(folder, "memory.failcnt"), "utf8"));
      return Number(/^max (\d+)$/m.exec(await readFile(join(folder, "memory.events"), "utf8"))?.[1]);
    },
    [Symbol.asyncDispose]: () => rmdir(folder),
  };
}
