import type { Socket } from "node:net";
import type { buildConnector } from "undici";

type Connector = buildConnector.connector;

/** Opens connections of one origin, some of them before they are needed. */
export interface ConnectionsAhead extends Disposable {
  readonly connect: Connector;
}

/** A connection that nobody uses yet; undefined when it failed, or has ended. */
type Spare = Promise<Socket | undefined>;

export interface ConnectionsAheadOptions {
  readonly spares: number;
  /** Milliseconds after which a spare that nobody wanted is ended: what lies between forgets connections in silence. */
  readonly unusedMs: number;
}

/**
 * With the first connection, opens `spares` more: the first answer is mostly followed by several requests at once, which
 * then need not wait for handshakes. A spare that failed is not missed.
 */
export function connectingAhead(
  connector: Connector,
  { spares, unusedMs }: ConnectionsAheadOptions,
): ConnectionsAhead {
  const ready: Spare[] = [];
  let begun = false;
  return {
    connect(options, callback) {
      if (!begun) {
        begun = true;
        for (let count = 0; count < spares; count += 1) ready.push(openSpare(connector, options, unusedMs));
        return connector(options, callback);
      }
      const spare = ready.shift();
      if (spare === undefined) return connector(options, callback);
      spare.then((socket) => {
        if (socket === undefined || !isUntouched(socket)) return connector(options, callback);
        socket.off("error", ignored);
        socket.off("timeout", socket.destroy);
        socket.setTimeout(0);
        socket.ref();
        callback(null, socket);
      });
    },
    [Symbol.dispose]() {
      for (const spare of ready.splice(0)) spare.then((socket) => socket?.destroy());
    },
  };
}

function openSpare(connector: Connector, options: buildConnector.Options, unusedMs: number): Spare {
  const { promise, resolve } = Promise.withResolvers<Socket | undefined>();
  connector(options, (error, socket) => {
    if (error !== null) return resolve(undefined);
    // What ends a connection that nobody uses is nobody's concern, and nobody waits for it.
    socket.on("error", ignored);
    socket.setTimeout(unusedMs);
    socket.on("timeout", socket.destroy);
    socket.unref();
    resolve(socket);
  });
  return promise;
}

/** False when the connection has ended, or when something was said on it that would pass for the answer to a request. */
function isUntouched(socket: Socket): boolean {
  if (!socket.destroyed && socket.readableLength === 0) return true;
  socket.destroy();
  return false;
}

function ignored(): void {}
