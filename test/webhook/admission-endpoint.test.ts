import { connect } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../job/async/clock.ts";
import { type Listener, listen } from "../../job/http-server/listener.ts";
import type { Admission } from "../../job/webhook/admission.ts";
import { type AnsweredRequest, admissionEndpoint } from "../../job/webhook/admission-endpoint.ts";
import type { AdmissionDecision } from "../../job/webhook/admission-review.ts";
import { pod, review } from "./review.ts";

const seen: AnsweredRequest[] = [];
let decision: AdmissionDecision = { allowed: true };
/** Answers with `decision`; a pod called `slow` waits for as long as it may. */
const admission: Admission = async (request, signal) => {
  if (JSON.stringify(request.object ?? "").includes("slow"))
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
  return decision;
};

let listener: Listener;
let url: string;
beforeAll(async () => {
  const answer = admissionEndpoint({
    admissions: { "/admit": admission },
    clock: systemClock,
    observe: (answered) => seen.push(answered),
  });
  listener = await listen({ host: "127.0.0.1", port: 0 }, answer);
  url = `http://127.0.0.1:${listener.port}`;
});
afterAll(() => listener[Symbol.asyncDispose]());

const post = (body: string | Buffer, path = "/admit") => fetch(`${url}${path}`, { method: "POST", body });
async function ask(object: object = pod(["app"]), path = "/admit?timeout=10s") {
  const answer = await post(JSON.stringify(review({ object })), path);
  return JSON.parse(await answer.text());
}

describe("the endpoint of admission requests", () => {
  it("answers in the words of the API, under the request's own uid", async () => {
    decision = {
      allowed: true,
      patch: [{ op: "replace", path: "/spec/containers/0/image", value: "x" }],
      warnings: ["mind\nthe\u001b[31m gap", "x".repeat(1_000)],
      audit: { images: "app=present" },
    };
    const answer = await ask();
    expect(answer).toMatchObject({
      apiVersion: "admission.k8s.io/v1",
      kind: "AdmissionReview",
      response: {
        uid: "705ab4f5-6393-11e8-b7cc-42010a800002",
        allowed: true,
        patchType: "JSONPatch",
        warnings: ["mind the [31m gap", `${"x".repeat(249)}…`],
        auditAnnotations: { images: "app=present" },
      },
    });
    expect(JSON.parse(Buffer.from(answer.response.patch, "base64").toString())).toEqual(decision.patch);
    expect(answer.response.status).toBeUndefined();
  });

  it("says why it refuses, and whether to come again", async () => {
    decision = { allowed: false, message: "no", patch: [{ op: "replace", path: "/x", value: "x" }] };
    const { response } = await ask();
    expect(response).toEqual({
      uid: expect.any(String),
      allowed: false,
      status: { code: 403, reason: "Forbidden", message: "no" },
    });
    decision = { allowed: false, message: "later", temporary: true };
    expect((await ask()).response.status).toMatchObject({ code: 429, reason: "TooManyRequests" });
  });

  it("answers before the API server loses its patience", async () => {
    decision = { allowed: true };
    const startedAt = performance.now();
    await ask(pod(["slow"]), "/admit?timeout=2s");
    const took = performance.now() - startedAt;
    expect(took).toBeGreaterThan(1_500);
    expect(took).toBeLessThan(2_000);
  });

  it("takes whatever is said of patience", async () => {
    decision = { allowed: true };
    for (const patience of ["1.0001s", "0.0000001s", "1e3s", "-1s", "%00", "s&timeout=1.5ms"]) {
      expect((await ask(pod(["app"]), `/admit?timeout=${patience}`)).response.allowed).toBe(true);
    }
  });

  it("tells what it has answered", async () => {
    seen.length = 0;
    await ask();
    await post("{}");
    expect(seen).toMatchObject([
      { path: "/admit", request: { kind: "Pod", namespace: "shop" }, decision: { allowed: true } },
      { path: "/admit" },
    ]);
    expect(seen[1]).not.toHaveProperty("decision");
  });

  it.each([
    ["no JSON", "pod"],
    ["nothing", ""],
    ["a list", "[]"],
    ["another kind", '{"apiVersion":"admission.k8s.io/v1","kind":"Pod","request":{}}'],
    [
      "the version before",
      '{"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview","request":{"uid":"a"}}',
    ],
    ["no request", '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}'],
    [
      "no kind",
      '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"a","operation":"CREATE"}}',
    ],
    ["what is nested without end", `${"[".repeat(1_000_000)}`],
  ])("refuses %s", async (_what, body) => {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      error: expect.stringContaining("Cannot read an admission request"),
    });
  });

  it("survives whatever JSON it is sent", async () => {
    const request = fc.record(
      {
        uid: fc.constant("a"),
        operation: fc.constantFrom("CREATE", "UPDATE"),
        kind: fc.constant({ kind: "Pod" }),
        object: fc.jsonValue(),
        oldObject: fc.jsonValue(),
        namespace: fc.jsonValue(),
        dryRun: fc.jsonValue(),
        name: fc.jsonValue(),
      },
      { requiredKeys: ["uid", "operation", "kind"] },
    );
    await fc.assert(
      fc.asyncProperty(request, async (given) => {
        const body = { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request: given };
        expect((await post(JSON.stringify(body))).status).toBe(200);
      }),
      { numRuns: 50 },
    );
  });

  it("takes no other paths and methods, and no more than an object can have", async () => {
    expect((await post("{}", "/admit/x")).status).toBe(404);
    expect((await post("{}", "/__proto__")).status).toBe(404);
    const got = await fetch(`${url}/admit`);
    expect([got.status, got.headers.get("allow")]).toEqual([405, "POST"]);
    seen.length = 0;
    expect((await post(Buffer.alloc(6 * 1024 * 1024 + 1, " "))).status).toBe(413);
    expect(seen).toMatchObject([{ path: "/admit" }]);
  });

  const sixMiB = 6 * 1024 * 1024;
  /** Requests of which so many bytes are sent, and never the last. */
  const unfinished = (count: number, bytes: number) =>
    Array.from({ length: count }, () => {
      const socket = connect(listener.port, "127.0.0.1").on("error", () => {});
      socket.write(`POST /admit HTTP/1.1\r\nhost: a\r\ncontent-length: ${sixMiB}\r\n\r\n`);
      socket.write(" ".repeat(bytes));
      return socket;
    });

  it("has no memory to spare for many large requests at once, and a place for the next when they are gone", async () => {
    const open = unfinished(11, sixMiB - 1);
    // Ten are taken in; with the next there would be more than 64 MiB.
    await expect.poll(async () => (await post(" ".repeat(5 * 1024 * 1024))).status).toBe(503);
    for (const socket of open) socket.destroy();
    await expect.poll(async () => (await post(" ".repeat(5 * 1024 * 1024))).status).toBe(400);
  });

  it("has a place for everybody beside those who say much and send little", async () => {
    const open = unfinished(50, 1);
    await expect.poll(() => open.every(({ readyState }) => readyState === "open")).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await post(" ".repeat(5 * 1024 * 1024))).status).toBe(400);
    for (const socket of open) socket.destroy();
  });
});
