import { PromoterError } from "../error.ts";
import { parsePlatform } from "../index-assembly/platform.ts";
import type { IndexRequest, IndexSource } from "../index-assembly/request.ts";
import { parseReference } from "../oci/reference.ts";
import type { CommandInput } from "./command.ts";
import { indexReference } from "./index-requests.ts";

/**
 * The index that a command line describes.
 *
 * @throws {PromoterError} `Usage` when something is missing, or a flag speaks of an image that is not named;
 * `InvalidReference`.
 */
export function requestOfArguments(
  { flags, images }: CommandInput,
  { append }: { readonly append: boolean },
): IndexRequest {
  const [index, ...members] = images;
  if (index === undefined || members.length === 0) {
    throw new PromoterError("Usage", "There are no images to make an index of", {
      hint: "Name the index and then its images: image-promoter index create registry.example.com/app:1.2 :1.2-amd64 :1.2-arm64",
    });
  }
  const target = indexReference(index);
  const platforms = pairsOf(flags, "platform", "--platform", "linux/arm64/v8");
  const annotations = pairsOf(flags, "manifestAnnotation", "--manifest-annotation", "key=value");
  for (const [flag, pairs] of [
    ["--platform", platforms],
    ["--manifest-annotation", annotations],
  ] as const) {
    const stray = pairs.find(([image]) => !members.includes(image));
    if (stray !== undefined) throw unnamed(flag, stray[0]);
  }
  return {
    target,
    sources: members.map((image): IndexSource => {
      const [, platform] = platforms.findLast(([name]) => name === image) ?? [];
      const own = annotations
        .filter(([name]) => name === image)
        .map(([, pair]) => keyAndValue(pair, "--manifest-annotation"));
      return {
        reference: parseReference(
          /^[:@]/.test(image) ? `${target.host}/${target.repository}${image}` : image,
        ),
        ...(platform !== undefined && { platform: parsePlatform(platform) }),
        ...(own.length > 0 && { annotations: Object.fromEntries(own) }),
      };
    }),
    annotations: Object.fromEntries(
      textsOf(flags.annotation).map((pair) => keyAndValue(pair, "--annotation")),
    ),
    ...((flags.format === "oci" || flags.format === "docker") && { format: flags.format }),
    append,
    replace: flags.replace === true,
  };
}

/** `image=rest`, at the first equals sign: no image has one. */
function pairsOf(
  flags: CommandInput["flags"],
  name: string,
  flag: string,
  example: string,
): readonly (readonly [image: string, rest: string])[] {
  return textsOf(flags[name]).map((text) => {
    const at = text.indexOf("=");
    if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
    throw new PromoterError("Usage", `Cannot use ${flag} ${JSON.stringify(text.slice(0, 300))}`, {
      hint: `Write the image as it is named among the images, then what is said of it: ${flag} :1.2-arm64=${example}`,
    });
  });
}

function keyAndValue(text: string, flag: string): readonly [key: string, value: string] {
  const at = text.indexOf("=");
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new PromoterError("Usage", `Cannot use ${flag} ${JSON.stringify(text.slice(0, 300))}`, {
    hint: "Write key=value: org.opencontainers.image.version=1.2",
  });
}

function unnamed(flag: string, image: string): PromoterError {
  return new PromoterError("Usage", `${flag} speaks of ${image}, which is not among the images`, {
    hint: "Name the image the same in both places",
  });
}

function textsOf(value: unknown): readonly string[] {
  return [value ?? []].flat().filter((member) => typeof member === "string");
}
