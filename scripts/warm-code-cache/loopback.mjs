import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";

/**
 * Answers HTTP on a free port of loopback.
 * @param answer what is answered, `{ status, headers, content }`, to a request with its `body`.
 */
export async function listen(answer) {
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const { status = 200, headers = {}, content = "" } = answer(request, body);
    response.writeHead(status, { "content-length": Buffer.byteLength(content), ...headers });
    response.end(request.method === "HEAD" ? undefined : content);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    host: `127.0.0.1:${server.address().port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
