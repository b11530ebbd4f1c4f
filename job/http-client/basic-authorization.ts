/**
 * The value of an authorization by name and password.
 * {@link https://www.rfc-editor.org/rfc/rfc7617}
 */
export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`, "utf8").toString("base64")}`;
}
