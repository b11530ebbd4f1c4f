import { isObject } from "../oci/descriptor.ts";

/** One complaint of a registry, in its own words. */
export interface RegistryMessage {
  /** `NAME_UNKNOWN` and the like; empty where the registry gave none. */
  readonly code: string;
  readonly message: string;
}

/** Most bytes that are read of the body of an error: 64 KiB. */
export const maxErrorBytes: number = 64 * 1024;

/**
 * What an error's body says, whatever its shape: the specification's list, other JSON, S3's XML, a proxy's page or
 * bare text. Empty when it says nothing.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes}
 */
export function parseErrorBody(text: string): readonly RegistryMessage[] {
  const body = text.trim();
  if (body.startsWith("{") || body.startsWith("[")) {
    const messages = readJson(body);
    if (messages !== undefined) return messages;
  }
  if (body.startsWith("<")) return readMarkup(body);
  return body === "" ? [] : [{ code: "", message: firstLine(body) }];
}

function readJson(body: string): RegistryMessage[] | undefined {
  let document: unknown;
  try {
    document = JSON.parse(body);
  } catch {
    return undefined;
  }
  const list = isObject(document) && Array.isArray(document.errors) ? document.errors : [document];
  return list.filter(isObject).map(readMessage).filter(saysSomething);
}

/** `detail` holds what `message` lacks where that is only the code's own explanation. */
function readMessage({ code, message, error, detail }: Record<string, unknown>): RegistryMessage {
  const said = [message, error, detail].find((value) => typeof value === "string" && value !== "");
  const nested = isObject(error) ? error.message : isObject(detail) ? detail.message : undefined;
  return {
    code: typeof code === "string" ? code : "",
    message: firstLine(String(said ?? nested ?? "")),
  };
}

function saysSomething({ code, message }: RegistryMessage): boolean {
  return code !== "" || message !== "";
}

/** S3 answers `<Error><Code>…</Code><Message>…</Message></Error>`, proxies a page with a title. */
function readMarkup(body: string): RegistryMessage[] {
  const element = (name: string) =>
    new RegExp(`<${name}[^<>]*>([^<]*)<`, "i").exec(body)?.[1]?.replaceAll(/\s+/g, " ").trim() ?? "";
  const message = element("Message") || element("title") || element("h1");
  return [{ code: element("Code"), message }].filter(saysSomething);
}

function firstLine(text: string): string {
  return (text.trim().split(/[\r\n]/, 1)[0] ?? "").trim();
}
