import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { decodeInvoice } from "@l402/core";
import { fakeLightning } from "@l402/testing";
import { describe, expect, it } from "vitest";
import { serviceOf } from "../src/challenge/service-of.ts";
import type { Seen } from "./http-server.ts";
import { openSeller, type Sale } from "./seller.ts";

/** A token as Aperture writes it: version 2, an identifier of 66 bytes, and these caveats. */
function tokenOf({ bolt11 }: Sale, caveats: string[], location = "lsat"): string {
  const field = (tag: number, data: Buffer) => {
    const { length } = data;
    return Buffer.concat([Buffer.from(length < 128 ? [tag, length] : [tag, length | 128, length >> 7]), data]);
  };
  const identifier = Buffer.from(`0000${decodeInvoice(bolt11).paymentHash}${"ab".repeat(32)}`, "hex");
  const end = Buffer.from([0]);
  const written = caveats.flatMap((caveat) => [field(2, Buffer.from(caveat)), end]);
  const signature = createHash("sha256").update(caveats.join()).digest();
  const head = [Buffer.from([2]), ...(location ? [field(1, Buffer.from(location))] : []), field(2, identifier), end];
  return Buffer.concat([...head, ...written, end, field(6, signature)]).toString("base64");
}

const BOLT11 = (
  await fakeLightning().provider.createInvoice({ amountMsat: 10_000, description: "", expiresInSeconds: 600 })
).bolt11;
const API = ["services=api:0", "api_capabilities="];

/** Aperture: two headers, no JSON, and a new challenge for whatever it does not accept. */
async function openAperture(
  caveatsOf: (path: string) => string[],
  isGood: (shown: { soldAt: string; times: number }, path: string) => boolean = ({ soldAt }, path) =>
    caveatsOf(soldAt)[0] === caveatsOf(path)[0],
) {
  const sold = new Map<string, { soldAt: string; times: number }>();
  const challenge = (sale: Sale, { path }: Pick<Seen, "path">, response: ServerResponse) => {
    const token = tokenOf(sale, caveatsOf(path));
    sold.set(token, { soldAt: path, times: 0 });
    const challenges = ["LSAT", "L402"].map((scheme) => `${scheme} macaroon="${token}", invoice="${sale.bolt11}"`);
    response.writeHead(402, { "content-type": "text/plain", "www-authenticate": challenges });
    response.end("payment required\n");
  };
  const seller = await openSeller({
    challenge,
    redeem: async (request, response) => {
      const [, token = ""] = /^L402 ([^:]+):/.exec(`${request.headers.authorization}`) ?? [];
      const shown = sold.get(token);
      if (shown && isGood(shown, request.path)) {
        shown.times++;
        return response.end(`goods of ${request.path}`);
      }
      const { bolt11 } = await seller.lightning.provider.createInvoice({
        amountMsat: 10_000,
        description: "again",
        expiresInSeconds: 600,
      });
      challenge({ bolt11, token: "", count: 0 }, request, response);
    },
  });
  const buyer = seller.client();
  return {
    buyer,
    seller,
    paid: () => seller.lightning.calls.payInvoice,
    buy: async (path: string) =>
      expect(await (await buyer.fetch(seller.origin + path)).text()).toBe(`goods of ${path}`),
  };
}

describe("at Aperture", () => {
  it.each([
    ["", API],
    [", with an end", [...API, "api_valid_until=4000000000"]],
    [", with many capabilities", ["services=api:0", `api_capabilities=${"read,".repeat(60)}`]],
    [", without capabilities", ["services=api:0"]],
  ])("one payment opens every path of a service%s", async (_, caveats) => {
    const { buyer, buy, paid } = await openAperture(() => caveats);
    for (let i = 0; i < 10; i++) await buy(`/v1/block/${i}`);
    await buy("/v2");
    expect(paid()).toBe(1);
    expect(await buyer.purchases()).toMatchObject([{ resource: expect.stringMatching(/^services=api:0/) }]);
  });

  it("requests for many paths at once share it", async () => {
    const { buy, paid } = await openAperture(() => API);
    await Promise.all(Array.from({ length: 10 }, (_, i) => buy(`/${i}`)));
    expect(paid()).toBe(1);
  });

  it("each service is paid for once, and its pass survives the others", async () => {
    const { buyer, buy, paid } = await openAperture((path) => [`services=${path.slice(1, 2)}:0`]);
    for (const path of ["/a1", "/b1", "/a2", "/b2", "/a1", "/b1", "/a3", "/b3"]) await buy(path);
    expect(paid()).toBe(2);
    expect(await buyer.purchases()).toHaveLength(2);
  });

  it("a token that is bound to its path opens no other, and is not lost by that", async () => {
    const caveats: ((path: string) => string[])[] = [
      (path) => [...API, `path=${path}`],
      (path) => [`services=api${path}:0`],
      (path) => [...API, "expires", `request_path=${path}`, "api_valid_until=4000000000"],
      (path) => [`path=${path}`, ...API],
    ];
    for (const caveatsOf of caveats) {
      const { buyer, buy, paid } = await openAperture(caveatsOf, ({ soldAt }, path) => soldAt === path);
      for (const path of ["/a", "/b", "/a", "/b", "/a"]) await buy(path);
      expect(paid(), `${caveatsOf}`).toBe(2);
      expect(await buyer.purchases()).toHaveLength(2);
    }
  });

  it("a seller of single uses that writes such tokens is paid once for each request", async () => {
    const { buy, paid } = await openAperture(
      () => API,
      ({ times }) => times === 0,
    );
    for (const path of ["/a", "/b", "/a"]) await buy(path);
    expect(paid()).toBe(3);
    await Promise.all(["/c", "/d", "/e", "/c"].map(buy));
    expect(paid()).toBe(7);
  });

  it("tokens that differ in their end only are for the same thing", async () => {
    let end = 4_000_000_000;
    const { buy, paid } = await openAperture(
      () => [...API, `api_valid_until=${end++}`],
      () => true,
    );
    for (const path of ["/a", "/x/b", "/y/c"]) await buy(path);
    expect(paid()).toBe(1);
  });

  it("a token that is no macaroon, or without services first, has no name", () => {
    const sale = { bolt11: BOLT11, token: "", count: 0 };
    for (const token of ["", "%", "services=", tokenOf(sale, []), tokenOf(sale, ["path=/a", ...API])]) {
      expect(serviceOf(token), token).toBeUndefined();
    }
    expect(serviceOf(undefined)).toBeUndefined();
  });

  it("a hostile token is read in no time", () => {
    const token = tokenOf({ bolt11: BOLT11, token: "", count: 0 }, Array(600).fill("services=1"));
    const start = performance.now();
    for (let i = 0; i < 10; i++) serviceOf(token.slice(0, 8192));
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
