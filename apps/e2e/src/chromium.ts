import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

/** A page in a headless Chromium. */
export interface Page {
  /** Evaluates an expression in the page, and waits for it if it is a promise. */
  evaluate<Result>(expression: string): Promise<Result>;
  /** A PNG of the page as it is seen. */
  screenshot(size: { width: number; height: number; dark?: boolean }): Promise<Uint8Array>;
  close(): Promise<void>;
}

const QUIET = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-pipe"],
];

/** Starts Chromium and opens a page, by the DevTools protocol over a pipe: JSON texts that end with a zero byte. */
export async function openPage(url: string): Promise<Page> {
  const profile = mkdtempSync(join(tmpdir(), "l402-chromium-"));
  const browser = spawn("chromium", [...QUIET, `--user-data-dir=${profile}`], {
    stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
  });
  const [, , , commands, answers] = browser.stdio as unknown as [null, null, null, Writable, Readable];
  const waiting = new Map<number, { resolve(result: never): void; reject(error: Error): void }>();
  let last = 0;
  let buffered = "";
  answers.setEncoding("utf8").on("data", (chunk: string) => {
    const messages = (buffered + chunk).split("\0");
    buffered = messages.pop() ?? "";
    for (const message of messages) {
      const { id, result, error } = JSON.parse(message);
      if (error) waiting.get(id)?.reject(new Error(error.message));
      else waiting.get(id)?.resolve(result as never);
    }
  });

  const send = <Result>(method: string, params: object = {}, sessionId?: string) =>
    new Promise<Result>((resolve, reject) => {
      waiting.set(++last, { resolve, reject });
      commands.write(`${JSON.stringify({ id: last, method, params, sessionId })}\0`);
    });

  const { targetId } = await send<{ targetId: string }>("Target.createTarget", { url });
  const { sessionId } = await send<{ sessionId: string }>("Target.attachToTarget", { targetId, flatten: true });
  const evaluate = async <Result>(expression: string): Promise<Result> => {
    const options = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await send<{
      result: { value: Result };
      exceptionDetails?: { exception?: { description?: string } };
    }>("Runtime.evaluate", options, sessionId);
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? "the page threw");
    return result.value;
  };
  // A new target is an empty page first, and that one is complete at once.
  const isThere = 'location.href !== "about:blank" && document.readyState === "complete"';
  while (!(await evaluate<boolean>(isThere).catch(() => false)))
    await new Promise((resolve) => setTimeout(resolve, 20));

  return {
    evaluate,
    async screenshot({ width, height, dark = false }) {
      const metrics = { width, height, deviceScaleFactor: 1, mobile: width < 600 };
      const features = [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }];
      await send("Emulation.setDeviceMetricsOverride", metrics, sessionId);
      await send("Emulation.setEmulatedMedia", { features }, sessionId);
      const { data } = await send<{ data: string }>("Page.captureScreenshot", { format: "png" }, sessionId);
      return Buffer.from(data, "base64");
    },
    async close() {
      const gone = new Promise((resolve) => browser.once("exit", resolve));
      // In this order its child processes end too; a kill would leave them writing to the profile.
      send("Browser.close").catch(() => {});
      const impatience = setTimeout(() => browser.kill("SIGKILL"), 5000);
      await gone;
      clearTimeout(impatience);
      try {
        rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
      } catch {
        // A folder below the system's temporary one, which somebody still holds.
      }
    },
  };
}
