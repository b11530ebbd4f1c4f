import { PromoterError } from "../error.ts";
import { assembleIndexes } from "../index-assembly/assemble.ts";
import type { IndexRequest } from "../index-assembly/request.ts";
import { wantsColor } from "../report/color.ts";
import type { CommandContext, CommandInput } from "./command.ts";
import { exitCodeOfErrors } from "./exit-code.ts";
import { formatIndexes } from "./format-indexes.ts";
import { requestOfArguments } from "./index-arguments.ts";
import { metadataRequests } from "./index-requests.ts";
import { loadSettings } from "./load-settings.ts";
import { withRegistries } from "./run-promotion.ts";

/** `index create`: an index of the images that are named, or those of a metadata-multi.yaml. */
export async function createIndex(input: CommandInput, command: CommandContext): Promise<number> {
  return assemble(await requestsOf(input, command), input, command);
}

/** `index append`: adds images to an index that is there. */
export function appendToIndex(input: CommandInput, command: CommandContext): Promise<number> {
  return assemble([requestOfArguments(input, { append: true })], input, command);
}

async function assemble(
  requests: readonly IndexRequest[],
  input: CommandInput,
  command: CommandContext,
): Promise<number> {
  const { runtime } = command;
  // PROMOTER_IMAGES and the images of a configuration file are those of promote.
  const loaded = await loadSettings({ ...input, images: [] }, runtime);
  const { attestation: _, ...settings } = { ...loaded, gates: {} };
  const dryRun = input.flags.dryRun === true;
  const report = await withRegistries(settings, command, ({ context }) =>
    assembleIndexes(requests, context, { dryRun }),
  );
  const color = wantsColor(runtime.env, runtime.stdout.isTerminal);
  runtime.stdout.write(await formatIndexes(report, settings.output, color));
  return exitCodeOfErrors(report.indexes.flatMap(({ error }) => error ?? []));
}

async function requestsOf(
  input: CommandInput,
  { runtime }: CommandContext,
): Promise<readonly IndexRequest[]> {
  const { flags, images } = input;
  const { metadata: file, tag, repository } = flags;
  if (typeof file !== "string") {
    if (tag === undefined && repository === undefined) return [requestOfArguments(input, { append: false })];
    throw new PromoterError("Usage", "--tag and --repository go with --metadata, and there is none", {
      hint: "Name the index with its tag, or add --metadata metadata-multi.yaml",
    });
  }
  const [own] = ["annotation", "manifestAnnotation", "platform", "format"].filter(
    (name) => flags[name] !== undefined,
  );
  if (images.length > 0 || own !== undefined) {
    throw new PromoterError("Usage", "With --metadata, the file says what each index is made of", {
      hint: "Leave out images, annotations, platforms and the format, or write them into the file",
    });
  }
  if (typeof tag !== "string") {
    throw new PromoterError("Usage", "Nobody said what {tag} stands for", { hint: "Add --tag 1.2" });
  }
  const repositories = [repository ?? []].flat().filter((name) => typeof name === "string");
  return metadataRequests({ file, tag, repositories, replace: flags.replace === true }, runtime);
}
