import type { FileTree } from "./application.ts";

/** A tree whose files are not written before all of an image's targets are. */
export class StagedTree implements FileTree {
  readonly #tree: FileTree;
  readonly #written = new Map<string, string>();

  constructor(tree: FileTree) {
    this.#tree = tree;
  }

  async read(path: string): Promise<string | undefined> {
    return this.#written.get(path) ?? this.#tree.read(path);
  }

  async write(path: string, text: string): Promise<void> {
    this.#written.set(path, text);
  }

  async list(folder: string): Promise<readonly string[]> {
    const names = new Set(await this.#tree.list(folder));
    const start = folder === "" ? "" : `${folder}/`;
    for (const path of this.#written.keys()) {
      const rest = path.startsWith(start) ? path.slice(start.length) : "";
      if (rest !== "") names.add(rest.includes("/") ? `${rest.slice(0, rest.indexOf("/"))}/` : rest);
    }
    return [...names].sort();
  }

  /** Writes whatever was written here. */
  async commit(): Promise<void> {
    for (const [path, text] of this.#written) await this.#tree.write(path, text);
    this.#written.clear();
  }
}
