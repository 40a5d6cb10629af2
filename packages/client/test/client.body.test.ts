import { openAsBlob } from "node:fs";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openSeller } from "./seller.ts";

afterEach(() => vi.unstubAllGlobals());

const bytes = new Uint8Array([0, 255, 1, 128, 10, 13]);

const form = () => {
  const data = new FormData();
  data.set("name", "ä & value");
  data.append("file", new Blob([bytes], { type: "image/png" }), "a.png");
  return data;
};

/** Sends a body to a seller, and returns what the seller received: first without a credential, then with one. */
async function send(body: BodyInit, headers: Record<string, string> = {}) {
  const seller = await openSeller();
  const response = await seller.client().fetch(seller.url, { method: "POST", body, headers });
  expect(response.status).toBe(200);
  expect(seller.seen).toHaveLength(2);
  const [first, second] = seller.seen;
  expect(second?.method).toBe("POST");
  expect(second?.body).toEqual(first?.body);
  expect(second?.headers["content-type"]).toBe(first?.headers["content-type"]);
  expect(second?.headers["content-length"]).toBe(first?.headers["content-length"]);
  return { body: second?.body as Buffer, type: second?.headers["content-type"] };
}

describe("a body is sent again byte for byte:", () => {
  it("a string", async () => {
    expect(await send("text ä")).toEqual({ body: Buffer.from("text ä"), type: "text/plain;charset=UTF-8" });
  });

  it("JSON with a type of its own", async () => {
    const { type } = await send('{"a":1}', { "content-type": "application/json" });
    expect(type).toBe("application/json");
  });

  it("an empty string", async () => {
    expect((await send("")).body).toHaveLength(0);
  });

  it("URLSearchParams, with their type", async () => {
    expect(await send(new URLSearchParams({ a: "1", b: "ä" }))).toEqual({
      body: Buffer.from("a=1&b=%C3%A4"),
      type: "application/x-www-form-urlencoded;charset=UTF-8",
    });
  });

  it("a Blob, with its type", async () => {
    expect(await send(new Blob([bytes], { type: "image/png" }))).toEqual({
      body: Buffer.from(bytes),
      type: "image/png",
    });
  });

  it("a Blob of text, where a library has put its own in the place of the global one", async () => {
    const body = new Blob(["a,b"], { type: "text/csv" });
    vi.stubGlobal("Blob", class {});
    expect(await send(body)).toEqual({ body: Buffer.from("a,b"), type: "text/csv" });
  });

  it("a file", async () => {
    const { body } = await send(await openAsBlob(fileURLToPath(import.meta.url)));
    expect(body.length).toBeGreaterThan(1000);
  });

  it("FormData, with the same boundary", async () => {
    const { body, type } = await send(form());
    const parsed = await new Response(new Uint8Array(body), { headers: { "content-type": type as string } }).formData();
    expect(parsed.get("name")).toBe("ä & value");
    expect(new Uint8Array(await (parsed.get("file") as File).arrayBuffer())).toEqual(bytes);
  });

  it.each<[string, () => BodyInit]>([
    ["an ArrayBuffer", () => bytes.slice().buffer],
    ["a Uint8Array", () => bytes],
    ["a part of a buffer", () => new Uint8Array(new Uint8Array([9, ...bytes, 9]).buffer, 1, bytes.length)],
    ["a DataView", () => new DataView(bytes.slice().buffer)],
    ["a Float64Array", () => new Float64Array(bytes.slice(0, 0).buffer)],
    ["a Buffer", () => Buffer.from(bytes)],
  ])("%s", async (_, make) => {
    const body = make() as ArrayBuffer;
    const expected = Buffer.from(await new Response(body).arrayBuffer());
    expect((await send(body)).body).toEqual(expected);
  });

  it("bytes as they were when fetch was called, although they change while it pays", async () => {
    const seller = await openSeller();
    const body = bytes.slice();
    const headers = new Headers({ "x-mine": "before" });
    const approve = () => {
      body.fill(7);
      headers.set("x-mine", "after");
      return true;
    };
    const response = await seller.client({ approve }).fetch(seller.url, { method: "POST", body, headers });
    expect(response.status).toBe(200);
    expect(seller.seen.map((each) => each.body)).toEqual([Buffer.from(bytes), Buffer.from(bytes)]);
    expect(seller.seen.map((each) => each.headers["x-mine"])).toEqual(["before", "before"]);
  });

  it.each<[string, () => BodyInit]>([
    ["text", () => "in a Request"],
    ["a form", form],
    ["a stream", () => new Blob(["in a Request"]).stream()],
  ])("%s in a Request", async (_, make) => {
    const seller = await openSeller();
    const request = new Request(seller.url, {
      method: "PUT",
      body: make(),
      duplex: "half",
      headers: { "x-mine": "yes" },
    } as never);
    expect((await seller.client().fetch(request)).status).toBe(200);
    const [first, second] = seller.seen;
    expect(first?.body.length).toBeGreaterThan(0);
    expect(second).toMatchObject({ method: "PUT", body: first?.body });
    expect(second?.headers["content-type"]).toBe(first?.headers["content-type"]);
    expect(second?.headers["x-mine"]).toBe("yes");
  });

  it("what stands beside a Request, in place of its own", async () => {
    const seller = await openSeller();
    const request = new Request(seller.url, { method: "PUT", body: "not this", headers: { "x-mine": "no" } });
    await seller.client().fetch(request, { method: "POST", body: "this", headers: { "x-mine": "yes" } });
    for (const each of seller.seen) {
      expect(each).toMatchObject({ method: "POST", body: Buffer.from("this"), headers: { "x-mine": "yes" } });
    }
  });

  it("what stands in a Request, or another object with values of its own kind, beside an address", async () => {
    class Init {
      get method() {
        return "POST";
      }
      get headers() {
        return { "x-mine": "yes" };
      }
      body = "this";
    }
    for (const make of [(url: string) => new Request(url, new Init()), () => new Init()]) {
      const seller = await openSeller();
      expect((await seller.client().fetch(seller.url, make(`${seller.origin}/not-this`))).status).toBe(200);
      expect(seller.seen).toHaveLength(2);
      for (const each of seller.seen) {
        expect(each).toMatchObject({ path: "/goods", method: "POST", body: Buffer.from("this") });
        expect(each.headers).toMatchObject({ "x-mine": "yes", "content-type": "text/plain;charset=UTF-8" });
      }
    }
  });

  it("to a redirected address of the same origin", async () => {
    const seller = await openSeller({
      redeem: ({ path, body }, response) =>
        path === "/goods" ? response.writeHead(308, { location: "/new" }).end() : response.end(body),
    });
    const buyer = seller.client();
    expect(await (await buyer.fetch(seller.url, { method: "POST", body: "text" })).text()).toBe("text");
    const request = new Request(seller.url, { method: "POST", body: "in a Request" });
    expect(await (await buyer.fetch(request)).text()).toBe("in a Request");
  });
});

