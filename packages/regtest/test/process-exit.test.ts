import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const directory = fileURLToPath(new URL("..", import.meta.url));
const readme = readFileSync(`${directory}/README.md`, "utf8");
const [, example = ""] = /^```ts\n(.*?)^```/ms.exec(readme) ?? [];
const [, printed] = /console\.log\(.*\); \/\/ (.*)/.exec(example) ?? [];

const AFTER_THE_EXAMPLE = `
  const forgotten = await startRegtest();
  const closed = await startRegtest();
  const hold = closed.nodes.seller.hold();
  const held = await closed.nodes.seller.provider.createInvoice(order);
  const result = closed.nodes.buyer.wallet.payInvoice({ bolt11: held.bolt11, maxFeeMsat: 0 });
  await hold.arrival();
  closed.close();
  console.log((await result).status);
  process.on("exit", () => console.log(process.getActiveResourcesInfo().filter((name) => !name.startsWith("Pipe"))));
`;

/** Runs a script in a process of its own, until that exits by itself. */
function run(script: string): Promise<{ code: number | null; output: string }> {
  const flags = ["--conditions=@l402/source", "--import", "tsx", "--input-type=module", "--eval", script];
  const child = spawn(process.execPath, flags, { cwd: directory, stdio: ["ignore", "pipe", "pipe"], timeout: 25_000 });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (text) => {
      output += text;
    });
  }
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, output })));
}

// The exit code is 0 because nobody had to kill it: pumps, timers and payments have come to rest.
it("a process exits by itself: the README's example, a payment under way at close, and a forgotten close", async () => {
  const output = `${printed}\nunknown\n[]\n`;
  expect(await run(example + AFTER_THE_EXAMPLE)).toEqual({ code: 0, output });
});
