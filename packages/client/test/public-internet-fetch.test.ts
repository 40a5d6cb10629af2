import { createServer, request as httpRequest, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { publicInternetFetch } from "../src/node.ts";
import { openSeller } from "./seller.ts";

/** The answers of name servers, and the address of this computer that counts as public. */
const world = vi.hoisted(() => ({ names: {} as Record<string, string[][]>, public: "", lookups: [] as string[] }));

vi.mock("node:dns", () => ({
  lookup(name: string, _: object, callback: (error: Error | null, addresses?: object[]) => void) {
    world.lookups.push(name);
    const answers = world.names[name] ?? [];
    const addresses = (answers.length > 1 ? answers.shift() : answers[0]) ?? [];
    if (addresses.length === 0) return callback(new Error(`ENOTFOUND ${name}`));
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
  },
}));
vi.mock("@l402/core", async (original) => {
  const core = await original<typeof import("@l402/core")>();
  return { ...core, isPublicAddress: (address: string) => address === world.public || core.isPublicAddress(address) };
});

afterEach(() => {
  world.names = {};
  world.public = "";
  world.lookups = [];
});

async function listen(listener: RequestListener, host = "127.0.0.1") {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A server at http://shop.example:<port>, which is on the public internet as far as this test is concerned. */
async function publicServer(listener: RequestListener) {
  const port = await listen(listener);
  world.public = "127.0.0.1";
  world.names["shop.example"] = [["127.0.0.1"]];
  return `http://shop.example:${port}`;
}

const refused = { code: "INSECURE_ORIGIN", fundsMoved: "no" };

describe("a fetch of the public internet", () => {
  it.each([
    "http://127.0.0.1/",
    "http://localhost/",
    "http://0x7f.1/",
    "http://2130706433/",
    "http://127.1/",
    "http://127.0.0.1./",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://metadata.google.internal/computeMetadata/v1/",
    "http://10.0.0.1:8080/",
    "https://192.168.0.1/",
  ])("does not go to %s", async (url) => {
    world.names.localhost = [["127.0.0.1"]];
    world.names["metadata.google.internal"] = [["169.254.169.254"]];
    await expect(publicInternetFetch(url)).rejects.toMatchObject(refused);
  });

  it("does not go to a name with one address inside, whatever the others are", async () => {
    world.public = "127.0.0.1";
    const port = await listen((_, response) => void response.end("inside"));
    world.names["mixed.example"] = [["127.0.0.1", "10.0.0.1"]];
    await expect(publicInternetFetch(`http://mixed.example:${port}/`)).rejects.toMatchObject(refused);
  });

  it("goes where a name leads that is public", async () => {
    const origin = await publicServer((_, response) => void response.end("outside"));
    const response = await publicInternetFetch(`${origin}/path?query`);
    expect(await response.text()).toBe("outside");
    expect(response).toMatchObject({ url: `${origin}/path?query`, redirected: false, status: 200, ok: true });
  });

  it("checks the address that it connects to: a name that changes it afterwards leads nowhere (DNS rebinding)", async () => {
    let inside = 0;
    const port = await listen((_, response) => void response.end(String(++inside)), "127.0.0.2");
    world.public = "127.0.0.1";
    world.names["rebind.example"] = [["127.0.0.1"], ["127.0.0.2"]];
    // The first address passes the check, and the connection goes to that address, where no server listens.
    await expect(publicInternetFetch(`http://rebind.example:${port}/`)).rejects.toThrow("fetch failed");
    await expect(publicInternetFetch(`http://rebind.example:${port}/`)).rejects.toMatchObject(refused);
    expect(world.lookups).toEqual(["rebind.example", "rebind.example"]);
    expect(inside).toBe(0);
  });

  it("checks every redirect again", async () => {
    for (const location of ["http://169.254.169.254/", "http://[::1]/", "http://inside.example/"]) {
      world.names["inside.example"] = [["10.0.0.7"]];
      const origin = await publicServer((_, response) => void response.writeHead(302, { location }).end());
      await expect(publicInternetFetch(origin)).rejects.toMatchObject(refused);
    }
  });

  it("follows a redirect as fetch does", async () => {
    const origin = await publicServer((request, response) => {
      if (request.url === "/") response.writeHead(303, { location: "/next" }).end();
      else response.end(`${request.method} ${request.url} ${request.headers["content-type"]}`);
    });
    const response = await publicInternetFetch(origin, { method: "POST", body: "x" });
    expect(await response.text()).toBe("GET /next undefined");
    expect(response).toMatchObject({ url: `${origin}/next`, redirected: true });
    const manual = await publicInternetFetch(origin, { redirect: "manual" });
    expect(manual.status).toBe(303);
    await expect(publicInternetFetch(origin, { redirect: "error" })).rejects.toThrow(TypeError);
  });

  it("takes a credential to no other origin, and does not go round in circles for ever", async () => {
    const seen: (string | undefined)[] = [];
    const elsewhere = await listen((request, response) => {
      seen.push(request.headers.authorization, request.headers.cookie);
      response.end();
    });
    const origin = await publicServer((request, response) => {
      const location = request.url === "/loop" ? "/loop" : `http://shop.example:${elsewhere}/`;
      response.writeHead(307, { location }).end();
    });
    const headers = { authorization: "L402 a:b", cookie: "c=d" };
    await publicInternetFetch(origin, { headers });
    expect(seen).toEqual([undefined, undefined]);
    await expect(publicInternetFetch(`${origin}/loop`, { headers })).rejects.toThrow("redirects too often");
  });

  it("lets the client see where a redirect leads, and what is paid there", async () => {
    const seller = await openSeller();
    const { port } = new URL(seller.origin);
    const origin = await publicServer((request, response) => {
      if (request.url === "/goods") return void response.writeHead(303, { location: "/orders/1" }).end();
      const asked = httpRequest({ port, path: request.url, headers: request.headers }, (answer) => {
        answer.pipe(response.writeHead(answer.statusCode ?? 0, answer.headers));
      });
      asked.end();
    });
    const buyer = seller.client({ fetch: publicInternetFetch, insecureOrigins: [origin] });
    const response = await buyer.fetch(`${origin}/goods`, { method: "POST", body: "x" });
    expect(response.status).toBe(200);
    expect(seller.seen.map(({ path }) => path)).toEqual(["/orders/1", "/orders/1"]);
    const { url, redirected } = await seller
      .client({ fetch: publicInternetFetch })
      .fetch(`${origin}/goods`, { method: "PUT", headers: { authorization: "mine" } });
    expect({ url, redirected }).toEqual({ url: `${origin}/orders/1`, redirected: true });
  });

  it("reuses no connection that another agent made: a connection to inside may be open", async () => {
    const port = await listen((_, response) => void response.end("inside"));
    world.names["inside.example"] = [["127.0.0.1"]];
    const { get, globalAgent } = await import("node:http");
    Object.assign(globalAgent, { keepAlive: true });
    await new Promise<void>((resolve) => {
      get(
        {
          host: "inside.example",
          port,
          lookup: (_, __, callback) => callback(null, [{ address: "127.0.0.1", family: 4 }] as never),
        },
        (answer) => {
          answer.resume().on("end", resolve);
        },
      );
    });
    await expect(publicInternetFetch(`http://inside.example:${port}/`)).rejects.toMatchObject(refused);
  });

  it.each([
    ["gzip", gzipSync],
    ["br", brotliCompressSync],
    ["deflate", deflateSync],
  ])("reads %s", async (encoding, compress) => {
    const origin = await publicServer((_, response) => {
      response.writeHead(200, { "content-encoding": encoding }).end(compress("plain text"));
    });
    expect(await (await publicInternetFetch(origin)).text()).toBe("plain text");
  });

  it.each(["constructor", "__proto__", "compress"])(
    "leaves %s as it is: it knows no such encoding",
    async (encoding) => {
      const origin = await publicServer((_, response) => {
        response.writeHead(200, { "content-encoding": encoding }).end("as it is");
      });
      expect(await (await publicInternetFetch(origin)).text()).toBe("as it is");
    },
  );

  it.each([600, 999])("fails as fetch fails where the status is %i", async (status) => {
    const origin = await publicServer((_, response) => void response.writeHead(status).end());
    const error = { name: "TypeError", cause: { code: "BAD_STATUS" } };
    await expect(publicInternetFetch(origin)).rejects.toMatchObject(error);
  });

  it("sends every kind of body, and no header that would break the request apart", async () => {
    const origin = await publicServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      response.end(JSON.stringify({ headers: request.headers, body: Buffer.concat(chunks).toString() }));
    });
    const { host } = new URL(origin);
    const headers = { "content-length": "1", host: "evil.example", "transfer-encoding": "chunked", "x-mine": "yes" };
    const response = await publicInternetFetch(origin, { method: "POST", body: "the body", headers });
    const got = (await response.json()) as { headers: Record<string, string>; body: string };
    expect(got.body).toBe("the body");
    expect(got.headers).toMatchObject({ "content-length": "8", host, "x-mine": "yes" });
    expect(got.headers["transfer-encoding"]).toBeUndefined();
  });

  it("ends with its signal, before and in the middle of an answer", async () => {
    const origin = await publicServer((_, response) => void response.write("begun"));
    const controller = new AbortController();
    const response = await publicInternetFetch(origin, { signal: controller.signal });
    controller.abort();
    await expect(response.text()).rejects.toMatchObject({ code: "ECONNRESET" });
    await expect(publicInternetFetch(origin, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: "AbortError",
    });
    const later = new AbortController();
    const silent = await publicServer(() => later.abort());
    await expect(publicInternetFetch(silent, { signal: later.signal })).rejects.toMatchObject({ name: "AbortError" });
  });

  it("fails like fetch where a server hangs up, and goes to no other scheme", async () => {
    const origin = await publicServer((request) => void request.socket.destroy());
    await expect(publicInternetFetch(origin)).rejects.toThrow(TypeError);
    for (const url of ["file:///etc/passwd", "data:,x", "ftp://shop.example/"]) {
      await expect(publicInternetFetch(url)).rejects.toThrow(TypeError);
    }
  });

  it("streams", async () => {
    let write: (text: string) => void = () => {};
    const origin = await publicServer((_, response) => {
      write = (text) => void response.write(text);
      write("one");
    });
    const reader = (await publicInternetFetch(origin)).body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe("one");
    write("two");
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe("two");
    await reader?.cancel();
  });
});

describe("a client with it", () => {
  it("does not pay for what is inside", async () => {
    const seller = await openSeller();
    const buyer = seller.client({ fetch: publicInternetFetch });
    await expect(buyer.fetch(seller.url)).rejects.toMatchObject(refused);
    expect(seller.seen).toEqual([]);
  });

  it("pays outside, and follows no redirect inside with what it bought", async () => {
    const seller = await openSeller({
      redeem: (_, response) => response.writeHead(302, { location: "http://169.254.169.254/" }).end(),
    });
    world.public = "127.0.0.1";
    world.names["shop.example"] = [["127.0.0.1"]];
    const origin = seller.origin.replace("127.0.0.1", "shop.example");
    const buyer = seller.client({ fetch: publicInternetFetch, insecureOrigins: [origin] });
    await expect(buyer.fetch(`${origin}/goods`)).rejects.toMatchObject({ code: "PAYMENT_REJECTED", fundsMoved: "yes" });
    expect(seller.lightning.payments).toHaveLength(1);
  });
});
