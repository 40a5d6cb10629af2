import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));

// The README's snippet is this file; the check of the docs compares them.
it("the shop in the README of the page shows people a page that opens, and programs a problem document", async () => {
  // The five seconds of the example are no time here.
  const script = `
    const wait = setTimeout;
    globalThis.setTimeout = (work, ms, ...rest) => wait(work, ms === 5000 ? 0 : ms, ...rest);
    const { server } = await import("./docs/examples/shop-page.mjs");
    const url = \`http://localhost:\${server.address().port}/weather\`;
    for (const accept of ["text/html", "*/*"]) {
      const answer = await fetch(url, { headers: { accept } });
      const text = await answer.text();
      console.log(answer.status, answer.headers.get("content-type"), text.includes("<bdi>Tomorrow&#39;s weather</bdi>"));
      const [, claim] = /data-claim="([^"]+)"/.exec(text) ?? [];
      if (!claim) continue;
      const cookie = answer.headers.getSetCookie().map((line) => line.split(";")[0]).join("; ");
      console.log((await (await fetch(url, { headers: { cookie, "l402-status": claim } })).json()).status);
    }
    process.exit();`;
  const shop = spawn(
    process.execPath,
    [
      "--conditions=@l402/source",
      "--import",
      "tsx",
      "--import",
      "./tooling/example.mjs",
      "--input-type=module",
      "-e",
      script,
    ],
    { cwd: root, env: { ...process.env, PORT: "0" }, stdio: ["ignore", "pipe", "inherit"] },
  );
  let output = "";
  shop.stdout.on("data", (chunk) => {
    output += chunk;
  });
  await once(shop, "close");
  expect(output.trim().split("\n")).toEqual([
    "402 text/html; charset=utf-8 true",
    "settled",
    "402 application/problem+json false",
  ]);
});
