import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { embedded } from "../docs/embeds.mjs";
import { markdownFiles } from "../docs/markdown.mjs";
import { freePort } from "../free-port.mjs";
import { root } from "../run.mjs";

/** As `npm run example` does. */
const runAt = (port: number, ...args: string[]) =>
  execFileSync(
    process.execPath,
    ["--conditions=@l402/source", "--import", "tsx", "--import", "./tooling/example.mjs", ...args],
    {
      cwd: root,
      encoding: "utf8",
      env: { ...process.env, PORT: String(port), FORCE_COLOR: "0" },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
const run = async (...args: string[]) => runAt(await freePort(), ...args);

const shown = markdownFiles().flatMap(({ path, text }) =>
  embedded(text, "output").map((block) => ({ path, ...block })),
);
const examples = readdirSync(`${root}/docs/examples`).map((file) => `docs/examples/${file}`);
const isShop = (path: string) => /\/shop[^/]*$/.test(path);

describe("what the documents say an example prints", () => {
  it.each(shown)("$source, in $path:$line", async ({ source, code }) => {
    expect(await run(source)).toBe(code);
  });
});

describe("the examples whose output no document shows", () => {
  const others = examples.filter((path) => !isShop(path) && !shown.some(({ source }) => source === path));
  it.each(others)("%s runs to its end", async (path) => {
    await run(path);
  });
});

describe("the shops", () => {
  it.each(examples.filter(isShop))("%s sells", async (path) => {
    const buy = `
      import { createL402Client } from "@l402/client";
      const { server, wallet, default: web } = await import("./${path}");
      const client = createL402Client({ wallet, network: "regtest", ...(web && { fetch: (...request) => web.fetch(new Request(...request)) }) });
      const response = await client.fetch(\`http://localhost:\${server?.address().port ?? 1}/weather\`);
      console.log(response.status, await response.text(), client.paymentOf(response).amountMsat);
      process.exit();`;
    expect(await run("--input-type=module", "--eval", buy)).toMatch(/^200 {"weather":"sunny"} 10000\n$/m);
  });

  it("fail where their port is taken, and say so", async () => {
    const other = createServer().listen(0);
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    expect(() => runAt(port, "docs/examples/shop.mjs")).toThrow("Error: listen EADDRINUSE");
    other.close();
  });
});

it.each([[[]], [["no-such-file.mjs"]]])("npm run example %j says how to use it", (file) => {
  const { status, stderr } = spawnSync(process.execPath, ["--import", "./tooling/example.mjs", ...file], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, npm_lifecycle_event: "example" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  expect(status).toBe(2);
  expect(stderr).toMatch(/^(There is no file \S+no-such-file\.mjs\.\n)?Usage: npm run example <file>, .*\n$/);
});
