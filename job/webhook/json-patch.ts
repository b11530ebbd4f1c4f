/** A step of a JSON Patch, of the kind that is needed here. {@link https://www.rfc-editor.org/rfc/rfc6902} */
export interface PatchOperation {
  readonly op: "replace";
  readonly path: string;
  readonly value: string;
}

/** A path through an object as a JSON Pointer: `/spec/containers/0/image`. {@link https://www.rfc-editor.org/rfc/rfc6901} */
export function jsonPointer(path: readonly (string | number)[]): string {
  return path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
