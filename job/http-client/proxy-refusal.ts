/** A proxy that does not do what it is asked for. */
export class ProxyRefusal extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`the proxy answered ${status}`);
    this.name = "ProxyRefusal";
    this.status = status;
  }
}
