/** A file that was rendered. */
export interface RenderedFile {
  /** Inside the folder that it goes to, with `/` between its parts. */
  readonly path: string;
  readonly content: string;
}
