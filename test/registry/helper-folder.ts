import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";

export interface HelperFolder extends Disposable {
  readonly path: string;
  /** An environment whose PATH begins with the folder. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Writes `docker-credential-NAME`, a shell script. */
  add(name: string, script: string): void;
}

/** A folder for credential helpers of a test's own. */
export function helperFolder(): HelperFolder {
  const path = mkdtempSync(join(tmpdir(), "promoter-helpers-"));
  return {
    path,
    env: { PATH: `${path}${delimiter}${process.env.PATH ?? ""}`, GREETING: "hello" },
    add(name, script) {
      const file = join(path, `docker-credential-${name}`);
      writeFileSync(file, `#!/bin/sh\n${script}\n`);
      chmodSync(file, 0o755);
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}
