/**
 * Stands for a module of Node's own until one of its members is asked for.
 *
 * What the bundler makes of it for `import module from "node:…"` is an object with the stand-in as its `default` and,
 * for the other names, with the stand-in's prototype as its own: that is the stand-in again.
 */
export function lateModule(load: () => object): object {
  const standIn: object = new Proxy(
    {},
    {
      // Asked by what the bundler adds, whether the bundler made this module as well.
      get: (_, name) => (name === "__esModule" ? undefined : Reflect.get(load(), name)),
      set: (_, name, value) => Reflect.set(load(), name, value),
      has: (_, name) => Reflect.has(load(), name),
      getPrototypeOf: () => standIn,
    },
  );
  return standIn;
}
