import { randomUUID } from "node:crypto";
import type { ApiReply } from "../api-call.ts";

/** Elements of a result, in order; undefined ones are left out. */
export interface XmlElements {
  readonly [name: string]: string | number | XmlElements | undefined;
}

const namespace = "https://sts.amazonaws.com/doc/2011-06-15/";

/** An operation's result in the Query protocol's envelope. */
export function resultReply(operation: string, result: XmlElements): ApiReply {
  const requestId = randomUUID();
  return xmlReply(200, requestId, `${operation}Response`, {
    [`${operation}Result`]: result,
    ResponseMetadata: { RequestId: requestId },
  });
}

/** An error in the Query protocol's envelope; also for what is refused before it gets here, such as signatures. */
export function stsErrorReply(error: {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}): ApiReply {
  const requestId = randomUUID();
  return xmlReply(error.status, requestId, "ErrorResponse", {
    Error: { Type: "Sender", Code: error.code, Message: error.message },
    RequestId: requestId,
  });
}

function xmlReply(status: number, requestId: string, root: string, elements: XmlElements): ApiReply {
  return {
    status,
    headers: { "content-type": "text/xml", "x-amzn-requestid": requestId },
    body: `<${root} xmlns="${namespace}">\n${writeElements(elements, "  ")}</${root}>\n`,
  };
}

function writeElements(elements: XmlElements, indent: string): string {
  return Object.entries(elements)
    .map(([name, value]) => {
      if (value === undefined) return "";
      if (typeof value !== "object") return `${indent}<${name}>${escapeXml(String(value))}</${name}>\n`;
      return `${indent}<${name}>\n${writeElements(value, `${indent}  `)}${indent}</${name}>\n`;
    })
    .join("");
}

function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
