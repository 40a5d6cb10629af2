import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import type { BackendFault } from "./faults.ts";

/** A server that answers every request with one kind of fault. */
export interface HostileServer {
  url: string;
  /** The number of requests that followed a redirect. */
  readonly followed: number;
  close(): Promise<void>;
}

export async function startHostileServer(fault: BackendFault): Promise<HostileServer> {
  let followed = 0;
  const listener: RequestListener = (request, response) => {
    if (request.url?.startsWith("/elsewhere")) followed++;
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    const head = `${request.url} ${JSON.stringify(request.headers)}`;
    request.on("end", () => fault.answer(response, `${head} ${body}`));
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  if (fault.closed) await close();
  return {
    url: `http://127.0.0.1:${port}`,
    get followed() {
      return followed;
    },
    close: fault.closed ? async () => {} : close,
  };
}
