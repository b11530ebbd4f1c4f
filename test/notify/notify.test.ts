import { expect, it } from "vitest";
import { systemClock } from "../../job/async/clock.ts";
import { createLogger } from "../../job/logger.ts";
import { notifyAll } from "../../job/notify/notify.ts";
import { serve, testNetwork } from "../registry/sockets.ts";
import { copied, report } from "../report/example-report.ts";

it("what stands for a secret is kept out of every log from then on, in whatever spelling", async () => {
  const path = "/services/T00/aB<cD>9é";
  await using server = await serve((_seen, response) => response.end());
  await using network = testNetwork();
  let text = "";
  const output = {
    write(line: string) {
      text += line;
    },
    isTerminal: false,
    columns: 80,
  };
  const log = createLogger({ output, level: "info", format: "text", clock: systemClock });
  await notifyAll(
    report([copied]),
    [
      {
        url: `\${env:HOOK}`,
        format: "json",
        when: "always",
        headers: { authorization: `Bearer \${env:TOKEN}` },
        isWritten: true,
      },
    ],
    {
      network,
      clock: systemClock,
      log,
      occasion: {},
      env: { HOOK: `${server.url.origin}${path}`, TOKEN: "kP9xWv3nTz" },
      readFile: () => Promise.reject(new Error("nothing is read")),
      attemptMs: 2_000,
      totalMs: 4_000,
      signal: new AbortController().signal,
    },
  );
  expect(text).toBe(`info  Posted the report to=${server.url.origin}\n`);
  const { pathname } = new URL(path, server.url);
  log.warn(
    { said: `no ${pathname}`, nested: { again: ["Bearer kP9xWv3nTz"] } },
    `kP9xWv3nTz at ${server.url.origin}${path}`,
  );
  expect(text).not.toMatch(/kP9xWv3nTz|services/);
});

it("nobody is asked who does not want to know", async () => {
  await using server = await serve((_seen, response) => response.end());
  await using network = testNetwork();
  const never = { debug() {}, info: expect.fail, warn: expect.fail, error: expect.fail };
  await notifyAll(
    report([]),
    [{ url: `${server.url.origin}/`, format: "auto", when: "changes", headers: {}, isWritten: false }],
    {
      ...{ network, clock: systemClock, log: never, occasion: {}, env: {}, attemptMs: 1, totalMs: 1 },
      readFile: () => Promise.reject(new Error("nothing is read")),
      signal: new AbortController().signal,
    },
  );
  expect(server.seen).toEqual([]);
});
