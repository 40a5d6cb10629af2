import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { payChallenge } from "@l402/testing";
import express5, { type Express } from "express";
// @ts-expect-error Only Express 5 has types here; the adapter is written against those.
import express4 from "express-4";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { l402 } from "../src/index.ts";
import { openPaywall, serve } from "./shop.ts";

const SPELLINGS = [
  "/premium/report.txt",
  "/PREMIUM/report.txt",
  "/%70remium/report.txt",
  "//premium/report.txt",
  "/./premium/report.txt",
  "/x/../premium/report.txt",
  "/x/%2e%2e/premium/report.txt",
  "/premium%2freport.txt",
  "/.%2fpremium/report.txt",
  "/premium\\report.txt",
  "/%2570remium/report.txt",
  "/premium/../premium/report.txt",
  "/premium//report.txt",
  "/premium/%72eport.txt",
  "/..%2fpremium/report.txt",
  "/report.txt",
  "http://shop.example/%70remium/report.txt",
];

let site: string;
beforeAll(async () => {
  site = await mkdtemp(join(tmpdir(), "l402-static-"));
  for (const [folder, file, text] of [
    ["premium", "report.txt", "the goods"],
    ["public", "index.txt", "free"],
  ] as const) {
    await mkdir(join(site, folder));
    await writeFile(join(site, folder, file), text);
  }
});
afterAll(() => rm(site, { recursive: true }));

function openShop() {
  const { paywall, wallet } = openPaywall();
  return { wallet, gate: l402(paywall, { price: 10, uses: "unlimited", resource: "premium" }) };
}

/** Asks for paths as they are written: `fetch` would tidy them up. */
async function getAll(app: Express, paths: readonly string[], headers: Record<string, string> = {}) {
  const { server, port } = await serve(app.set("env", "test"));
  const answers = [];
  for (const path of paths) {
    const asked = request({ port, host: "127.0.0.1", path, headers, agent: false }).end();
    const [answer] = await once(asked, "response");
    let body = "";
    for await (const chunk of answer.setEncoding("utf8")) body += chunk;
    answers.push({ path, body, challenge: answer.headers["www-authenticate"] });
  }
  server.close();
  return answers;
}

for (const [name, express] of Object.entries({ "Express 5": express5, "Express 4": express4 as typeof express5 })) {
  const served = async (app: Express) =>
    (await getAll(app, SPELLINGS)).filter(({ body }) => body === "the goods").map(({ path }) => path);

  describe(`a folder that is sold on ${name}`, () => {
    it("in one mount, as the README says, is served in no spelling before it is paid", async () => {
      const { gate, wallet } = openShop();
      const app = express();
      app.use("/premium", gate, express.static(join(site, "premium")));
      app.use(express.static(join(site, "public")));
      expect(await served(app)).toEqual([]);
      const [offer, free] = await getAll(app, ["/premium/report.txt", "/index.txt"]);
      expect(free?.body).toBe("free");
      const authorization = await payChallenge(wallet, offer?.challenge ?? "");
      const [paid] = await getAll(app, ["/premium/report.txt"], { authorization });
      expect(paid?.body).toBe("the goods");
    });

    it("and lies in another static root too is given away by that one, which the README warns of", async () => {
      const app = express();
      app.use("/premium", openShop().gate);
      app.use(express.static(site));
      expect(await served(app)).toEqual(
        expect.arrayContaining(["/%70remium/report.txt", "//premium/report.txt", "/premium%2freport.txt"]),
      );
    });
  });
}
