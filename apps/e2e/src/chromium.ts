import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

/** A page in a headless Chromium. */
export interface Page {
  goto(url: string): Promise<void>;
  /** Evaluates an expression in the page, and waits for it if it is a promise. */
  evaluate<Result>(expression: string): Promise<Result>;
  /** Evaluates until the answer is one: waits for something to happen in the page. */
  until<Result>(expression: string): Promise<Result>;
  /** Presses a key and lets it go, such as `Tab`. */
  press(key: "Tab" | "Enter"): Promise<void>;
  /** A PNG of the page as it is seen. */
  screenshot(size: { width: number; height: number; dark?: boolean }): Promise<Uint8Array>;
  /** How the page is shown; `media` is "screen" or "print". */
  emulate(look: Partial<Look>): Promise<void>;
  /** Every URL that was asked for since the page was opened. */
  readonly requests: readonly string[];
  /** Every error and breach of a policy that the browser complained about. */
  readonly problems: readonly string[];
  close(): Promise<void>;
}

interface Look {
  width: number;
  height: number;
  dark: boolean;
  reducedMotion: boolean;
  media: "screen" | "print";
}

export interface PageOptions {
  /** Default true. */
  javaScript?: boolean;
  /** Runs in every page before its own scripts. */
  before?: string;
  /** The value of `Accept-Language`. */
  language?: string;
}

const QUIET = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-pipe"],
];

/** A headless Chromium. */
export interface Browser {
  /** Opens a page that shares no cookies with the others. */
  open(url: string, options?: PageOptions): Promise<Page>;
  close(): Promise<void>;
}

/** Starts Chromium and opens its only page. */
export async function openPage(url: string, options?: PageOptions): Promise<Page> {
  const browser = await openBrowser();
  return Object.assign(await browser.open(url, options), { close: browser.close });
}

/** Starts Chromium, and speaks the DevTools protocol over a pipe: JSON texts that end with a zero byte. */
export async function openBrowser(switches: readonly string[] = []): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), "l402-chromium-"));
  const browser = spawn("chromium", [...QUIET, ...switches, `--user-data-dir=${profile}`], {
    stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
  });
  const [, , , commands, answers] = browser.stdio as unknown as [null, null, null, Writable, Readable];
  const waiting = new Map<number, { resolve(result: never): void; reject(error: Error): void }>();
  const listeners = new Map<string, (method: string, params: never) => void>();
  let last = 0;
  let buffered = "";
  answers.setEncoding("utf8").on("data", (chunk: string) => {
    const messages = (buffered + chunk).split("\0");
    buffered = messages.pop() ?? "";
    for (const message of messages) {
      const { id, result, error, method, params, sessionId } = JSON.parse(message);
      if (error) waiting.get(id)?.reject(new Error(error.message));
      else if (id !== undefined) waiting.get(id)?.resolve(result as never);
      else listeners.get(sessionId)?.(method, params as never);
    }
  });
  const send: Send = (method, params = {}, sessionId) =>
    new Promise((resolve, reject) => {
      waiting.set(++last, { resolve, reject });
      commands.write(`${JSON.stringify({ id: last, method, params, sessionId })}\0`);
    });

  return {
    async open(url, options = {}) {
      const { browserContextId } = await send<{ browserContextId: string }>("Target.createBrowserContext");
      const blank = { url: "about:blank", browserContextId };
      const { targetId } = await send<{ targetId: string }>("Target.createTarget", blank);
      const { sessionId } = await send<{ sessionId: string }>("Target.attachToTarget", { targetId, flatten: true });
      const page = await attach({
        tell: (method, params) => send(method, params, sessionId),
        onEvent: (listener) => listeners.set(sessionId, listener),
        close: () => send("Target.disposeBrowserContext", { browserContextId }),
        options,
      });
      await page.goto(url);
      return page;
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

type Send = <Result>(method: string, params?: object, sessionId?: string) => Promise<Result>;

interface Tab {
  tell: Send;
  onEvent(listener: (method: string, params: never) => void): void;
  close(): Promise<unknown>;
  options: PageOptions;
}

async function attach({ tell, onEvent, close, options }: Tab): Promise<Page> {
  const requests: string[] = [];
  const problems: string[] = [];
  const heard: Record<string, (params: never) => void> = {
    "Network.requestWillBeSent": ({ request }: { request: { url: string } }) => requests.push(request.url),
    "Audits.issueAdded": ({ issue }: { issue: unknown }) => problems.push(JSON.stringify(issue)),
    "Runtime.exceptionThrown": ({ exceptionDetails }: { exceptionDetails: unknown }) =>
      problems.push(JSON.stringify(exceptionDetails)),
    // That a page says 402 is no problem.
    "Log.entryAdded": ({ entry }: { entry: { source: string; text: string } }) =>
      entry.source !== "network" && problems.push(entry.text),
  };
  onEvent((method, params) => heard[method]?.(params));
  for (const domain of ["Page", "Runtime", "Network", "Log", "Audits"]) await tell(`${domain}.enable`);
  const { javaScript = true, before: source, language } = options;
  if (!javaScript) await tell("Emulation.setScriptExecutionDisabled", { value: true });
  if (source !== undefined) await tell("Page.addScriptToEvaluateOnNewDocument", { source });
  if (language) await tell("Network.setExtraHTTPHeaders", { headers: { "Accept-Language": language } });

  const evaluate = async <Result>(expression: string): Promise<Result> => {
    const { result, exceptionDetails } = await tell<{
      result: { value: Result };
      exceptionDetails?: { exception?: { description?: string } };
    }>("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? "the page threw");
    return result.value;
  };
  const until = async <Result>(expression: string): Promise<Result> => {
    for (;;) {
      // A page that is about to give way to another cannot answer.
      const result = await evaluate<Result>(expression).catch(() => undefined);
      if (result) return result;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const look: Look = { width: 1100, height: 800, dark: false, reducedMotion: false, media: "screen" };
  const emulate = async (changes: Partial<Look>) => {
    const { width, height, dark, reducedMotion, media } = Object.assign(look, changes);
    await tell("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: width < 600 });
    const features = [
      { name: "prefers-color-scheme", value: dark ? "dark" : "light" },
      { name: "prefers-reduced-motion", value: reducedMotion ? "reduce" : "no-preference" },
    ];
    await tell("Emulation.setEmulatedMedia", { media, features });
  };

  return {
    requests,
    problems,
    evaluate,
    until,
    emulate,
    async goto(url) {
      const { errorText } = await tell<{ errorText?: string }>("Page.navigate", { url });
      if (errorText) throw new Error(`${url}: ${errorText}`);
      await until('location.href !== "about:blank" && document.readyState === "complete"');
    },
    async press(key) {
      const code = { Tab: 9, Enter: 13 }[key];
      const pressed = { key, code: key, windowsVirtualKeyCode: code, ...(key === "Enter" && { text: "\r" }) };
      await tell("Input.dispatchKeyEvent", { type: "keyDown", ...pressed });
      await tell("Input.dispatchKeyEvent", { type: "keyUp", ...pressed });
    },
    async screenshot({ width, height, dark = false }) {
      await emulate({ width, height, dark });
      const { data } = await tell<{ data: string }>("Page.captureScreenshot", { format: "png" });
      return Buffer.from(data, "base64");
    },
    close: async () => void (await close()),
  };
}
