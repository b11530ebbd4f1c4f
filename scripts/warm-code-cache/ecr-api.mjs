import { createServer } from "node:http";

/** Starts ECR's API on loopback, as far as a promotion needs it: everybody is let in. */
export async function startEcrApi() {
  const answers = {
    GetAuthorizationToken: () => ({
      authorizationData: [
        {
          authorizationToken: Buffer.from("AWS:anybody").toString("base64"),
          expiresAt: Date.now() / 1000 + 12 * 60 * 60,
        },
      ],
    }),
  };
  const server = createServer((request, response) => {
    const operation = String(request.headers["x-amz-target"]).split(".").at(-1);
    request.resume();
    console.error(operation);
    const answer = answers[operation];
    response.writeHead(answer ? 200 : 400, { "content-type": "application/x-amz-json-1.1" });
    response.end(JSON.stringify(answer?.() ?? { __type: "InvalidParameterException" }));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
