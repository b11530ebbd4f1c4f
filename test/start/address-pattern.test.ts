import { execFile } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { readyAddressPattern } from "../../job/start/address-pattern.ts";

it("leaves V8's flags as they were", () => {
  const set: string[] = [];
  readyAddressPattern((flags) => set.push(flags));
  expect(set).toEqual(["--no-regexp-optimization", "--regexp-optimization"]);
});

it("has V8 compile the pattern that names of hosts are held against", async () => {
  const program = `
    import { readyAddressPattern } from ${JSON.stringify(join(process.cwd(), "job/start/address-pattern.ts"))};
    import { isIPv6 } from "node:net";
    import { setFlagsFromString } from "node:v8";
    readyAddressPattern(setFlagsFromString);
    setFlagsFromString("--trace-regexp-tier-up");
    isIPv6("registry.example.com");
    isIPv6("registry.example.org");
    console.log("done");
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program]);
  expect(stdout).toBe("done\n");
});
