import { createSecureServer } from "node:http2";
import { describe, expect, it } from "vitest";
import type { ErrorCode } from "../../job/error.ts";
import { openKubernetesApi } from "../../job/kubernetes/api.ts";
import { type FakeKubernetes, forbidden, serviceAccount, startKubernetes } from "./fake-kubernetes.ts";
import { selfSigned } from "./self-signed.ts";

const tokenPath = "/var/run/secrets/kubernetes.io/serviceaccount/token";

function open(
  server: FakeKubernetes,
  options: { tokens?: string[]; timeoutMs?: number; signal?: AbortSignal } = {},
) {
  const { tokens, ...rest } = options;
  return openKubernetesApi({
    access: {
      server: `https://127.0.0.1:${server.port}`,
      certificateAuthority: server.certificate,
      tokenPath,
    },
    readFile: serviceAccount(server.certificate, tokens),
    ...rest,
  });
}

describe("openKubernetesApi", () => {
  it("reads the token again for each request", async () => {
    await using server = await startKubernetes(() => ({ status: 200, body: { kind: "Job" } }));
    await using api = open(server, { tokens: ["first", "second"] });
    expect(await api.get("/apis/batch/v1/namespaces/shop/jobs/a")).toEqual({ kind: "Job" });
    await api.get("/b");
    expect(server.requests.map(({ token }) => token)).toEqual(["Bearer first", "Bearer second"]);
  });

  it("creates objects as JSON", async () => {
    await using server = await startKubernetes(() => ({ status: 201 }));
    await using api = open(server);
    await api.create("/api/v1/things", { kind: "Thing" });
    expect(server.requests).toMatchObject([
      { method: "POST", path: "/api/v1/things", token: "Bearer token-1", body: { kind: "Thing" } },
    ]);
  });

  it("changes objects in the forms that the API takes, and says what they are then", async () => {
    await using server = await startKubernetes(({ body }) => ({ status: 200, body: { was: body } }));
    await using api = open(server);
    expect(await api.replace("/x", { kind: "Thing" })).toEqual({ was: { kind: "Thing" } });
    await api.patch("/x", { type: "merge", patch: { a: null } });
    await api.patch("/x", { type: "json", patch: [{ op: "remove", path: "/a" }] });
    await api.patch("/x", { type: "apply", object: { a: 1 }, manager: "me & co", force: true });
    await api.patch("/x", { type: "apply", object: { a: 1 }, manager: "me" });
    expect(server.requests.map(({ method, path, contentType }) => [method, path, contentType])).toEqual([
      ["PUT", "/x", "application/json"],
      ["PATCH", "/x", "application/merge-patch+json"],
      ["PATCH", "/x", "application/json-patch+json"],
      ["PATCH", "/x?fieldManager=me+%26+co&force=true", "application/apply-patch+yaml"],
      ["PATCH", "/x?fieldManager=me", "application/apply-patch+yaml"],
    ]);
  });

  it("tells what is gone from what is another by now, when it writes", async () => {
    await using server = await startKubernetes(({ path }) => ({ status: path === "/gone" ? 404 : 409 }));
    await using api = open(server);
    expect(await api.replace("/gone", {})).toBeUndefined();
    expect(await api.patch("/gone", { type: "merge", patch: {} })).toBeUndefined();
    for (const writing of [api.replace("/x", {}), api.create("/x", {})]) {
      await expect(writing).rejects.toMatchObject({ code: "Conflict", status: 409, temporary: true });
    }
  });

  it("ends one request by its own signal, and leaves the others", async () => {
    await using server = await startKubernetes(({ path }) =>
      path === "/slow" ? undefined : { status: 200, body: {} },
    );
    await using api = open(server, { signal: new AbortController().signal });
    const controller = new AbortController();
    const slow = api.get("/slow", { signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(slow).rejects.toThrow("enough");
    expect(await api.get("/x")).toEqual({});
  });

  it("gives the values of a stream as they come, whatever the pieces, and closes what is not read to its end", async () => {
    let write = (_text: Buffer | string) => {};
    let closed = false;
    await using server = await startKubernetes(() => ({
      status: 200,
      stream(response) {
        write = (text) => response.write(text);
        response.on("close", () => {
          closed = true;
        });
        response.write('{"a":');
      },
    }));
    await using api = open(server, { timeoutMs: 1 });
    const values = api.stream("/x?watch=1", 10_000)[Symbol.asyncIterator]();
    const first = values.next();
    await expect.poll(() => server.requests.length).toBe(1);
    const umlaut = Buffer.from('"ü"}\n\n{"b":1}\n{"c"');
    write(umlaut.subarray(0, 2));
    await new Promise((resolve) => setTimeout(resolve, 20));
    write(umlaut.subarray(2));
    expect(await first).toEqual({ done: false, value: { a: "ü" } });
    expect(await values.next()).toEqual({ done: false, value: { b: 1 } });
    await values.return?.();
    await expect.poll(() => closed).toBe(true);
  });

  it("gives a stream up after its time", async () => {
    await using server = await startKubernetes(() => ({ status: 200, stream: () => {} }));
    await using api = open(server);
    const values = api.stream("/x", 50)[Symbol.asyncIterator]();
    await expect(values.next()).rejects.toMatchObject({ code: "Timeout" });
  });

  it("speaks HTTP/1.1, also where the server would rather speak HTTP/2", async () => {
    const { certificate, key } = selfSigned();
    const server = createSecureServer({ cert: certificate, key, allowHTTP1: true }, (request, response) => {
      response.end(JSON.stringify({ spoken: request.httpVersion }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const access = { server: `https://127.0.0.1:${port}`, certificateAuthority: certificate, tokenPath };
    try {
      await using api = openKubernetesApi({ access, readFile: serviceAccount(certificate) });
      expect(await api.get("/version")).toEqual({ spoken: "1.1" });
    } finally {
      server.close();
    }
  });

  it("knows what is not there from what it may not see", async () => {
    await using server = await startKubernetes(({ path }) =>
      path === "/gone" ? { status: 404 } : forbidden,
    );
    await using api = open(server);
    expect(await api.get("/gone")).toBeUndefined();
    await expect(api.get("/secret")).rejects.toMatchObject({
      code: "Denied",
      message: expect.stringContaining("answered 403: events is forbidden"),
      status: 403,
      temporary: false,
    });
  });

  it.each<[number, ErrorCode, boolean]>([
    [401, "Unauthorized", false],
    [404, "Unsupported", false],
    [429, "TooManyRequests", true],
    [503, "Unavailable", true],
    [422, "InvalidResponse", false],
  ])("turns %i into %s", async (status, code, temporary) => {
    await using server = await startKubernetes(() => ({ status, body: "<html>proxy</html>" }));
    await using api = open(server);
    await expect(api.create("/x", {})).rejects.toMatchObject({
      code,
      temporary,
      message: `The Kubernetes API answered ${status}: <html>proxy</html>`,
      request: `POST https://127.0.0.1:${server.port}/x`,
    });
  });

  it("trusts the cluster's certificates only", async () => {
    await using server = await startKubernetes(() => ({ status: 200 }));
    await using other = await startKubernetes(() => ({ status: 200 }));
    await using api = openKubernetesApi({
      access: {
        server: `https://127.0.0.1:${server.port}`,
        certificateAuthority: other.certificate,
        tokenPath,
      },
      readFile: serviceAccount(other.certificate),
    });
    await expect(api.get("/x")).rejects.toMatchObject({ code: "Network", temporary: true });
    expect(server.requests).toEqual([]);
  });

  it("waits no longer than it was told to", async () => {
    await using server = await startKubernetes(() => undefined);
    await using api = open(server, { timeoutMs: 50 });
    await expect(api.get("/x")).rejects.toMatchObject({
      code: "Timeout",
      message: expect.stringContaining("50 ms"),
    });
  });

  it("stops when aborted, with the reason of the abort", async () => {
    const controller = new AbortController();
    await using server = await startKubernetes(() => {
      controller.abort(new Error("stop"));
      return undefined;
    });
    await using api = open(server, { signal: controller.signal });
    await expect(api.get("/x")).rejects.toThrow("stop");
  });

  it("says when there is no token", async () => {
    await using server = await startKubernetes(() => ({ status: 200 }));
    await using api = openKubernetesApi({
      access: { server: `https://127.0.0.1:${server.port}`, certificateAuthority: "", tokenPath: "/nowhere" },
      readFile: serviceAccount(""),
    });
    await expect(api.get("/x")).rejects.toMatchObject({
      code: "CredentialsUnavailable",
      message: "Cannot read the service account's token at /nowhere",
    });
  });

  it("refuses an answer that is no JSON", async () => {
    await using server = await startKubernetes(() => ({ status: 200, body: "<html>" }));
    await using api = open(server);
    await expect(api.get("/x")).rejects.toMatchObject({ code: "InvalidResponse" });
  });
});
