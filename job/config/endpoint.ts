import { PromoterError } from "../error.ts";
import { parseHostPattern } from "./host-pattern.ts";

/**
 * Reads the address at which a registry is reached instead of its own: `http://127.0.0.1:5000`.
 *
 * @throws {PromoterError} `InvalidConfiguration`, without the text when it holds credentials.
 */
export function parseEndpoint(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && (url.username !== "" || url.password !== "")) {
    throw invalid("The endpoint holds credentials");
  }
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    // What cannot be parsed may hold credentials too.
    throw invalid(
      text.includes("@") ? "The endpoint is no address" : `${JSON.stringify(text)} is no endpoint`,
    );
  }
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "") {
    throw invalid(`The endpoint ${url.origin} is followed by a path`);
  }
  return url;
}

/**
 * Reads `HOST=URL`; the host may be `*.SUFFIX`.
 *
 * @throws {PromoterError} `InvalidConfiguration`
 */
export function parseHostEndpoint(text: string): readonly [host: string, endpoint: URL] {
  const equals = text.indexOf("=");
  if (equals < 0) throw invalid("The endpoint has no = between host and address");
  return [parseHostPattern(text.slice(0, equals)), parseEndpoint(text.slice(equals + 1))];
}

function invalid(message: string): PromoterError {
  return new PromoterError("InvalidConfiguration", message, {
    hint: "Write scheme, host and port alone; for a flag or variable HOST=URL: registry.example.com=http://127.0.0.1:5000",
  });
}
