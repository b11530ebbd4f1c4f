/** What a block of a template depends on: any of the values, or a computed text, that is not empty. */
export interface Condition {
  /** Paths of values: `serviceAccount.create`. */
  readonly paths: readonly string[];
  /** What the value must be instead of merely there. */
  readonly is?: string;
  /** Name of a computed text. */
  readonly computed?: string;
}

/**
 * The words that templates speak, each of which a target puts in its own way: as a Helm expression in the chart, as what
 * it comes to in plain manifests. `column` is where the word stands in its line, counted from 0: further lines of what
 * is put in its place begin there.
 */
export interface Vocabulary {
  /** A value, as a scalar. */
  knob(path: string): string;
  /** A value that is no text, as a text. */
  text(path: string): string;
  /** Fields or a list. */
  block(path: string, column: number): string;
  /** Whether any of the values is true. */
  either(paths: readonly string[]): string;
  /** What is made of several values, as a scalar. */
  computed(name: string): string;
  /** What is made of several values, as fields. */
  computedBlock(name: string, column: number): string;
  /** Another template in this one. */
  include(partial: string, column: number): string;
  /** A list's items, each as a document. */
  documents(path: string): string;
  /** One body or the other. */
  when(condition: Condition, body: () => string, otherwise: () => string): string;
  /** The body, unless the target does not know what it is about. */
  known(name: string, body: () => string): string;
}
