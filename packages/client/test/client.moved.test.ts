import { describe, expect, it, onTestFinished } from "vitest";
import { type Seen, startHttpServer } from "./http-server.ts";
import { ask, openSeller, type SellerHabits } from "./seller.ts";

/** A shop that takes orders for free, and redirects each order to a page that costs something. */
async function openOrders(status: number, location: (order: number) => string = (order) => `/orders/${order}`) {
  let orders = 0;
  return openSeller({
    challenge: (sale, { path }, response) =>
      path === "/goods" ? response.writeHead(status, { location: location(++orders) }).end() : ask(response, sale),
    redeem: ({ method, path }, response) => response.end(`${method} ${path} paid`),
  });
}

/** A shop that takes a payment for an order, makes it, and redirects to a page that costs something too. */
async function openJobs(query: (credential: string) => string = () => "?of=mine") {
  const jobs: string[] = [];
  const seller = await openSeller({
    challenge: (sale, _, response) => ask(response, sale, { uses: 1 }),
    async redeem({ method, path, headers: { authorization = "" } }, response) {
      if (method === "POST" && !jobs.includes(authorization)) {
        jobs.push(authorization);
        return response.writeHead(303, { location: `/jobs/${jobs.length}${query(authorization)}` }).end();
      }
      return path.startsWith("/jobs/") && !jobs.includes(authorization)
        ? response.end("result")
        : response.writeHead(402, { "content-type": "application/json" }).end('{"code":"CREDENTIAL_WRONG_RESOURCE"}');
    },
  });
  return { jobs, seller, buyer: seller.client() };
}

const linesOf = (seen: Seen[]) =>
  seen.map(({ method, path, headers, body }) =>
    [method, path, String(body), headers.authorization?.slice(0, 4)].filter(Boolean).join(" "),
  );

/** Acts as a browser, where `fetch` follows redirects and the program cannot see them. */
function inBrowser(): void {
  Object.defineProperty(globalThis, "location", { value: new URL("http://page.example/"), configurable: true });
  onTestFinished(() => void Reflect.deleteProperty(globalThis, "location"));
}

/** A wrapper of `fetch` whose responses have no URL. */
const forgetful: typeof fetch = async (input, init) => {
  const { body, status, headers } = await fetch(input, init);
  return new Response(body, { status, headers });
};

const post = { method: "POST", body: "a book" };

