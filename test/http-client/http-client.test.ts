import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { connect } from "../../job/http-client/connect.ts";
import { type HttpClientOptions, openHttpClient } from "../../job/http-client/http-client.ts";
import type { HttpRequest } from "../../job/http-client/http-message.ts";
import { rejection } from "../registry/everything.ts";

type Talk = (socket: Socket, heard: string, connection: number) => void;

/** A server that says what it is told to, however wrong, after every piece it hears; and a client of it. */
async function talking(talk: Talk, options: Partial<HttpClientOptions> = {}) {
  const sockets = new Set<Socket>();
  const heard: string[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    const connection = sockets.size;
    heard.push("");
    socket.on("error", () => undefined);
    socket.on("data", (data) => {
      heard[connection - 1] += data.toString("latin1");
      talk(socket, heard[connection - 1] ?? "", connection);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const client = openHttpClient({
    host: origin.host,
    connect: (signal) => connect({ origin }, { timeoutMs: 2_000, signal }),
    connections: 4,
    keepAliveMs: 5_000,
    ...options,
  });
  const send = (request: Partial<HttpRequest> = {}) =>
    client.send({ method: "GET", path: "/", headers: {}, timeoutMs: 2_000, ...request });
  return {
    client,
    heard,
    send,
    sockets,
    text: async (request: Partial<HttpRequest> = {}) => (await send(request)).body.text({ limit: 1_000_000 }),
    async [Symbol.asyncDispose]() {
      client[Symbol.dispose]();
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

const said = (text: string, ...headers: readonly string[]) =>
  `${["HTTP/1.1 200 OK", `content-length: ${text.length}`, ...headers].join("\r\n")}\r\n\r\n${text}`;

const requestsIn = (heard: string) => heard.split(" HTTP/1.1\r\n").length - 1;

const nextTurn = () => new Promise((resolve) => setTimeout(resolve, 5));

/** One buffer with other bytes each time, as a socket's would be. */
async function* overwritten(pieces: readonly string[]): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.alloc(64 * 1024);
  for (const piece of pieces) {
    const bytes = buffer.write(piece, "latin1");
    yield buffer.subarray(0, bytes);
    buffer.fill("!");
  }
}

describe("a request", () => {
  it("says what it was told to, and names the host", async () => {
    await using test = await talking((socket) => socket.write(said("ok")));
    expect(await test.text({ path: "/a?b=c", headers: { accept: "x/y" } })).toBe("ok");
    expect(test.heard[0]).toMatch(
      /^GET \/a\?b=c HTTP\/1\.1\r\nhost: 127\.0\.0\.1:\d+\r\n(.+\r\n)?accept: x\/y\r\n/i,
    );
    expect(test.heard[0]).not.toMatch(/transfer-encoding|content-length/i);
  });

  it.each([
    ["a text", "häh", "content-length: 4", "h\u00c3\u00a4h"],
    ["bytes", Buffer.from("abc"), "content-length: 3", "abc"],
  ])("sends %s with its length", async (_, body, length, expected) => {
    await using test = await talking((socket) => socket.write(said("ok")));
    await test.text({ method: "POST", body });
    expect(test.heard[0]?.toLowerCase()).toContain(length);
    expect(test.heard[0]?.endsWith(`\r\n\r\n${expected}`)).toBe(true);
  });

  it("that has no body where there could be one says so", async () => {
    await using test = await talking((socket) => socket.write(said("ok")));
    await test.text({ method: "POST" });
    expect(test.heard[0]?.toLowerCase()).toContain("content-length: 0\r\n");
  });

  it("sends bytes in pieces one after the other", async () => {
    await using test = await talking((socket, heard) => heard.endsWith("abcdef") && socket.write(said("ok")));
    const body = [Buffer.from("abc"), Buffer.from("def")];
    await test.text({ method: "PUT", headers: { "content-length": "6" }, body });
    expect(test.heard[0]?.endsWith("\r\n\r\nabcdef")).toBe(true);
  });

  it("asks a stream for its next chunk when the last has left", async () => {
    const pieces = Array.from({ length: 200 }, (_, at) => String(at % 10).repeat(64 * 1024));
    const whole = pieces.join("");
    await using test = await talking((socket, heard) => {
      // Slow to read, so that chunks have to wait.
      socket.pause();
      setTimeout(() => socket.resume(), 1);
      if (
        heard.length > whole.length &&
        heard.endsWith("\r\n\r\n") === false &&
        heard.split("\r\n\r\n")[1]?.length === whole.length
      )
        socket.write(said("ok"));
    });
    const headers = { "content-length": String(whole.length) };
    expect(await test.text({ method: "PUT", headers, body: overwritten(pieces) })).toBe("ok");
    expect(test.heard[0]?.split("\r\n\r\n")[1] === whole).toBe(true);
  });

  it.each([
    ["shorter", ["abc"]],
    ["longer", ["abc", "defg"]],
  ])(
    "fails with a stream that is %s than was announced, before it could be taken for whole",
    async (_, pieces) => {
      await using test = await talking(
        (socket, heard) => heard.endsWith("abcdef") && socket.write(said("ok")),
      );
      const sending = test.send({
        method: "PUT",
        headers: { "content-length": "6" },
        body: overwritten(pieces),
      });
      expect(await rejection(sending)).toMatchObject({ message: expect.stringContaining("6 bytes") });
      expect(test.heard.every((heard) => !heard.includes("abcdef"))).toBe(true);
    },
  );

  it("fails with what its stream fails with", async () => {
    await using test = await talking(() => undefined);
    const failure = new Error("the source is gone");
    const body = (async function* () {
      yield Buffer.from("abc");
      throw failure;
    })();
    expect(await rejection(test.send({ method: "PUT", headers: { "content-length": "6" }, body }))).toBe(
      failure,
    );
  });

  it("ends its stream when it is answered before all of it is sent, and its connection with the answer", async () => {
    await using test = await talking((socket) =>
      socket.write("HTTP/1.1 413 No\r\ncontent-length: 2\r\n\r\nno"),
    );
    let hasEnded = false;
    const body = (async function* () {
      try {
        for (;;) {
          yield Buffer.alloc(1_000);
          await nextTurn();
        }
      } finally {
        hasEnded = true;
      }
    })();
    const answer = await test.send({ method: "PUT", headers: { "content-length": "1000000000" }, body });
    expect(answer.status).toBe(413);
    expect(await answer.body.text({ limit: 10 })).toBe("no");
    await expect.poll(() => hasEnded).toBe(true);
    await expect
      .poll(() => [...test.sockets].every(({ readableEnded, destroyed }) => readableEnded || destroyed))
      .toBe(true);
  });

  const large = Buffer.alloc(32 * 1024 * 1024);
  it.each([
    ["bytes", () => large],
    ["pieces", () => [large]],
    [
      "a stream's last chunk",
      async function* () {
        yield large;
      },
    ],
  ])("lets go of its connection when it is answered and %s are not taken", async (_, body) => {
    await using test = await talking(
      (socket, _heard, connection) => {
        socket.write(said(String(connection)));
        if (connection === 1) socket.pause();
      },
      { connections: 1 },
    );
    const headers = { "content-length": String(large.length) };
    expect(await test.text({ method: "PUT", headers, body: body() })).toBe("1");
    expect(await test.text()).toBe("2");
  });

  it("does not wait for the head of an answer that has begun", async () => {
    let hasBegun = false;
    await using test = await talking((socket, heard) => {
      if (!hasBegun) socket.pause().write(said("ok").slice(0, -1));
      hasBegun = true;
      setTimeout(() => socket.resume(), 1);
      if (heard.length > large.length) setTimeout(() => socket.write("k"), 200);
    });
    const headers = { "content-length": String(large.length) };
    const body = (async function* () {
      yield large;
    })();
    expect(await test.text({ method: "PUT", headers, body, timeoutMs: 50 })).toBe("ok");
  });
});

describe("a request that cannot be sent", () => {
  it.each([
    ["a line's end in a header", { headers: { authorization: "secret\r\nx: y" } }],
    ["a line's end in its path", { path: "/secret\r\nx: y" }],
    ["what is no Latin-1", { headers: { authorization: "secret \u20ac" } }],
    ["a space in its path", { path: "/secret HTTP/1.1" }],
    ["an empty path", { path: "" }],
    ["a name that is none", { headers: { "x: secret": "y" } }],
    ["a name in capitals", { headers: { Host: "secret" } }],
    ["a method that is none", { method: "GET /secret" }],
    ["a stream of unknown length", { method: "PUT", body: overwritten(["secret"]) }],
  ])("is refused before anything of it is said: %s", async (_, request) => {
    await using test = await talking((socket) => socket.write(said("ok")));
    const error = await rejection(test.send(request));
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).not.toContain("secret");
    expect(test.heard).toEqual([]);
  });
});

describe("an answer", () => {
  it("has several headers of one name in one", async () => {
    await using test = await talking((socket) =>
      socket.write(said("", "link: <a>", "link: <b>", "location: /1", "location: /2")),
    );
    expect((await test.send()).headers).toMatchObject({ link: "<a>, <b>", location: "/1, /2" });
  });

  it("to HEAD has no body, and leaves the connection to the next", async () => {
    await using test = await talking((socket) =>
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"),
    );
    for (const _ of [1, 2, 3]) await (await test.send({ method: "HEAD" })).body.dump({ limit: 0 });
    expect(test.sockets.size).toBe(1);
  });

  it("is let go with its connection where it is too long to be read to its end", async () => {
    // The rest of it never comes.
    await using test = await talking((socket) => socket.write(said("x".repeat(10_000)).slice(0, -1)));
    await (await test.send()).body.dump({ limit: 9_000 });
    const { body } = await test.send();
    expect(await rejection(body.text({ limit: 9_000 }))).toBeInstanceOf(RangeError);
    await test.send();
    expect(test.sockets.size).toBe(3);
  });

  it("that breaks off fails whoever reads it", async () => {
    await using test = await talking((socket) => socket.end(said("some").slice(0, -2)));
    expect(await rejection(test.text())).toMatchObject({ code: "ECONNRESET" });
  });

  it("that nobody has read before it was ended fails whoever reads it then", async () => {
    await using test = await talking((socket) => socket.write(said("some")));
    const { body } = await test.send();
    body.destroy();
    expect(await rejection(body.text({ limit: 10 }))).toMatchObject({ code: "ECONNRESET" });
    await new Promise<void>((resolve) => body.once("close", resolve));
    expect(await rejection(body.text({ limit: 10 }))).toMatchObject({ code: "ECONNRESET" });
  });

  it("in several pieces is read as one", async () => {
    const pieces = ["a".repeat(70_000), "b".repeat(70_000)];
    await using test = await talking((socket) => {
      socket.write(said(pieces.join("")).slice(0, -70_000));
      setTimeout(() => socket.write(pieces[1] ?? ""), 20);
    });
    expect(await test.text()).toBe(pieces.join(""));
  });

  it.each(["iterated", "whole"])("in hundreds of thousands of pieces is read in time, %s", async (how) => {
    const count = 200_000;
    await using test = await talking((socket) =>
      socket.write(
        `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${"1\r\nx\r\n".repeat(count)}0\r\n\r\n`,
      ),
    );
    const { body } = await test.send();
    await new Promise((resolve) => setTimeout(resolve, 100));
    const begun = performance.now();
    let bytes = 0;
    if (how === "whole") bytes = (await body.bytes({ limit: count }))?.length ?? 0;
    else for await (const piece of body) bytes += piece.length;
    expect(bytes).toBe(count);
    expect(performance.now() - begun).toBeLessThan(1_500);
  });

  it("holds little more than its bytes, whatever came between them", async () => {
    const count = 100_000;
    const piece = `1;${"x".repeat(120)}\r\ny\r\n`;
    await using test = await talking((socket) =>
      socket.write(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${piece.repeat(count)}0\r\n\r\n`),
    );
    const { body } = await test.send();
    const before = process.memoryUsage().arrayBuffers;
    const whole = await body.bytes({ limit: count });
    expect(whole?.equals(Buffer.alloc(count, "y"))).toBe(true);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024);
  });

  it("that comes before anything was asked is none", async () => {
    await using test = await talking(() => undefined);
    const body = (async function* () {
      await expect.poll(() => test.sockets.size).toBe(1);
      for (const socket of test.sockets) socket.write("HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n");
      await new Promise((resolve) => setTimeout(resolve, 50));
      yield Buffer.from("abc");
    })();
    const sending = test.send({ method: "PUT", headers: { "content-length": "3" }, body });
    expect(await rejection(sending)).toMatchObject({ code: "EBADMSG" });
  });

  it("that nobody reads is not let come", async () => {
    const text = "x".repeat(32 * 1024 * 1024);
    await using test = await talking((socket) => socket.write(said(text)));
    const { body } = await test.send();
    await new Promise((resolve) => setTimeout(resolve, 100));
    const [socket] = test.sockets;
    expect(socket?.writableLength).toBeGreaterThan(0);
    let bytes = 0;
    for await (const piece of body) bytes += piece.length;
    expect(bytes).toBe(text.length);
  });

  it("is given as it comes, and ends its connection where its reader has had enough", async () => {
    await using test = await talking((socket) => socket.write(said("hello").slice(0, -1)));
    const { body } = await test.send();
    for await (const piece of body) {
      expect(String(piece)).toBe("hell");
      break;
    }
    await expect.poll(() => [...test.sockets].every(({ readableEnded }) => readableEnded)).toBe(true);
  });

  it("is waited for no longer than it is told", async () => {
    await using test = await talking(() => undefined);
    expect(await rejection(test.send({ timeoutMs: 50 }))).toMatchObject({ code: "ETIMEDOUT" });
  });

  it("is waited for only when the stream has left, however long that takes", async () => {
    await using test = await talking((socket, heard) => heard.endsWith("abcdef") && socket.write(said("ok")));
    const body = (async function* () {
      yield Buffer.from("abc");
      await new Promise((resolve) => setTimeout(resolve, 200));
      yield Buffer.from("def");
    })();
    const request = { method: "PUT", headers: { "content-length": "6" }, body, timeoutMs: 100 };
    expect(await test.text(request)).toBe("ok");
  });

  it.each(["SSH-2.0-OpenSSH_9.6\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab"])(
    "that is no HTTP is refused: %s",
    async (text) => {
      await using test = await talking((socket) => socket.write(text));
      expect(await rejection(test.text())).toMatchObject({ code: "EBADMSG" });
    },
  );
});

describe("connections", () => {
  it.each([
    ["pieces", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", 1],
    ["an interim answer before it", `HTTP/1.1 103 Early\r\n\r\n${said("ok")}`, 1],
    ["what older servers say", "HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok", 2],
    ["the wish to end it", said("ok", "connection: close"), 2],
  ])("after an answer with %s", async (_, text, connections) => {
    await using test = await talking((socket) => socket.write(text));
    expect(await test.text()).toBe("ok");
    expect(await test.text()).toBe("ok");
    expect(test.sockets.size).toBe(connections);
  });

  it("whose end is the answer's are not used again", async () => {
    await using test = await talking((socket) => socket.end("HTTP/1.1 200 OK\r\n\r\nall there is"));
    expect(await test.text()).toBe("all there is");
    expect(await test.text()).toBe("all there is");
    expect(test.sockets.size).toBe(2);
  });

  it("are used again after a stream that has left", async () => {
    await using test = await talking((socket, heard) => heard.endsWith("abcdef") && socket.write(said("ok")));
    const headers = { "content-length": "6" };
    for (const _ of [1, 2, 3]) {
      await test.text({ method: "PUT", headers, body: overwritten(["abc", "def"]) });
    }
    expect(test.sockets.size).toBe(1);
  });

  it.each([
    ["the server has ended", (socket: Socket) => socket.end()],
    ["there is more behind the answer", (socket: Socket) => socket.write(said("forged"))],
  ])("are not given to who waits where %s, however late that is read", async (_, last) => {
    const text = "x".repeat(100_000);
    await using test = await talking(
      (socket, _heard, connection) => {
        socket.write(said(connection === 1 ? text : "2"));
        if (connection === 1) last(socket);
      },
      { connections: 1 },
    );
    const { body } = await test.send();
    const second = test.text({ method: "POST", body: "x" });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await body.text({ limit: 200_000 })).toBe(text);
    expect(await second).toBe("2");
  });

  it("are not given to the next when more came with the answer", async () => {
    await using test = await talking(
      (socket, _, connection) => socket.write(said(String(connection)) + said("forged")),
      { connections: 1 },
    );
    expect(await Promise.all([test.text(), test.text(), test.text()])).toEqual(["1", "2", "3"]);
  });

  it("are replaced at once where the server has closed them, for what only asks", async () => {
    await using test = await talking((socket, heard, connection) => {
      // The second request comes to a connection that is closed without a word.
      if (connection === 1 && requestsIn(heard) === 2) socket.destroy();
      else socket.write(said(String(connection)));
    });
    expect(await test.text()).toBe("1");
    expect(await test.text()).toBe("2");
  });

  it("are not used again for longer than the server says that it keeps them", async () => {
    await using test = await talking((socket, _, connection) => {
      socket.write(said(String(connection), `keep-alive: timeout=${connection}, max=100`));
    });
    expect(await test.text()).toBe("1");
    expect(await test.text()).toBe("2");
    expect(await test.text()).toBe("2");
  });

  it("are not replaced for what changes something: it may have been done", async () => {
    await using test = await talking((socket, heard, connection) => {
      if (connection === 1 && requestsIn(heard) === 2) socket.destroy();
      else socket.write(said(String(connection)));
    });
    expect(await test.text()).toBe("1");
    expect(await rejection(test.text({ method: "POST", body: "x" }))).toMatchObject({ code: "ECONNRESET" });
  });

  it("end when something comes that nobody has asked for, while they wait", async () => {
    await using test = await talking((socket, _, connection) => socket.write(said(String(connection))));
    expect(await test.text()).toBe("1");
    for (const socket of test.sockets) socket.write(said("forged"));
    await nextTurn();
    expect(await test.text()).toBe("2");
  });

  it("end when more comes than the answer, before that has been read", async () => {
    await using test = await talking((socket, _, connection) => socket.write(said(String(connection))));
    const { body } = await test.send();
    for (const socket of test.sockets) socket.write(said("forged"));
    await nextTurn();
    // Whether it is still given does not matter.
    await body.text({ limit: 10 }).catch(() => undefined);
    expect(await test.text()).toBe("2");
  });

  it("are at most as many as are allowed, also while they are opened", async () => {
    await using test = await talking((socket) => setTimeout(() => socket.write(said("ok")), 5), {
      connections: 2,
    });
    expect(await Promise.all(Array.from({ length: 9 }, () => test.text()))).toEqual(Array(9).fill("ok"));
    expect(test.sockets.size).toBe(2);
  });

  it("are not waited for by who is aborted", async () => {
    await using test = await talking(() => undefined, { connections: 1 });
    const first = rejection(test.send());
    const stop = new AbortController();
    const second = rejection(test.send({ signal: stop.signal }));
    stop.abort(new Error("enough"));
    expect(await second).toBe(stop.signal.reason);
    test.client[Symbol.dispose]();
    expect(await first).toMatchObject({ code: "ECONNABORTED" });
  });

  it("end with a request that is aborted, whatever it waits for", async () => {
    await using test = await talking((socket) => socket.write(said("12").slice(0, -1)));
    const reason = new Error("enough");
    expect(await rejection(test.send({ signal: AbortSignal.abort(reason) }))).toBe(reason);
    const stop = new AbortController();
    const { body } = await test.send({ signal: stop.signal });
    const read = rejection(body.text({ limit: 10 }));
    stop.abort(reason);
    expect(await read).toBe(reason);
  });

  it("end with the client, and fail what is under way and what comes later", async () => {
    await using test = await talking(() => undefined, { connections: 1 });
    const waiting = [rejection(test.send()), rejection(test.send())];
    await expect.poll(() => test.heard[0]).toBeTruthy();
    test.client[Symbol.dispose]();
    for (const failed of [...waiting, rejection(test.send())]) {
      expect(await failed).toMatchObject({ code: "ECONNABORTED" });
    }
  });
});
