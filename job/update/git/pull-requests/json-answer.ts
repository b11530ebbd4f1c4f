import { PromoterError } from "../../../error.ts";

/** What stands at a path inside an answer; undefined where there is nothing. */
export function fieldOf(answer: unknown, ...path: readonly string[]): unknown {
  return path.reduce((value: unknown, key) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    return Object.hasOwn(value, key) ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
  }, answer);
}

/** @throws {PromoterError} `InvalidResponse` when it is no list. */
export function listOf(answer: unknown): readonly unknown[] {
  if (Array.isArray(answer)) return answer;
  throw unexpected("no list");
}

/** @throws {PromoterError} `InvalidResponse` when it is no number. */
export function numberAt(answer: unknown, ...path: readonly string[]): number {
  const value = fieldOf(answer, ...path);
  if (typeof value === "number") return value;
  throw unexpected(`no number in ${path.join(".")}`);
}

/** The address at a path, where it is one that a browser may be led to. */
export function addressAt(answer: unknown, ...path: readonly string[]): string {
  const url = URL.parse(String(fieldOf(answer, ...path) ?? ""));
  if (url?.protocol === "https:" || url?.protocol === "http:") return url.href;
  throw unexpected(`no address in ${path.join(".")}`);
}

/** The text at a path; empty where there is none. */
export function textAt(answer: unknown, ...path: readonly string[]): string {
  const value = fieldOf(answer, ...path);
  return typeof value === "string" ? value : "";
}

function unexpected(what: string): PromoterError {
  return new PromoterError("InvalidResponse", `The server's answer about pull requests has ${what}`, {
    hint: "Check that update.git.pullRequests names the right forge and the address of its API",
  });
}
