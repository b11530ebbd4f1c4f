import { posix } from "node:path";
import { PromoterError } from "../error.ts";

/**
 * A path from the root of a repository, without `.`, `..` and `/` at its ends. One that begins with `/` is taken from the
 * root, every other one from the folder.
 *
 * @throws {PromoterError} `InvalidInput` for a path that leads out of the repository, or into git's own folder.
 */
export function treePath(folder: string, path: string): string {
  const joined = posix.normalize(path.startsWith("/") ? `.${path}` : posix.join(folder, path));
  const parts = joined.split("/").filter((part) => part !== "" && part !== ".");
  const clean = parts.join("/");
  if (!parts.includes("..") && !parts.some((part) => part.toLowerCase() === ".git") && !/\p{Cc}/u.test(clean))
    return clean;
  throw new PromoterError(
    "InvalidInput",
    `The path ${JSON.stringify(path.slice(0, 200))} leads out of the repository`,
    {
      hint: "Write paths from the application's folder, or from the repository's root with / before them",
    },
  );
}
