import { listen } from "./loopback.mjs";

/** Starts ECR's API on loopback, which gives a token to anybody and knows nothing else. */
export function startEcrApi() {
  return listen(({ headers }) => {
    if (!headers["x-amz-target"]?.endsWith(".GetAuthorizationToken")) return { status: 400 };
    const authorizationToken = Buffer.from("AWS:anybody").toString("base64");
    const expiresAt = Date.now() / 1000 + 12 * 60 * 60;
    const content = JSON.stringify({ authorizationData: [{ authorizationToken, expiresAt }] });
    return { headers: { "content-type": "application/x-amz-json-1.1" }, content };
  });
}
