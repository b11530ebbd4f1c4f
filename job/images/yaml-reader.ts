import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Scalar,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import type { ErrorCode, PromoterError } from "../error.ts";
import { faultIn } from "./source-text.ts";
import type { YamlDocument } from "./yaml-documents.ts";

/** A node that is no alias; null where nothing is written. */
export type Value = Scalar | YAMLMap | YAMLSeq | null;

/** How many nodes may be read again through aliases: more than people write, and far less than an exploding document. */
const maxRepeatedNodes = 100_000;

/** Reads the nodes of one document: follows aliases within limits, and merges (`<<`). */
export class YamlReader {
  readonly #yaml: YamlDocument;
  readonly #code: ErrorCode;
  #targets: ReadonlyMap<Alias, Node> | undefined;
  #left = Number.POSITIVE_INFINITY;

  constructor(yaml: YamlDocument, code: ErrorCode) {
    this.#yaml = yaml;
    this.#code = code;
  }

  /**
   * The node itself, or the one that an alias stands for.
   *
   * @throws {PromoterError} when an alias has no anchor before it, or aliases repeat too much.
   */
  follow(node: unknown): Value {
    this.#left -= 1;
    if (isAlias(node)) {
      this.#targets ??= this.#findTargets();
      const target = this.#targets.get(node);
      if (target === undefined) throw this.fault(node, "No anchor of this name stands before the alias");
      if (this.#left < 0) throw this.fault(node, "Aliases repeat too much of the document");
      return this.follow(target);
    }
    return isMap(node) || isSeq(node) || isScalar(node) ? node : null;
  }

  /** Fields of a mapping in the order in which they are written; what it merges with `<<` comes last. */
  fieldsOf(map: YAMLMap): Map<string, unknown> {
    const fields = new Map<string, unknown>();
    const merged: unknown[] = [];
    for (const { key, value } of map.items) {
      if (!isScalar(key)) continue;
      if (key.value === "<<" && key.type === "PLAIN") merged.push(value);
      else fields.set(String(key.value), value);
    }
    for (const value of merged) {
      const followed = this.follow(value);
      for (const part of isSeq(followed) ? followed.items : [followed]) {
        const parent = this.follow(part);
        if (!isMap(parent)) continue;
        for (const [name, inherited] of this.fieldsOf(parent))
          if (!fields.has(name)) fields.set(name, inherited);
      }
    }
    return fields;
  }

  /** The text of a scalar, undefined for everything else. */
  textOf(node: unknown): string | undefined {
    const value = this.follow(node);
    return isScalar(value) && typeof value.value === "string" ? value.value : undefined;
  }

  /** Where a node begins and how long it is, in the source. */
  rangeOf(node: unknown): { readonly offset: number; readonly length: number } {
    const [begin, end] = (isMap(node) || isSeq(node) || isScalar(node) || isAlias(node)
      ? node.range
      : null) ?? [0, 0];
    return { offset: this.#yaml.start + begin, length: Math.max(1, end - begin) };
  }

  fault(node: unknown, what: string, hint?: string): PromoterError {
    return faultIn(this.#yaml.source, this.#code, {
      what,
      ...this.rangeOf(node),
      excerpt: this.#yaml.excerpt,
      ...(hint !== undefined && { hint }),
    });
  }

  /** An alias stands for the last anchor of its name before it. */
  #findTargets(): ReadonlyMap<Alias, Node> {
    const anchors = new Map<string, Node>();
    const targets = new Map<Alias, Node>();
    let nodes = 0;
    visit(this.#yaml.document, {
      Node: (_key, node) => {
        nodes += 1;
        if (!isAlias(node)) {
          if (node.anchor !== undefined) anchors.set(node.anchor, node);
          return;
        }
        const target = anchors.get(node.source);
        if (target !== undefined) targets.set(node, target);
      },
    });
    this.#left = nodes + maxRepeatedNodes;
    return targets;
  }
}
