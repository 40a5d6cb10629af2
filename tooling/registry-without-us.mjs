// An npm registry that sends every question on to the public one, but knows no package of ours.
import { once } from "node:events";
import { createServer } from "node:http";

export async function openRegistryWithoutUs() {
  const asked = [];
  const server = createServer(({ url }, response) => {
    const path = decodeURIComponent(url);
    if (!path.startsWith("/@l402/")) {
      response.writeHead(307, { location: `https://registry.npmjs.org${url}` }).end();
      return;
    }
    asked.push(path.slice(1));
    response.writeHead(404, { "content-type": "application/json" }).end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /** Answers what was asked about our packages since the last time. */
    takeAsked: () => asked.splice(0),
    close: () => server.close().closeAllConnections(),
  };
}
