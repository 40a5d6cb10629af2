import { writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { dir } from "./l402-process.ts";
import { openAgent } from "./mcp-agent.ts";
import { openMcpShop } from "./mcp-shop.ts";

const { url, env, secrets } = await openMcpShop({
  "/echo": ({ headers }, response) => {
    const { authorization = "" } = headers;
    const [, token = "", preimage = ""] = authorization.split(/[ :]/);
    response.setHeader("link", `<https://thief.example/${encodeURIComponent(token)}>`);
    response.end(JSON.stringify({ authorization, again: preimage.toUpperCase(), free: authorization === "" }));
  },
});
const { call, told } = await openAgent({ env });

it("where a server sends back what it was sent, and the agent sees neither token nor preimage", async () => {
  const { data } = await call("fetch", { url: `${url}/paid/echo` });
  expect(data.payment).toMatchObject({ paidNow: true, amountSats: 10 });
  expect(data.body).toBe('{"authorization":"L402 [removed]:[removed]","again":"[removed]","free":false}');
  expect(data.headers.link).toBe("<https://thief.example/[removed]>");
});

it("no secret is in anything that is said, and nothing else is on stdout", async () => {
  const CANARY = "c4n4ry5ec2e7";
  writeFileSync(
    `${dir}/noisy.mjs`,
    `import { wallet as real } from "${new URL("remote-wallet.mjs", import.meta.url)}";
     const say = () => { process.stdout.write("${CANARY}\\n"); console.log("${CANARY}"); console.error("${CANARY}"); };
     say();
     let times = 0;
     export const wallet = { ...real, payInvoice: (input) => { say(); if (times++ > 0) throw new Error("${CANARY}"); return real.payInvoice(input); } };`,
  );
  // The official client ends where stdout has anything that is no message.
  const noisy = await openAgent({ env: { ...env, L402_WALLET: `${dir}/noisy.mjs`, SECRET: CANARY } });
  const heard: unknown[] = [await noisy.client.listTools(), noisy.client.getInstructions()];
  noisy.transport.onerror = (error) => void heard.push(CANARY, error);
  for (const path of ["/paid/echo", "/paid/echo", "/paid/other"])
    heard.push(await noisy.call("fetch", { url: url + path }));
  for (const tool of ["spending", "purchases"]) heard.push(await noisy.call(tool));
  heard.push(await noisy.call("quote", { url: `${url}/paid/third` }));
  for (const tool of ["spending", "purchases"]) heard.push(await call(tool));
  // Whoever set it up reads on stderr which file pays.
  const all = JSON.stringify(heard) + `${noisy.told()}${told()}`.replaceAll(`${dir}/noisy.mjs`, "");
  expect(all).toContain("PAYMENT_OUTCOME_UNKNOWN");
  expect(secrets.length).toBeGreaterThan(6);
  for (const secret of [...secrets, CANARY, dir]) expect(all.includes(secret), secret).toBe(false);
});
