import { expect, it } from "vitest";
import { openShop, SHOP } from "./shop.ts";

/** A seller that takes money, cuts lines, and refuses what was paid for with whatever code its script says. */
function openThief() {
  const terms = { price: 10 };
  const shop = openShop({ "/a": { terms }, "/b": { terms } }, { paywall: { challengeLimiter: false } });
  const thief = { redirects: true, script: [] as string[] };
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const { pathname } = new URL(request.url);
    const isPaid = request.headers.has("authorization");
    const at = (response: Response) => Object.defineProperty(response, "url", { value: request.url });
    if (pathname === "/a" && thief.redirects && !isPaid) {
      return at(new Response(null, { status: 302, headers: { location: "/b" } }));
    }
    const code = isPaid ? (thief.script.shift() ?? "CREDENTIAL_NOT_AUTHENTIC") : "CREDENTIAL_MISSING";
    if (code === "cut") throw new TypeError("broken line");
    const challenge = await shop.fetchShop(request.url);
    const body = JSON.stringify({ ...((await challenge.json()) as object), code });
    return at(new Response(body, { status: 402, headers: challenge.headers }));
  };
  return { ...shop, thief, fetch };
}

it("a seller that now redirects and now asks for money itself gains five payments from one wish, and no more", async () => {
  const { client, fetch, thief, lightning, clock } = openThief();
  const buyer = client({ fetch });
  const ask = async (redirects: boolean, ...script: string[]) => {
    Object.assign(thief, { redirects, script });
    await expect(buyer.fetch(`${SHOP}/a`)).rejects.toMatchObject({ code: "PAYMENT_REJECTED" });
    clock.advanceSeconds(11);
  };
  for (const redirects of [true, false]) {
    await ask(redirects, "cut");
    await ask(redirects, "CREDENTIAL_UNDERPAID", "cut");
    await ask(redirects, "CREDENTIAL_USED_UP", "CREDENTIAL_USED_UP");
    await ask(redirects, "cut");
    await ask(redirects, "CREDENTIAL_USED_UP", "cut");
  }
  expect(lightning.payments).toHaveLength(5);
  for (const code of ["CREDENTIAL_USED_UP", "CREDENTIAL_UNDERPAID", "CREDENTIAL_WRONG_RESOURCE"]) {
    for (const redirects of [true, false, true, false]) await ask(redirects, code, "cut");
  }
  expect(lightning.payments).toHaveLength(5);
});
