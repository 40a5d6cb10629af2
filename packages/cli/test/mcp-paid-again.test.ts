import { expect, it } from "vitest";
import { openAgent } from "./mcp-agent.ts";
import { openMcpShop } from "./mcp-shop.ts";

let jobs = 0;
let lost = 0;
const shop = await openMcpShop({
  "/cut": (_, response) => response.write("half of the ", () => response.destroy()),
  "/lost": (_, response) => (lost++ === 0 ? response.destroy() : response.end("goods")),
  "/jobs": (_, response) => response.writeHead(303, { location: `/once/jobs/${++jobs}` }).end(),
  "/fails": (_, response) => response.writeHead(500).end(),
  "/away": (_, response) => response.writeHead(302, { location: `http://${other}/once/goods` }).end(),
});
const { url, host, lightning } = shop;
/** The same shop, which counts as another server. */
const other = host.replace("127.0.0.1", "localhost");
const { call } = await openAgent({ env: { ...shop.env, L402_ALLOWED_HOSTS: `${host},${other}` } });

it.each([
  ["an answer breaks off", "/once/cut", {}, [1, 1, 1, 1]],
  ["an answer of a pass breaks off", "/paid/cut", {}, [1, 0, 0, 1]],
  ["an answer is lost, and its use with it", "/once/lost", {}, [1, 0, 1]],
  ["an order leads to another sale", "/once/jobs", { body: "{}" }, [1, 1, 1]],
  ["what was paid leads to another server that sells", "/once/away", {}, [1, 1, 1]],
  ["the server fails", "/once/fails", {}, [1, 0, 0]],
])("says before that a call pays again: %s", async (_, path, more, expected) => {
  const payments: number[] = [];
  let told = "";
  for (let i = 0; i < expected.length; i++) {
    const before = lightning.payments.length;
    const { error, data } = await call("fetch", { url: url + path, ...more });
    const paid = lightning.payments.length - before;
    // What was said after the call before this one.
    if (paid > 0 && i > 0) {
      expect(told).toMatch(/pay again|fetch that address/i);
      expect(told).not.toMatch(/nothing|kept|never/i);
    }
    payments.push(paid);
    told = error ? error.hint : (data.advice ?? "");
    if (error) expect(error).toMatchObject({ code: "PAYMENT_REJECTED", fundsMoved: "yes" });
  }
  expect(payments).toEqual(expected);
});

it("names the command that lets a purchase go, which no tool does", async () => {
  const refused = await openMcpShop({
    "/refuses": (_, response) => response.writeHead(402).end(),
  });
  const { call } = await openAgent({ env: refused.env });
  for (let i = 0; i < 2; i++) {
    const { error } = await call("fetch", { url: `${refused.url}/once/refuses` });
    expect(error.hint).toMatch(/To pay again, your user has to run l402 tokens forget [0-9a-f]{64} first\./);
    expect(error.hint).not.toMatch(/forget\(|paymentHash/);
  }
  expect(refused.lightning.payments).toHaveLength(1);
});
