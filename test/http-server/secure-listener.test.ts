import { X509Certificate } from "node:crypto";
import { connect as connectPlainly } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { describe, expect, it } from "vitest";
import { type ClosingOptions, reply } from "../../job/http-server/listener.ts";
import { listenSecurely, type SecureListener } from "../../job/http-server/secure-listener.ts";
import { selfSigned } from "../webhook/certificate.ts";

const local = { host: "127.0.0.1", port: 0 };
const well = (_: unknown, response: Parameters<typeof reply>[0]) => reply(response, 200, { well: true });

/** What a server shows to one who trusts only `authority`, and what it answers. */
async function ask(
  { port }: SecureListener,
  authority: string,
  client: { cert?: string; key?: string } = {},
) {
  const socket = connect({ host: "127.0.0.1", port, ca: authority, ALPNProtocols: ["http/1.1"], ...client });
  try {
    const text = await answerOf(socket);
    return { text, name: socket.getPeerX509Certificate()?.subject };
  } finally {
    socket.destroy();
  }
}

function answerOf(socket: TLSSocket): Promise<string> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject).once("close", () => reject(new Error("closed")));
    socket.once("data", (data) => resolve(data.toString()));
    socket.once("secureConnect", () => socket.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n"));
  });
}

/** A listener that has begun to answer, and ends when it is let. */
async function answering(closing: ClosingOptions = {}) {
  const pair = await selfSigned();
  const { promise, resolve } = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const listener = await listenSecurely(
    local,
    (_, response) => {
      begun.resolve();
      void promise.then(() => reply(response, 200, { done: true }));
    },
    { certificate: pair, ...closing },
  );
  const asked = ask(listener, pair.certificate);
  await begun.promise;
  return { pair, listener, asked, resolve };
}

describe("a server with TLS", () => {
  it("shows its certificate, and from the next connection on another, without breaking off those that are open", async () => {
    const [first, second] = await Promise.all([selfSigned("first"), selfSigned("second")]);
    await using listener = await listenSecurely(local, well, { certificate: first });
    expect(await ask(listener, first.certificate)).toMatchObject({ name: "CN=first" });
    const open = connect({ host: "127.0.0.1", port: listener.port, ca: first.certificate });
    await answerOf(open);
    listener.renew(second);
    expect(await ask(listener, second.certificate)).toMatchObject({ name: "CN=second" });
    await expect(ask(listener, first.certificate)).rejects.toThrow(/self-signed|signature|verify/i);
    const again = new Promise<string>((resolve) => open.once("data", (data) => resolve(data.toString())));
    open.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    expect(await again).toMatch(/200 OK/);
    open.destroy();
  });

  it("refuses a key of another certificate, and goes on with what it has", async () => {
    const [own, other] = await Promise.all([selfSigned("own"), selfSigned("other")]);
    const wrong = { certificate: own.certificate, key: other.key };
    await expect(listenSecurely(local, well, { certificate: wrong })).rejects.toMatchObject({
      code: "InvalidConfiguration",
    });
    await using listener = await listenSecurely(local, well, { certificate: own });
    expect(() => listener.renew(wrong)).toThrow(expect.objectContaining({ code: "InvalidConfiguration" }));
    expect(() => listener.renew({ certificate: "nonsense", key: own.key })).toThrow();
    expect(await ask(listener, own.certificate)).toMatchObject({ name: "CN=own" });
  });

  it("answers only clients of a certain authority, where there is one, also after its own certificate was renewed", async () => {
    const [own, next, client, stranger] = await Promise.all(
      ["own", "next", "client", "stranger"].map((name) => selfSigned(name)),
    );
    if (own === undefined || next === undefined || client === undefined || stranger === undefined)
      throw new Error();
    const options = { certificate: own, clientAuthority: client.certificate };
    await using listener = await listenSecurely(local, well, options);
    const shown = (pair: typeof own) => ({ cert: pair.certificate, key: pair.key });
    expect(new X509Certificate(client.certificate).ca).toBe(true);
    for (const pair of [own, next]) {
      listener.renew(pair);
      expect((await ask(listener, pair.certificate, shown(client))).text).toMatch(/200 OK/);
      await expect(ask(listener, pair.certificate, shown(stranger))).rejects.toThrow();
      await expect(ask(listener, pair.certificate)).rejects.toThrow();
    }
  });

  it("lets what it has begun come to its end before it is gone", async () => {
    const { pair, listener, asked, resolve } = await answering();
    const gone = listener[Symbol.asyncDispose]();
    await expect(ask(listener, pair.certificate)).rejects.toThrow(/ECONNREFUSED/);
    resolve();
    expect((await asked).text).toMatch(/"done":true/);
    await gone;
  });

  it("waits at its end for answers, not for those who never finish asking", async () => {
    const { pair, listener, asked, resolve } = await answering({ receiveMs: 20 });
    const silent = connectPlainly(listener.port, "127.0.0.1").on("error", () => {});
    const slow = connect({ host: "127.0.0.1", port: listener.port, ca: pair.certificate });
    slow.on("error", () => {});
    await new Promise<void>((secure) => slow.once("secureConnect", () => secure()));
    slow.write("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n{");
    const gone = listener[Symbol.asyncDispose]();
    setTimeout(resolve, 100);
    expect((await asked).text).toMatch(/"done":true/);
    await gone;
    silent.destroy();
    slow.destroy();
  }, 5_000);
});
