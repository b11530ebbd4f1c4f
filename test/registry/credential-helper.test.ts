import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { credentialHelpers } from "../../job/registry/credential-helper.ts";
import { everythingOf, rejection } from "./everything.ts";
import { type HelperFolder, helperFolder } from "./helper-folder.ts";

const secret = "c4n4ry";

function ask(folder: HelperFolder, name: string, timeoutMs = 10_000) {
  return credentialHelpers({ env: folder.env, timeoutMs })(name, "registry.example");
}

describe("credentialHelpers", () => {
  it("asks by Docker's protocol: get, and the server on standard input", async () => {
    using folder = helperFolder();
    folder.add(
      "own",
      `read server; printf '{"ServerURL":"x","Username":"%s %s %s","Secret":"s"}' "$1" "$server" "$GREETING"`,
    );
    expect(await ask(folder, "own")).toEqual({
      kind: "basic",
      username: "get registry.example hello",
      password: "s",
    });
  });

  it("knows a refresh token by its user", async () => {
    using folder = helperFolder();
    folder.add("own", `echo '{"Username":"<token>","Secret":"refresh"}'`);
    expect(await ask(folder, "own")).toEqual({ kind: "identity-token", token: "refresh" });
  });

  it.each([
    ["says so", "echo 'credentials not found in native keychain'; exit 1"],
    ["gives empty ones", `echo '{"ServerURL":"","Username":"","Secret":""}'`],
  ])("finds nothing when the helper %s", async (_name, script) => {
    using folder = helperFolder();
    folder.add("own", script);
    expect(await ask(folder, "own")).toBeUndefined();
  });

  it.each([
    ["fails", `echo ${secret}; echo ${secret} >&2; exit 3`, "exit code 3"],
    [
      "fails after it said something like nothing found",
      `echo "${secret} credentials not found in native keychain?"; exit 1`,
      "exit code 1",
    ],
    ["prints what is no JSON", `echo '{"Secret":"${secret}'`, "no JSON"],
    ["prints null", "echo null", "no Username and Secret"],
    ["prints no secret", `echo '{"Username":"${secret}"}'`, "no Username and Secret"],
    ["prints too much", `head -c 200000 /dev/zero | tr '\\0' x; echo ${secret}`, "more than"],
    ["is killed", "kill -9 $$", "signal"],
    ["does not end", "sleep 30", "too long"],
  ])("explains a helper that %s", async (_name, script, why) => {
    using folder = helperFolder();
    folder.add("own", script);
    const error = await rejection(ask(folder, "own", script.startsWith("sleep") ? 200 : 10_000));
    expect(error).toMatchObject({
      code: "CredentialsUnavailable",
      message: expect.stringContaining(why),
      hint: expect.stringContaining("docker-credential-own get"),
    });
    expect(everythingOf(error)).not.toContain(secret);
  });

  it("explains a helper that is missing", async () => {
    using folder = helperFolder();
    const error = await rejection(ask(folder, "none"));
    expect(error).toMatchObject({
      code: "CredentialsUnavailable",
      message: expect.stringContaining("not installed"),
    });
  });

  it("is no way to run anything else", async () => {
    using folder = helperFolder();
    folder.add("own", `echo '{"Username":"a","Secret":"b"}'`);
    const trace = join(folder.path, "trace");
    for (const name of [`own; touch ${trace}`, `../own`, `$(touch ${trace})`, "", "own\n", "own\0"]) {
      expect(await rejection(ask(folder, name))).toMatchObject({ code: "InvalidConfiguration" });
    }
    expect(existsSync(trace)).toBe(false);
  });

  it("ends a helper that is no longer wanted", async () => {
    using folder = helperFolder();
    folder.add("slow", "sleep 30");
    const controller = new AbortController();
    const failed = rejection(
      credentialHelpers({ env: folder.env })("slow", "r", { signal: controller.signal }),
    );
    setTimeout(() => controller.abort(new Error("enough")), 50);
    expect(await failed).toMatchObject({ message: "enough" });
  });

  it("does not mind a helper that reads nothing", async () => {
    using folder = helperFolder();
    folder.add("deaf", `exec 0<&-; echo '{"Username":"a","Secret":"b"}'`);
    const asked = credentialHelpers({ env: folder.env })("deaf", "x".repeat(1_000_000));
    expect(await asked).toEqual({ kind: "basic", username: "a", password: "b" });
  });
});
