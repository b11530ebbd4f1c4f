import * as z from "zod";
import { PromoterError } from "../error.ts";
import { parsedText } from "./parsed-text.ts";
import { checkReferences, isReference } from "./secret-reference.ts";

const secret = parsedText((text) => {
  if (isReference(text)) return checkReferences(text);
  throw new PromoterError("InvalidConfiguration", "Cannot take the secret itself", {
    hint: `Write file:PATH for a file that holds it, or \${env:NAME}`,
  });
});

const template = z.string().min(1).max(16_384);

const credentialsSchema = z
  .strictObject({
    repository: z
      .string()
      .min(1)
      .max(1_000)
      .describe("Repositories by their address, with * for any characters: https://git.example.com/*"),
    username: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe("Name beside the password; any where it is a token"),
    password: secret
      .optional()
      .describe(`Password or token for HTTP, as file:PATH or \${env:NAME}; read anew each time`),
    sshKey: secret.optional().describe("Private key for SSH, without a passphrase, as file:PATH"),
    knownHosts: secret
      .optional()
      .describe("Keys of servers for SSH, lines of a known_hosts file, as file:PATH"),
  })
  .refine(({ password, sshKey }) => (password === undefined) !== (sshKey === undefined), {
    message: "Credentials have either password or sshKey",
  });

const signingSchema = z.strictObject({
  format: z.enum(["ssh", "openpgp"]).describe("Kind of the key"),
  key: secret.describe("Private key without a passphrase, as file:PATH"),
});

const pullRequestsSchema = z.strictObject({
  forge: z
    .enum(["github", "gitlab", "gitea", "bitbucket"])
    .optional()
    .describe("What serves the repository; default: told by its host"),
  api: z
    .url({ protocol: /^https?$/ })
    .max(1_000)
    .optional()
    .describe("Address of its API; default: the usual one of the host"),
  labels: z.array(z.string().min(1).max(100)).max(20).optional().describe("Labels of the pull request"),
});

/** How git is asked, and what commits say. */
export const updateGitSchema = z.strictObject({
  author: z
    .strictObject({
      name: z.string().min(1).max(200).describe("Name of the author"),
      email: z.string().min(3).max(200).describe("Address of the author"),
    })
    .optional()
    .describe("Author and committer; default image-promoter"),
  message: template.optional().describe("Template of the commit's message, of Handlebars"),
  signOff: z.boolean().optional().describe("Whether messages end with Signed-off-by; default false"),
  signing: signingSchema.optional().describe("How commits are signed; by default they are not"),
  credentials: z
    .array(credentialsSchema)
    .optional()
    .describe("Who one is for git servers; the first that fits counts"),
  pullRequests: pullRequestsSchema
    .optional()
    .describe("Open pull requests from the branches that are written to, where writeBranch names one"),
});

export type WrittenUpdateGit = z.output<typeof updateGitSchema>;
