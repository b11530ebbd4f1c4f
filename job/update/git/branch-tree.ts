import { PromoterError } from "../../error.ts";
import type { FileTree } from "../application.ts";

/** A file of a commit. */
export interface TreeEntry {
  /** As git writes it: `100644`, `100755`, `120000` for a symbolic link, `160000` for a submodule. */
  readonly mode: string;
  readonly object: string;
}

/** A commit's files, read when they are asked for, and what is written instead of them. */
export class BranchTree implements FileTree {
  readonly #entries: ReadonlyMap<string, TreeEntry>;
  readonly #readObject: (object: string) => Promise<Buffer>;
  readonly #read = new Map<string, string>();
  readonly #written = new Map<string, string>();
  #folders: ReadonlyMap<string, ReadonlySet<string>> | undefined;

  constructor(entries: ReadonlyMap<string, TreeEntry>, readObject: (object: string) => Promise<Buffer>) {
    this.#entries = entries;
    this.#readObject = readObject;
  }

  /** What was written, where it differs from the commit. */
  get written(): ReadonlyMap<string, string> {
    return this.#written;
  }

  /** @throws {PromoterError} `InvalidInput` for a link, and for what is no UTF-8. */
  async read(path: string): Promise<string | undefined> {
    const written = this.#written.get(path);
    const entry = this.#entries.get(path);
    if (written !== undefined || entry === undefined) return written;
    checkMode(path, entry);
    const known = this.#read.get(path);
    if (known !== undefined) return known;
    const bytes = await this.#readObject(entry.object);
    try {
      const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
      this.#read.set(path, text);
      return text;
    } catch (cause) {
      throw new PromoterError("InvalidInput", `${path} is no text in UTF-8`, {
        hint: "Save the file in UTF-8",
        cause,
      });
    }
  }

  /** @throws {PromoterError} `InvalidInput` where no file can be: at a link, below a file, outside of the branch. */
  async write(path: string, text: string): Promise<void> {
    const entry = this.#entries.get(path);
    if (entry === undefined) this.#checkNewPath(path);
    else checkMode(path, entry);
    if (this.#read.get(path) === text) this.#written.delete(path);
    else this.#written.set(path, text);
  }

  async list(folder: string): Promise<readonly string[]> {
    this.#folders ??= foldersOf([...this.#entries].flatMap(([path, { mode }]) => (isFile(mode) ? path : [])));
    const written = foldersOf(this.#written.keys()).get(folder) ?? [];
    return [...new Set([...(this.#folders.get(folder) ?? []), ...written])].sort();
  }

  #checkNewPath(path: string): void {
    const parts = path.split("/");
    const wrong = parts.some((part) => part === "" || part === "." || part === ".." || isGitFolder(part));
    const parents = parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("/"));
    if (!wrong && !/\p{Cc}/u.test(path) && !parents.some((parent) => this.#entries.has(parent))) return;
    throw new PromoterError("InvalidInput", `There can be no file ${JSON.stringify(path.slice(0, 200))}`, {
      hint: "Write paths from the repository's root, through folders",
    });
  }
}

/** Names that some file systems take for `.git`. */
function isGitFolder(part: string): boolean {
  return /^(?:\.git|git~1)[. ]*$/i.test(part.replace(/[\u200c-\u200f\u202a-\u202e\ufeff]/g, ""));
}

function isFile(mode: string): boolean {
  return mode === "100644" || mode === "100755";
}

function checkMode(path: string, { mode }: TreeEntry): void {
  if (isFile(mode)) return;
  const what = mode === "120000" ? "a symbolic link" : "no file";
  throw new PromoterError("InvalidInput", `${path} is ${what}`, { hint: "Name the file itself" });
}

/** What each folder holds: files, and folders with a `/` at their ends. Links and submodules are neither. */
function foldersOf(paths: Iterable<string>): Map<string, Set<string>> {
  const folders = new Map<string, Set<string>>();
  for (const path of paths) {
    let name = path.slice(path.lastIndexOf("/") + 1);
    for (let folder = parentOf(path); ; folder = parentOf(folder)) {
      const names = folders.get(folder) ?? new Set();
      folders.set(folder, names.add(name));
      if (folder === "") break;
      name = `${folder.slice(folder.lastIndexOf("/") + 1)}/`;
    }
  }
  return folders;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
