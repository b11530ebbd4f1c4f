/** A test that holds a rule: its file, and words that stand in its name as it is written there. */
export interface Proof {
  readonly file: string;
  readonly test: string;
}

/** A rule against hostile registries, and what holds it, or why nothing has to. */
export interface Rule {
  readonly rule: string;
  readonly proofs?: readonly Proof[];
  readonly whyNot?: string;
}

function proof(file: string, test: string): Proof {
  return { file: `test/${file}.test.ts`, test };
}

/** By their numbers, then the sentences of the promise itself. */
export const rules: Readonly<Record<string, Rule>> = {
  S1: {
    rule: "Addresses in descriptors are never asked",
    proofs: [proof("hostile/whole-commands", "never asks the addresses that a descriptor names")],
  },
  S2: {
    rule: "Credentials go to exactly the registry's own origin, anew at each hop",
    proofs: [
      proof("registry/redirect", "mayCarryCredentials"),
      proof("registry/blobs", "follows to the storage without Authorization"),
      proof("registry/manifests", "leaves the credentials at home when it is redirected"),
      proof("registry/repository", "keeps its blobs elsewhere, where no Authorization may go"),
    ],
  },
  S3: {
    rule: "ECR's challenges lead nowhere; other realms are https where the registry is, without users",
    proofs: [
      proof("registry/authorizer", "never goes where a challenge says"),
      proof("registry/authorizer", "has to be https for a registry that is"),
      proof("registry/authorizer", "may not be this machine for a registry elsewhere"),
      proof("registry/authorizer", "is refused when it is %s"),
    ],
  },
  S4: {
    rule: "Realm, service and scope cannot add to what a token service is asked",
    proofs: [proof("registry/authorizer", "and service are data: they cannot add to what is asked")],
  },
  S5: {
    rule: "Nothing leads from https to http",
    proofs: [
      proof("registry/redirect", "refuses what leads %s"),
      proof("registry/redirect", "refuses http once the registry spoke https"),
      proof("registry/redirect", "resolveOnOrigin"),
      proof("registry/authorizer", "has to be https for a registry that is"),
    ],
  },
  S6: {
    rule: "ECR's blobs come from AWS in the registry's partition, or from where the operator says",
    proofs: [
      proof("ecr/blob-storage", "where ECR may lead for blobs"),
      proof("config/blob-hosts", "lets a registry lead to %s"),
      proof("hostile/whole-commands", "S6: is not led to %s"),
      proof("hostile/whole-commands", "S6: goes where the operator says that blobs are"),
    ],
  },
  S7: {
    rule: "Loopback, link-local and reserved addresses are refused at connect, in every spelling and by every name",
    proofs: [
      proof("registry/address-rules", "knows %s as %s"),
      proof("registry/address-rules", "reads %s as %s"),
      proof("registry/network", "are refused when written out: %s"),
      proof("registry/network", "are refused when a name leads there"),
      proof("registry/network", "are judged anew for each connection"),
      proof("hostile/whole-commands", "S7: is not led to %s"),
    ],
  },
  S8: {
    rule: "An upload goes on at the registry's own origin only",
    proofs: [
      proof("registry/redirect", "resolveOnOrigin"),
      proof("registry/blob-upload", '"http://127.0.0.1:1/x", "https://other.example/x"'),
    ],
  },
  S9: {
    rule: "Lists go on at the registry's own origin, and come to an end",
    proofs: [
      proof("registry/tags", "answers %s"),
      proof("registry/tags", "does not go round in circles"),
      proof("hostile/limits", "S9: a list without end"),
    ],
  },
  S10: {
    rule: "Five redirects are the most, and a circle is final",
    proofs: [
      proof("registry/request", "are followed five times at most"),
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the title as the test's source has it
      proof("registry/redirect", "ends after ${maxHops} redirects"),
    ],
  },
  S11: {
    rule: "Every blob is proved by size and digest while it streams, and ends at the first byte too many",
    proofs: [
      proof("oci/verified", "never lets the last chunk out when bytes are $why"),
      proof("oci/verified", "stops reading a stream that is too long"),
      proof("registry/blobs", "stops at the first byte too many"),
      proof("promotion/copy", "refuses a blob that is not what its descriptor says"),
    ],
  },
  S12: {
    rule: "The digest that was asked for decides, not the one in a header",
    proofs: [proof("registry/manifests", "believes no header: neither for a digest nor for a tag")],
  },
  S13: {
    rule: "A document is what its type, its header and its descriptor say, and never two things at once",
    proofs: [
      proof("oci/manifest", "refuses $why"),
      proof("registry/manifests", "answers %s"),
      proof("promotion/copy", "refuses an index whose descriptor lies about a member's media type"),
    ],
  },
  S14: {
    rule: "A digest is checked before it becomes part of an address",
    proofs: [
      proof("oci/manifest", "a digest with a path in it"),
      proof("registry/manifests", "asks nothing about %j"),
      proof("registry/referrers", "refuses an entry whose digest is none"),
    ],
  },
  S15: {
    rule: "Names and tags are checked, also those that a registry lists",
    proofs: [
      proof("registry/tags", "leaves out what is no tag, and says so"),
      proof("registry/request", "a repository name that would lead elsewhere"),
    ],
  },
  S16: {
    rule: "Nothing is read beyond its limit, in memory or in time",
    proofs: [
      proof("hostile/limits", "S16: an answer without end"),
      proof("registry/manifests", "stops reading at the limit where no length is announced"),
      proof("registry/bearer-token", "reads no more than it needs of an answer without end"),
    ],
  },
  S17: {
    rule: "Absurd graphs are refused: a million entries, depth, fan-out, sheer bytes",
    proofs: [proof("hostile/limits", "S17: an image")],
  },
  S18: {
    rule: "Sizes are whole numbers that can be counted",
    proofs: [
      proof("oci/manifest", "a negative size"),
      proof("oci/manifest", "a size beyond all bounds"),
      proof("oci/manifest", "a size in words"),
    ],
    whyNot:
      "The whole of an image has no limit of its own: nothing of a blob stays in memory or on a disk, and ECR limits what it takes",
  },
  S19: {
    rule: "Data in a descriptor is never believed",
    proofs: [proof("hostile/whole-commands", "believes no data in it")],
  },
  S20: {
    rule: "A transfer that hardly moves is given up",
    proofs: [
      proof("hostile/limits", "S20: a blob of one byte a second is given up"),
      proof("registry/request", "does not hold up an error, either"),
      proof("registry/bearer-token", "does not wait for a service that drips its answer"),
    ],
  },
  S21: {
    rule: "Nothing is decompressed: content is asked for as it is, and refused when it is encoded",
    proofs: [
      proof("registry/blobs", "gives the bytes as they are stored, and asks for no encoding"),
      proof("registry/blobs", "answers %s before any byte is given on"),
    ],
  },
  S22: {
    rule: "No secret is ever written, whoever repeats it",
    proofs: [
      proof("integration/secrets", "no output has a secret in it"),
      proof("registry/redact", "withoutCredentials"),
      proof("secrets/search", "fails a run in which the program writes one"),
    ],
  },
  S23: {
    rule: "What comes on a connection beyond an answer is no other request's answer, and requests never share a pipeline",
    proofs: [
      proof("http-client/http-client", "end when something comes that nobody has asked for, while they wait"),
      proof("http-client/http-client", "end when more comes than the answer, before that has been read"),
      proof("registry/network", "are kept between requests, up to the number allowed"),
    ],
  },
  S24: {
    rule: "What was pushed is read back before it counts",
    proofs: [proof("promotion/copy", "says so when the destination does not hold what was put there")],
  },
  S25: {
    rule: "The emulator is for this machine only, and does not start beside credentials of AWS",
    proofs: [
      proof("hostile/own-house", "S25: the emulator listens on loopback addresses only"),
      proof("hostile/own-house", "S25: the emulator does not start where %s is set"),
    ],
  },
  S26: {
    rule: "A webhook asks no registry that a user names",
    whyNot: "There is no webhook: nothing of the program listens",
  },
  "scope of tokens": {
    rule: "A token is asked for exactly what is to be done",
    proofs: [proof("registry/authorizer", "is met with a token for exactly what is to be done")],
  },
  "private addresses": {
    rule: "Private addresses stay allowed: VPC endpoints live there",
    proofs: [proof("registry/address-rules", '["10.0.0.1", "ordinary"]')],
  },
  "large manifests": {
    rule: "Manifests over 4 MiB are refused",
    proofs: [proof("registry/manifests", "stops reading at the limit where no length is announced")],
  },
  escaping: {
    rule: "What a registry says is escaped before it reaches a terminal, a log, a report, an Event or YAML",
    proofs: [
      proof("hostile/whole-commands", "escapes what a registry says, in every output"),
      proof("report/text", "lets nothing from outside act on the terminal"),
      proof("report/markdown", "lets no text from outside break out of its cell"),
      proof("logger", "escapes what a terminal would act upon"),
      proof("registry/request", "reach the log once each, made printable"),
      proof("render/yaml-scalar", "keeps %j a text, by either version of YAML"),
    ],
  },
  "file names": {
    rule: "Nothing that a registry says becomes the name of a file",
    proofs: [proof("hostile/whole-commands", "makes no file name of anything that a registry says")],
  },
  "linear expressions": {
    rule: "Regular expressions take linear time",
    proofs: [proof("hostile/regular-expressions", "every regular expression takes linear time")],
  },
  aliases: {
    rule: "YAML whose aliases explode is refused, wherever YAML is read",
    proofs: [
      proof("hostile/documents", "YAML whose aliases explode is refused"),
      proof("images/yaml-documents", "texts that would explode"),
    ],
  },
  "secrets in configurations": {
    rule: "A configuration with secrets in it is never echoed",
    proofs: [
      proof("hostile/documents", "a secret in a configuration is not echoed"),
      proof("config/load", "shows no secret of %j"),
      proof("registry/docker-config", "is refused without a word of it when it is %s"),
    ],
  },
  "secrets in all tests": {
    rule: "What the program writes in any test is searched for every secret that the test used",
    proofs: [proof("secrets/search", "fails a run in which the program writes one")],
  },
};
