/**
 * Sits a wait out without keeping others from working: what is held that others want, such as a slot of a limit, is
 * given back, and taken again when the wait is over.
 */
export type Aside = <T>(wait: () => Promise<T>) => Promise<T>;

/** Waits aside where there is a way to, else as it is. */
export function sitOut<T>(wait: () => Promise<T>, { aside }: { readonly aside?: Aside }): Promise<T> {
  return aside === undefined ? wait() : aside(wait);
}
