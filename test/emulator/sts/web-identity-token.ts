import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { StsError } from "./sts-error.ts";

/** What a token says of its bearer. */
export interface WebIdentityToken {
  /** `iss`, with its scheme. */
  readonly issuer: string;
  readonly subject: string;
  readonly audiences: readonly string[];
  readonly algorithm: string;
  /** Whether it was signed with `secret` by HMAC-SHA256. */
  isSignedWith(secret: string): boolean;
}

const header = z.object({ alg: z.string() });
const claims = z.object({
  iss: z.string(),
  sub: z.string(),
  aud: z.union([z.string().transform((audience) => [audience]), z.array(z.string())]).default([]),
  /** Seconds since the epoch. */
  exp: z.number(),
});

/**
 * Reads a JSON Web Token. Its signature is not looked at before somebody asks: only the issuer says what to check it with.
 * {@link https://www.rfc-editor.org/rfc/rfc7519}
 *
 * @throws {StsError} `InvalidIdentityToken`, `ExpiredTokenException`.
 */
export function readWebIdentityToken(token: string, now: number): WebIdentityToken {
  const [encodedHeader = "", encodedClaims = "", signature = "", ...rest] = token.split(".");
  const head = header.safeParse(parseJson(encodedHeader));
  const body = claims.safeParse(parseJson(encodedClaims));
  if (!head.success || !body.success || rest.length > 0) {
    throw invalidToken(
      "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
    );
  }
  const { iss: issuer, sub: subject, aud: audiences, exp } = body.data;
  if (exp * 1000 <= now) {
    const message = `Token expired: current date/time ${Math.floor(now / 1000)} must be before the expiration date/time ${exp}`;
    throw new StsError(400, "ExpiredTokenException", message);
  }
  return {
    issuer,
    subject,
    audiences,
    algorithm: head.data.alg,
    isSignedWith(secret) {
      const expected = createHmac("sha256", secret).update(`${encodedHeader}.${encodedClaims}`).digest();
      const given = Buffer.from(signature, "base64url");
      return (
        head.data.alg === "HS256" && given.length === expected.length && timingSafeEqual(given, expected)
      );
    },
  };
}

export function invalidToken(message: string): StsError {
  return new StsError(400, "InvalidIdentityToken", message);
}

function parseJson(encoded: string): unknown {
  try {
    return JSON.parse(Buffer.from(encoded, "base64url").toString());
  } catch {
    return undefined;
  }
}
