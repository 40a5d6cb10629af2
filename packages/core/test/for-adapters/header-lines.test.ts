import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { connect as connect2, createServer as createServer2 } from "node:http2";
import { type AddressInfo, connect } from "node:net";
import { describe, expect, it } from "vitest";
import { headerLines } from "../../src/index.ts";

describe("headerLines", () => {
  it("finds all lines, in whatever case they came", async () => {
    const request = await receive([
      "Authorization: L402 a:b",
      "Other: c",
      "AUTHORIZATION: L402 d:e",
      "authorizations: f",
    ]);
    expect(request.headers.authorization).toBe("L402 a:b");
    expect(headerLines(request, "authorization")).toEqual(["L402 a:b", "L402 d:e"]);
    expect(headerLines(request, "other")).toEqual(["c"]);
    expect(headerLines(request, "accept")).toBeUndefined();
  });

  it("finds a name, and no value that looks like one", async () => {
    const request = await receive(["Other: authorization", "Another: authorization"]);
    expect(headerLines(request, "authorization")).toBeUndefined();
  });

  it("reads HTTP/2", async () => {
    const server = createServer2().listen(0, "127.0.0.1");
    await once(server, "listening");
    const client = connect2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const asked = client.request({ ":path": "/", authorization: "L402 a:b", other: ["c", "d"] });
    const [request, response] = await once(server, "request");
    expect(headerLines(request, "authorization")).toEqual(["L402 a:b"]);
    expect([headerLines(request, "other")].flat().join(", ")).toBe("c, d");
    response.end();
    await once(asked.resume(), "close");
    client.close();
    server.close();
  });

  it("finds what only `headers` has, as where a platform or a middleware set it", async () => {
    const headers = { authorization: "L402 a:b", other: ["c", "d"] };
    expect(headerLines({ headers }, "authorization")).toBe("L402 a:b");
    expect(headerLines({ headers, rawHeaders: [] }, "other")).toEqual(["c", "d"]);
    const request = await receive(["Other: c"]);
    request.headers.authorization = "L402 a:b";
    expect(headerLines(request, "authorization")).toBe("L402 a:b");
  });
});

/** Sends the lines to a server, and returns the request that it gets. */
async function receive(lines: string[]): Promise<IncomingMessage> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  socket.end(["GET / HTTP/1.1", "Host: localhost", ...lines, "", ""].join("\r\n"));
  const [request, response] = await once(server, "request");
  response.end();
  await once(socket.resume(), "close");
  server.close();
  return request;
}
