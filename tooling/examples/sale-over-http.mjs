// Buys from an example over HTTP, the way any client would, and tries to get more than was paid for.
import assert from "node:assert/strict";

/** The examples have a wallet at /dev/wallet, because their money is not real. */
export async function buyFrom(origin, path, init = {}) {
  const ask = (authorization) =>
    fetch(origin + path, { ...init, headers: { ...init.headers, ...(authorization && { authorization }) } });

  const { token, preimage } = await payFor(origin, await ask());
  const forged = await ask(`L402 ${token}:${"0".repeat(64)}`);
  const paid = await ask(`L402 ${token}:${preimage}`);
  const again = await ask(`L402 ${token}:${preimage}`);
  assert.deepEqual([forged.status, paid.status, again.status], [401, 200, 402]);
  assert.equal(paid.headers.get("cache-control"), "private");
  return paid.json();
}

/** Pays what an answer of an example asks for. */
export async function payFor(origin, unpaid) {
  assert.equal(unpaid.status, 402, `${unpaid.url} is not for sale: ${unpaid.status}`);
  const [, token, invoice] = /macaroon="([^"]+)", invoice="([^"]+)"/.exec(unpaid.headers.get("www-authenticate"));
  const wallet = await fetch(`${origin}/dev/wallet`, { method: "POST", body: JSON.stringify({ invoice }) });
  const { preimage } = await wallet.json();
  return { token, preimage };
}