describe("a body that cannot be copied", () => {
  const bodies: [string, () => unknown][] = [
    ["a ReadableStream", () => new Blob(["text"]).stream()],
    ["a stream of Node's", () => Readable.from([Buffer.from("text")])],
    [
      "an async generator",
      async function* () {
        yield Buffer.from("text");
      },
    ],
    ["an object that becomes a text, as another library's form may", () => ({ toString: () => "text" })],
  ];

  it.each(bodies)("(%s) is refused before anything is paid", async (_, make) => {
    const seller = await openSeller();
    const init = { method: "POST", body: make(), duplex: "half" } as RequestInit;
    await expect(seller.client().fetch(seller.url, init)).rejects.toMatchObject({
      code: "BODY_NOT_REPLAYABLE",
      fundsMoved: "no",
    });
    expect(seller.lightning.calls.payInvoice).toBe(0);
  });

  it.each(bodies)("(%s) is sent where nothing has to be paid", async (_, make) => {
    const seller = await openSeller({ challenge: (__, { body }, response) => response.end(body) });
    const init = { method: "POST", body: make(), duplex: "half" } as RequestInit;
    expect(await (await seller.client().fetch(seller.url, init)).text()).toBe("text");
  });

  it("is sent with what was bought before, and refused where that is no good any more", async () => {
    let isOver = false;
    const seller = await openSeller({
      redeem: ({ body }, response) => (isOver ? response.writeHead(402).end() : response.end(body)),
    });
    const buyer = seller.client();
    await buyer.fetch(seller.url, { method: "POST", body: "bought" });
    const init = () => ({ method: "POST", body: new Blob(["stream"]).stream(), duplex: "half" }) as RequestInit;
    expect(await (await buyer.fetch(seller.url, init())).text()).toBe("stream");
    isOver = true;
    await expect(buyer.fetch(seller.url, init())).rejects.toMatchObject({ code: "BODY_NOT_REPLAYABLE" });
    expect(seller.lightning.payments).toHaveLength(1);
  });
});

describe("what comes back", () => {
  it("for a payment comes from no cache, which may have what another user bought", async () => {
    const seller = await openSeller();
    await seller.client().fetch(seller.url);
    // What `cache: "no-store"` is on the wire.
    expect(seller.seen.map(({ headers }) => headers["cache-control"])).toEqual([undefined, "no-cache"]);
  });

  it("is streamed: the first piece is there before the second is sent", async () => {
    let finish = () => {};
    const seller = await openSeller({
      redeem: (_, response) => {
        response.write("first");
        finish = () => void response.end("second");
      },
    });
    const reader = (await seller.client().fetch(seller.url)).body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe("first");
    finish();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe("second");
    expect((await reader?.read())?.done).toBe(true);
  });

  it("is fetch's own Response, whatever its status", async () => {
    for (const status of [200, 204, 400, 403, 404, 410, 500, 503]) {
      const seller = await openSeller({
        redeem: (_, response) => response.writeHead(status, { "x-app": "yes" }).end(),
      });
      const response = await seller.client().fetch(seller.url);
      expect(response).toBeInstanceOf(Response);
      expect(response.status).toBe(status);
      expect(response.headers.get("x-app")).toBe("yes");
      expect(response.url).toBe(seller.url);
    }
  });
});
