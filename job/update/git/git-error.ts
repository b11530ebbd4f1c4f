import { type ErrorCode, PromoterError } from "../../error.ts";
import { redactText } from "../../redaction.ts";
import { printableSpeech } from "../../registry/redact.ts";
import type { GitEnded } from "./git-program.ts";
import type { RepositoryAddress } from "./repository-address.ts";

interface Reason {
  readonly says: RegExp;
  readonly code: ErrorCode;
  readonly what: string;
  readonly hint: string;
  readonly temporary?: boolean;
}

/** What git, curl, ssh and servers say, in English because they are run so. */
const reasons: readonly Reason[] = [
  {
    says: /returned error: 30[1278]|redirect/i,
    code: "RedirectRefused",
    what: "the server sends elsewhere, and credentials do not go there",
    hint: "Write the repository's address as the server has it now: many end in .git",
  },
  {
    says: /could not read Username|Authentication failed|returned error: 401|invalid credentials|Permission denied \(publickey/i,
    code: "Unauthorized",
    what: "the server wants other credentials",
    hint: "Give it a token that may write the repository, or a deploy key that may",
  },
  {
    says: /Host key verification failed|No \w+ host key is known|REMOTE HOST IDENTIFICATION HAS CHANGED/i,
    code: "Unauthorized",
    what: "the host's key is not among those that are known",
    hint: "Add what ssh-keyscan prints to the known hosts, after comparing it with what the host's owner publishes",
  },
  {
    says: /returned error: 403|not allowed|access denied|insufficient permission/i,
    code: "Denied",
    what: "the credentials may not do this",
    hint: "Let the token or the deploy key write the repository",
  },
  {
    says: /couldn't find remote ref|Remote branch \S{1,300} not found/i,
    code: "InvalidConfiguration",
    what: "there is no such branch",
    hint: "Name a branch that the repository has, or leave it out for the repository's own",
  },
  {
    says: /repository (?:\S{1,500} )?not found|returned error: 404|does not (?:appear to be a git repository|exist)|no such project/i,
    code: "InvalidConfiguration",
    what: "there is no such repository, or these credentials do not see it",
    hint: "Check the address, and that the credentials may read it",
  },
  {
    says: /certificate|SSL/,
    code: "Network",
    what: "the server's certificate is not trusted",
    hint: "Name the authority's certificate in GIT_SSL_CAINFO",
  },
  {
    says: /Could not resolve|Failed to connect|Connection (?:refused|reset|timed out)|timed out|early EOF|hung up|returned error: (?:429|5\d\d)|RPC failed|unable to access/i,
    code: "Network",
    what: "the server cannot be reached, or does not answer",
    hint: "See that the git server can be reached from here: network policies, proxies",
    temporary: true,
  },
];

/** What git's end means. */
export function gitError(doing: string, repository: RepositoryAddress, ended: GitEnded): PromoterError {
  const reason = reasons.find(({ says }) => says.test(ended.stderr));
  const said = spoken(ended.stderr);
  const why = [reason?.what, said].filter((text) => text !== undefined && text !== "").join(": ");
  const message = `Cannot ${doing} ${repository.address}${why === "" ? "" : `: ${why}`}`;
  return new PromoterError(reason?.code ?? "Unavailable", message, {
    temporary: reason === undefined || reason.temporary === true,
    hint: reason?.hint ?? "Try the same with git by hand",
  });
}

/** What servers and git had to say: their own words first, without secrets and on one line. */
export function spoken(stderr: string): string {
  const lines = stderr.split("\n").map((line) => line.trim());
  const ofServer = lines.filter((line) => line.startsWith("remote:")).map((line) => line.slice(7).trim());
  const ofGit = lines.filter((line) => /^(?:fatal|error):/.test(line));
  const chosen = [...ofServer, ...ofGit].filter((line) => line !== "");
  return printableSpeech(redactText(chosen.join(" ")), 400);
}