describe("a payment that is asked for after a redirect", () => {
  it.each([
    [301, "POST", "GET /orders/1", "GET /orders/1 L402"],
    [302, "POST", "GET /orders/1", "GET /orders/1 L402"],
    [303, "POST", "GET /orders/1", "GET /orders/1 L402"],
    [307, "POST", "POST /orders/1 a book", "POST /orders/1 a book L402"],
    [308, "POST", "POST /orders/1 a book", "POST /orders/1 a book L402"],
    [302, "PUT", "PUT /orders/1 a book", "PUT /orders/1 a book L402"],
    [303, "PUT", "GET /orders/1", "GET /orders/1 L402"],
  ])("with %i of a %s is paid for where it leads, and the order is not made twice", async (status, method, ...rest) => {
    for (const wrap of [undefined, forgetful]) {
      const seller = await openOrders(status);
      const buyer = seller.client({ ...(wrap && { fetch: wrap }) });
      const response = await buyer.fetch(seller.url, { ...post, method });
      expect(await response.text()).toMatch(/ \/orders\/1 paid$/);
      expect(response).toMatchObject({ url: `${seller.origin}/orders/1`, redirected: true });
      expect(linesOf(seller.seen)).toEqual([`${method} /goods a book`, ...rest]);
      expect(buyer.paymentOf(response)).toMatchObject({ origin: seller.origin, amountMsat: 10_000, paidNow: true });
      expect(seller.lightning.payments).toHaveLength(1);
    }
  });

  it("is paid for where a GET leads, and what was bought is used there again", async () => {
    const seller = await openOrders(302, () => "/latest?sort=new");
    const buyer = seller.client();
    for (let i = 0; i < 2; i++) expect(await (await buyer.fetch(seller.url)).text()).toBe("GET /latest?sort=new paid");
    const lines = ["GET /goods", "GET /latest?sort=new", "GET /latest?sort=new L402"];
    expect(linesOf(seller.seen)).toEqual([...lines, ...lines]);
    expect(seller.lightning.payments).toHaveLength(1);
  });

  it("is paid for after several, and a Request goes the same way", async () => {
    const habits: SellerHabits = {
      challenge: (sale, { path }, response) => {
        if (path === "/goods") return response.writeHead(308, { location: "/new" }).end();
        if (path === "/new") return response.writeHead(303, { location: "/orders/1" }).end();
        ask(response, sale);
      },
    };
    const seller = await openSeller(habits);
    const request = new Request(seller.url, { ...post, headers: { "x-mine": "yes", "content-language": "en" } });
    expect((await seller.client().fetch(request)).status).toBe(200);
    expect(linesOf(seller.seen)).toEqual([
      "POST /goods a book",
      "POST /new a book",
      "GET /orders/1",
      "GET /orders/1 L402",
    ]);
    for (const { headers } of seller.seen.slice(2)) {
      expect(headers["x-mine"]).toBe("yes");
      expect(headers["content-type"] ?? headers["content-language"]).toBeUndefined();
    }
  });

  it("is quoted as what it is for", async () => {
    const seller = await openOrders(303);
    expect(await seller.client().quote(seller.url, post)).toMatchObject({
      method: "GET",
      url: `${seller.origin}/orders/1`,
      origin: seller.origin,
    });
    expect(seller.seen).toHaveLength(2);
  });

  it("is paid for where a stream was sent that the redirect leaves behind", async () => {
    const stream = () => ({ method: "POST", body: new Blob(["a book"]).stream(), duplex: "half" }) as RequestInit;
    const left = await openOrders(303);
    expect(await (await left.client().fetch(left.url, stream())).text()).toBe("GET /orders/1 paid");
    const kept = await openOrders(307);
    await expect(kept.client().fetch(kept.url, stream())).rejects.toThrow(TypeError);
    expect(kept.lightning.payments).toHaveLength(0);
  });

  it("belongs to the request that an old credential was refused for", async () => {
    let isFull = false;
    const seller = await openSeller({
      redeem: ({ method, path }, response) => {
        if (path === "/goods" && isFull) return response.writeHead(303, { location: "/orders/1" }).end();
        response.writeHead(path === "/orders/1" && !isFull ? 401 : 200).end(`${method} ${path} paid`);
        return undefined;
      },
    });
    const buyer = seller.client();
    await buyer.fetch(seller.url, post);
    isFull = true;
    expect(await (await buyer.fetch(seller.url, post)).text()).toBe("GET /orders/1 paid");
    expect(linesOf(seller.seen).filter((line) => line.startsWith("POST"))).toHaveLength(3);
  });

  it("of a request that was paid for itself is left to the caller, who is told where, and nothing is done twice", async () => {
    const { jobs, seller, buyer } = await openJobs();
    for (let job = 1; job <= 3; job++) {
      const error = await buyer.fetch(seller.url, post).catch((thrown) => thrown);
      expect(error).toMatchObject({ code: "PAYMENT_REJECTED", fundsMoved: "yes", retryable: false });
      expect(error.message).toContain(`${seller.origin}/jobs/${job}?of=mine, which asks for another payment`);
      expect(jobs).toHaveLength(job);
      expect(seller.lightning.payments).toHaveLength(2 * job - 1);
      expect(await buyer.purchases()).toEqual([]);
      expect(await (await buyer.fetch(`${seller.origin}/jobs/${job}?of=mine`)).text()).toBe("result");
      expect(seller.lightning.payments).toHaveLength(2 * job);
    }
  });

  it.each<[string, (credential: string) => string]>([
    ["", (credential) => credential.split(":")[1] as string],
    [" in upper case", (credential) => (credential.split(":")[1] as string).toUpperCase()],
    [" twice, and the token", (credential) => `${credential.split(":")[1]}&${credential.replace("L402 ", "")}`],
    [" and the encoded token", (credential) => encodeURIComponent(credential.replace("L402 ", ""))],
    [", but the token", (credential) => `${/L402 (.+):/.exec(credential)?.[1]}`],
  ])("shows no preimage that a seller put into the address%s", async (_, secretsIn) => {
    const { jobs, seller, buyer } = await openJobs((credential) => `?of=${secretsIn(credential)}`);
    const error = await buyer.fetch(seller.url, post).catch((thrown) => thrown);
    expect(error.message).toContain(`another page of ${seller.origin}`);
    const [token = "", preimage = ""] = (jobs[0] as string).replace("L402 ", "").split(":");
    for (const secret of [token, encodeURIComponent(token), preimage]) {
      expect(error.message.toLowerCase()).not.toContain(secret.toLowerCase());
    }
  });

  it("and a seller that needs a moment there gets the order once, and another origin no credential", async () => {
    let count = 0;
    const there = await startHttpServer((_, response) => void response.writeHead(402, { "retry-after": "0" }).end());
    for (const where of ["/orders/1", `${there.origin}/orders/1`]) {
      const seller = await openSeller({
        redeem: ({ path }, response) =>
          path === "/goods"
            ? response.writeHead(303, { location: where }).end()
            : response.writeHead(count++ < 2 ? 402 : 200, { "retry-after": "0" }).end(),
      });
      const response = await seller.client().fetch(seller.url, post);
      expect(response).toMatchObject({ status: where.startsWith("/") ? 200 : 402, redirected: true });
      const posts = ["POST /goods a book", "POST /goods a book L402"];
      expect(linesOf(seller.seen).filter((line) => line.startsWith("POST"))).toEqual(posts);
    }
    expect(linesOf(there.seen)).toEqual(["GET /orders/1"]);
  });

  it("of another origin is not made, even where fetch does not say whose answer it is", async () => {
    for (const wrap of [undefined, forgetful]) {
      const expensive = await openSeller();
      const open = await startHttpServer(
        (_, response) => void response.writeHead(302, { location: expensive.url }).end(),
      );
      const buyer = expensive.client({ ...(wrap && { fetch: wrap }) });
      await expect(buyer.fetch(open.origin)).rejects.toMatchObject({ code: "INSECURE_ORIGIN", fundsMoved: "no" });
      expect(expensive.lightning.calls.payInvoice).toBe(0);
    }
  });

  it("is left to the caller who has a credential of another kind, wherever that was lost on the way", async () => {
    let back = "";
    const between = await startHttpServer((_, response) => void response.writeHead(307, { location: back }).end());
    const seller = await openOrders(307, () => between.origin);
    back = `${seller.origin}/orders/1`;
    const buyer = seller.client();
    const headers = { authorization: "Bearer mine" };
    expect((await buyer.fetch(seller.url, { headers })).status).toBe(402);
    expect(seller.lightning.payments).toHaveLength(0);
    expect((await buyer.fetch(seller.url)).status).toBe(200);
    expect(linesOf(seller.seen).at(-1)).toBe("GET /orders/1 L402");
    expect(between.seen.every((request) => request.headers.authorization === undefined)).toBe(true);
  });

  it("is left to the caller who follows", async () => {
    const seller = await openOrders(303);
    expect((await seller.client().fetch(seller.url, { ...post, redirect: "manual" })).status).toBe(303);
    await expect(seller.client().fetch(seller.url, { ...post, redirect: "error" })).rejects.toThrow(TypeError);
    expect(linesOf(seller.seen)).toEqual(["POST /goods a book", "POST /goods a book"]);
  });

  it("is made with a fetch that follows by itself only where it is certain what for", async () => {
    const itself: typeof fetch = (input, init) => fetch(input, { ...init, redirect: "follow" });
    for (const options of [{ fetch: itself }, {}]) {
      if (!options.fetch) inBrowser();
      const seller = await openOrders(303);
      const buyer = seller.client(options);
      const response = await buyer.fetch(seller.url, post);
      expect(response.status).toBe(402);
      expect(response.headers.get("www-authenticate")).toMatch(/^L402 /);
      expect(await buyer.quote(seller.url, post)).toBeUndefined();
      expect(seller.lightning.payments).toHaveLength(0);
      // The caller can still pay: the response tells its URL.
      expect(await (await buyer.fetch(response.url)).text()).toBe("GET /orders/1 paid");
      for (const input of [seller.url, new Request(seller.url, { headers: { "x-mine": "yes" } })]) {
        expect(await (await buyer.fetch(input)).text()).toMatch(/^GET \/orders\/\d paid$/);
      }
      expect(linesOf(seller.seen).filter((line) => line.startsWith("POST"))).toHaveLength(2);
      expect(seller.seen.at(-1)?.headers["x-mine"]).toBe("yes");
    }
  });
});

