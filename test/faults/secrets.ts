import type { CommandRun } from "../scenarios/command-run.ts";
import type { TwoAccounts } from "../scenarios/two-accounts.ts";

/** Everything secret that a run has used, and that what it has written must not hold; also what storage was told. */
export function leakedSecrets({ emulator, role }: TwoAccounts, { stdout, stderr }: CommandRun): string[] {
  const secrets = new Set([role.secretAccessKey, ...(role.sessionToken ? [role.sessionToken] : [])]);
  for (const { headers, path } of emulator.requests) {
    const { authorization = "" } = headers;
    const [scheme, credentials] = authorization.split(" ", 2);
    if (scheme === "Basic" && credentials !== undefined) {
      secrets.add(credentials);
      secrets.add(Buffer.from(credentials, "base64").toString().slice("AWS:".length));
    }
    const signature = /[?&]X-Amz-Signature=([^&]+)/.exec(path)?.[1];
    if (signature !== undefined) secrets.add(signature);
  }
  const written = `${stdout}\n${stderr}`;
  const leaked = [...secrets].filter((secret) => secret !== "" && written.includes(secret));
  const strayed = emulator.requests.filter(
    ({ kind, headers }) => kind === "storage" && headers.authorization !== undefined,
  );
  return [
    ...leaked.map((secret) => `the output holds the secret ${secret.slice(0, 4)}…`),
    ...strayed.map(({ path }) => `credentials went to the storage for ${path.split("?")[0]}`),
  ];
}
