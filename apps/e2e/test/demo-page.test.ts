import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { pipeline, type Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { axeViolations } from "../src/axe-violations.ts";
import { openBrowser, type Page } from "../src/chromium.ts";
import { isInstalled } from "../src/installed.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

describe.skipIf(!isInstalled("chromium"))("the demo's web page", () => {
  let page: Page;
  let demo: ChildProcess;
  /** What the browser is connected by, to be cut. */
  const connections = new Set<Socket>();
  const closing: (() => unknown)[] = [];
  beforeAll(async () => {
    const command = ["--conditions=@l402/source", "--import", "tsx", "apps/demo/src/demo.ts", "--port", "0"];
    demo = spawn(process.execPath, command, { cwd: root, env: { ...process.env, NODE_ENV: "" } });
    closing.push(() => demo.kill());
    const stdout = demo.stdout as Readable;
    let output = "";
    let url: string | undefined;
    while (!url) {
      const [chunk] = await once(stdout, "data");
      output += chunk;
      url = /Try it yourself at (\S+)/.exec(output)?.[1];
    }
    const { hostname, port } = new URL(url);
    const wire = createServer((socket) => {
      connections.add(socket);
      const other = connect(Number(port), hostname);
      pipeline(socket, other, socket, () => connections.delete(socket));
    });
    await once(wire.listen(0, "127.0.0.1"), "listening");
    closing.push(() => wire.close());
    const browser = await openBrowser(["--disable-popup-blocking"]);
    closing.push(browser.close);
    page = await browser.open(`http://127.0.0.1:${(wire.address() as AddressInfo).port}`);
  });
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
  });

  const until = <Result>(expression: string): Promise<Result> => page.until<Result>(expression);
  const sellerHas =
    'Number(/seller([\\d\\s]+) sats/.exec(document.querySelector("#balances").textContent)?.[1].replaceAll(/\\s/g, ""))';

  it("shows what happened before it was opened", async () => {
    expect(await until<number>(sellerHas)).toBe(65);
    expect(await page.evaluate("document.querySelectorAll('#steps li').length")).toBe(0);
    expect(await until("document.querySelectorAll('#paywall-log li').length")).toBeGreaterThan(10);
  });

  it("buys at a click, with a real payment", async () => {
    await page.evaluate('document.querySelector("[data-order=weather]").focus()');
    await page.press("Enter");
    expect(await until<number>(`${sellerHas} > 65 && ${sellerHas}`)).toBe(75);
    const steps = await page.evaluate<string>('document.querySelector("#steps").innerText');
    expect(steps).toMatch(/402 Payment Required: 10 sats/);
    expect(steps).toMatch(/paid 10 sats \+ 1 routing fee/);
    expect(steps).toMatch(/200 \{"weather"/);
    // Who pressed it with a key can go on from there.
    expect(await page.evaluate("document.activeElement.dataset.order")).toBe("weather");
  });

  const click = async (order: string) => {
    const button = `document.querySelector("[data-order=${order}]")`;
    await page.evaluate(`${button}.click()`);
    await until(`!${button}.ariaDisabled`);
  };

  it("pays once for what fails the first time, and once for a pass, and says so", async () => {
    for (const order of ["flaky", "flaky", "quote", "quote", "quote"]) await click(order);
    const logSays = (text: string) =>
      until(`document.querySelector("#steps").innerText.includes(${JSON.stringify(text)})`);
    await logSays("The use was given back: one request left");
    await logSays("Paid once: 2 requests left");
    await until(
      'document.querySelector("#steps").innerText.split("Nothing paid: that was the last request").length === 3',
    );
    await until('document.querySelector("#paywall-log").innerText.includes("granted GET /quote (0 of 3 left)")');
    expect(await until<number>(`${sellerHas} >= 105 && ${sellerHas}`)).toBe(75 + 5 + 25);
  });

  it("lets a person pay in the browser, and opens the page", async () => {
    const before = await until<number>(sellerHas);
    await page.evaluate(`{ const { open } = window; window.open = (url) => (window.shop = open(url)); }
      document.querySelector("#person").click()`);
    const button = 'shop.document.querySelector("#browser-wallet")';
    await until(`${button}?.checkVisibility()`);
    await page.evaluate(`${button}.click()`);
    expect(await until('/"weather":/.exec(shop.document.body.textContent)?.[0]')).toBe('"weather":');
    expect(await until<number>(`${sellerHas} > ${before} && ${sellerHas}`)).toBe(before + 10);
    expect(await page.evaluate('document.querySelector("#steps").lastChild.textContent')).toMatch(/^⚡ paid 10 sats/);
    await page.evaluate("shop.close()");
  });

  it("fits a phone and a desk, by day and by night", async () => {
    for (const width of [320, 1100]) {
      const shot = await page.screenshot({ width, height: 960, dark: width === 320 });
      expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
      // UPDATE_SCREENSHOTS=1 renews the picture in the docs.
      if (width === 1100 && process.env.UPDATE_SCREENSHOTS) {
        mkdirSync(`${root}/docs/images`, { recursive: true });
        writeFileSync(`${root}/docs/images/demo.png`, shot);
      }
      expect(shot.length).toBeGreaterThan(10_000);
      expect(await axeViolations(page)).toEqual([]);
    }
    await page.evaluate('document.documentElement.style.fontSize = "200%"');
    await page.emulate({ width: 390, height: 844 });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
    await page.evaluate('document.documentElement.style.fontSize = ""');
  });

  it("says everything once, when the connection was lost too", async () => {
    const told = `["#steps li", "#paywall-log li"].map((each) => document.querySelectorAll(each).length)
      .concat(document.querySelector("#chart polyline").getAttribute("points").split(" ").length).join()`;
    const before = await page.evaluate(told);
    await page.evaluate(`window.lists = new MutationObserver(() => { window.isToldAgain = true; });
      window.lists.observe(document.querySelector("#paywall-log"), { childList: true })`);
    for (const connection of connections) connection.destroy();
    await until("window.isToldAgain");
    await click("weather");
    await until(`document.querySelector("#steps").lastChild.textContent.startsWith("← 200")`);
    const [steps, paywall, points] = String(before).split(",").map(Number) as [number, number, number];
    await until(`(${told}).endsWith(",${points + 1}")`);
    expect(await page.evaluate(told)).toBe([steps + 5, paywall + 2, points + 1].join());
  });

  // The last one, because nothing is left after it.
  it("says that the demo has ended", async () => {
    const gone = once(demo, "exit");
    demo.kill("SIGINT");
    await gone;
    await click("weather");
    expect(await page.evaluate('document.querySelector("#steps").lastChild.textContent')).toBe(
      "The demo does not answer. Start it again: npm run demo",
    );
  });
});
