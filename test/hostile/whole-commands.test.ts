import { describe, expect, it } from "vitest";
import { image, rootDigest } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { serve } from "../registry/sockets.ts";
import { prodHost, twoAccounts } from "../scenarios/two-accounts.ts";
import { actingIn } from "./acting-characters.ts";
import { luringImage } from "./hostile-image.ts";

const app = `${prodHost}/team/app:1`;

describe("a whole promotion", { timeout: 60_000 }, () => {
  it("S1, S19: never asks the addresses that a descriptor names, and believes no data in it", async () => {
    await using canary = await serve((_seen, response) => response.end("gotcha"));
    await using world = await twoAccounts();
    const fixture = luringImage(new URL("/layer", canary.url));
    placeImage(world.dev("team/app"), fixture, { tags: ["1"] });
    const prod = world.prod("team/app");
    expect(await world.run(["promote", app])).toMatchObject({ code: 0 });
    expect(canary.connections()).toBe(0);
    expect(prod.imageTags.get("1")).toBe(rootDigest(fixture));
    for (const { digest } of fixture.blobs) expect(prod.blobs.has(digest)).toBe(true);
  });

  it.each([
    "http://evil.invalid/layer",
    "http://amazonaws.com.evil.invalid/layer",
    "http://169.254.169.254/latest/meta-data/",
    "http://169.254.170.23/v1/credentials",
    "http://[fd00:ec2::254]/latest/",
    "http://0xa9fea9fe/latest/",
    "http://10.0.0.1/layer",
  ])("S6: is not led to %s, which is no storage of AWS", async (to) => {
    await using world = await twoAccounts();
    placeImage(world.dev("team/app"), image(), { tags: ["1"] });
    const prod = world.prod("team/app");
    world.emulator.faults.add({ kind: "blob-get" }, { do: "redirect", to });
    const { code, report } = await world.promote([app]);
    expect(code).not.toBe(0);
    expect(report.images[0]?.error).toMatchObject({
      code: "RedirectRefused",
      temporary: false,
      hint: expect.stringContaining("--blob-host"),
    });
    expect(prod.imageTags.size).toBe(0);
  });

  it.each(["169.254.169.254", "169.254.170.2", "0.0.0.0"] as const)(
    "S7: is not led to %s, even where an operator allows every host",
    async (host) => {
      await using world = await twoAccounts();
      placeImage(world.dev("team/app"), image(), { tags: ["1"] });
      world.prod("team/app");
      world.emulator.faults.add({ kind: "blob-get" }, { do: "redirect", to: `http://${host}/` });
      const { report } = await world.promote([app, "--blob-host", host]);
      expect(report.images[0]?.error).toMatchObject({ code: "RedirectRefused" });
    },
  );

  it("S6: goes where the operator says that blobs are", async () => {
    await using world = await twoAccounts();
    placeImage(world.dev("team/app"), image(), { tags: ["1"] });
    world.prod("team/app");
    world.emulator.faults.add({ kind: "blob-get" }, { do: "redirect", to: "http://blobs.invalid/layer" });
    const { report } = await world.promote([app, "--blob-host", "*.invalid"]);
    // It looked for the host, and there is none of this name.
    expect(report.images[0]?.error).toMatchObject({ code: "Network" });
  });

  it("escapes what a registry says, in every output, the log, and what goes to Kubernetes", async () => {
    const said =
      "\u001b[2J\u001b]0;x\u0007\u202eevil\u2028a|b`c`\r\n::error::x\u009b1m<img src=x> [a](http://b) \u0000";
    for (const output of ["text", "json", "yaml", "markdown"]) {
      await using world = await twoAccounts();
      placeImage(world.dev("team/app"), image(), { tags: ["1"] });
      world.prod("team/app");
      world.emulator.faults.add(
        { kind: "manifest-put" },
        {
          do: "status",
          status: 400,
          body: { errors: [{ code: `MANIFEST_INVALID${said}`, message: said }] },
          headers: { warning: `299 - "${said.replaceAll(/[^ -~]/g, "").replaceAll('"', "")}\t\x9b2J"` },
        },
      );
      const run = await world.run(["promote", app, "-o", output, "--log-level", "debug"], {
        env: { TERMINATION_MESSAGE_PATH: "/tmp/termination" },
        terminal: output === "text",
      });
      expect(run.code).not.toBe(0);
      const texts = [run.stdout, run.stderr, ...run.written.values()];
      expect(run.stdout).toContain("evil");
      for (const text of texts) expect(actingIn(text, { colored: output === "text" })).toEqual([]);
      if (output === "markdown") {
        expect(run.stdout).not.toContain("<img");
        expect(run.stdout).not.toMatch(/(?<!\\)\]\(http/);
      }
    }
  });

  it("makes no file name of anything that a registry says", async () => {
    await using world = await twoAccounts();
    const fixture = image({ annotations: { "org.opencontainers.image.title": "../../etc/passwd" } });
    placeImage(world.dev("team/app"), fixture, { tags: ["1"] });
    world.prod("team/app");
    for (const command of ["plan", "promote"]) {
      const run = await world.run([command, app]);
      expect(run.stdout).toContain("team/app");
      expect([...run.written.keys()]).toEqual([]);
    }
  });
});