describe("a redirect where nothing is paid", () => {
  const headers = {
    authorization: "Bearer mine",
    "proxy-authorization": "Basic mine",
    cookie: "a=b",
    "content-language": "en",
    "x-mine": "yes",
  };

  it.each([301, 302, 303, 307, 308])("with %i is followed as fetch follows it", async (status) => {
    const there = await startHttpServer((_, response) => void response.end("there"));
    for (const location of ["/there?a=b", "there", "//127.0.0.1:PORT/up/../there", "/ä/ö?ü=%20"]) {
      const port = new URL(there.origin).port;
      const here = await startHttpServer(({ path }, response) => {
        const bytes = Buffer.from(location.replace("PORT", port)).toString("latin1");
        if (path === "/here") response.writeHead(status, { location: bytes });
        response.end("here");
      });
      for (const method of ["GET", "HEAD", "POST", "PUT"]) {
        const init = { method, headers, ...(/P/.test(method) && { body: "a book" }) };
        const results = [];
        for (const call of [fetch, (await openSeller()).client().fetch]) {
          for (const server of [here, there]) server.seen.length = 0;
          const response = await call(`${here.origin}/here`, init);
          const { url, redirected } = response;
          results.push({ url, redirected, text: await response.text(), here: [...here.seen], there: [...there.seen] });
        }
        expect(results[1]).toEqual(results[0]);
      }
    }
  });

  it("goes no further than twenty times", async () => {
    const seller = await openOrders(302, () => "/goods");
    await expect(seller.client().fetch(seller.url)).rejects.toThrow(TypeError);
    expect(seller.seen).toHaveLength(21);
  });

  it("is followed where the answer has to have a digest", async () => {
    const seller = await openSeller({
      challenge: (_, { path }, response) =>
        path === "/goods" ? response.writeHead(302, { location: "/new" }).end("moved") : response.end("goods"),
    });
    const integrity = "sha256-CJhX+cQHlBcV+u1/cyGlU09vglsNLAdNhuYv/pUHHXY=";
    const response = await seller.client().fetch(seller.url, { integrity });
    expect(await response.text()).toBe("goods");
  });
});
