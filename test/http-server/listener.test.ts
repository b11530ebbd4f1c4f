import { createServer } from "node:http";
import { describe, expect, it } from "vitest";
import { listenOn, reply } from "../../job/http-server/listener.ts";

const local = { host: "127.0.0.1", port: 0 };

describe("a server", () => {
  it("goes on answering when connections could not be taken, however often", async () => {
    const server = createServer((_, response) => reply(response, 200, { well: true }));
    await using listener = await listenOn(server, local);
    for (const code of ["ENFILE", "ENOBUFS"]) {
      // As the system reports that a connection could not be accepted.
      server.emit("error", Object.assign(new Error(code), { code, syscall: "accept" }));
    }
    expect((await fetch(`http://127.0.0.1:${listener.port}`)).status).toBe(200);
  });

  it("says which port is taken", async () => {
    await using first = await listenOn(createServer(), local);
    await expect(listenOn(createServer(), { ...local, port: first.port })).rejects.toMatchObject({
      code: "Usage",
      message: `Cannot listen on port ${first.port}: EADDRINUSE`,
    });
  });
});
