import { existsSync, linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openFakeShop } from "./fake-shop.ts";
import { dir, l402, newState } from "./l402-process.ts";

/** Answers with what would be a client that never bought anything. */
const EMPTY = '{"version":1,"credentials":{},"pending":{},"spent":{"totalMsat":-1,"originsMsat":{},"minutesMsat":{}}}';
const got: string[] = [];
const server = createServer(async (request, response) => {
  for await (const chunk of request) got.push(String(chunk));
  response.end(EMPTY);
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
afterAll(() => void server.close());

const home = `${dir}/own files`;
mkdirSync(home);
const L402_STATE = `${home}/client.json`;
const L402_WALLET = `${home}/wallet.mjs`;
writeFileSync(L402_STATE, "bought and spent");
writeFileSync(L402_WALLET, "export const wallet = 1;");
symlinkSync(L402_STATE, `${home}/symbolic link`);
linkSync(L402_STATE, `${home}/hard link`);
symlinkSync(home, `${dir}/linked folder`);
mkdirSync(`${home}/inner`);
symlinkSync(`${home}/inner`, `${dir}/linked inner`);
const env = { L402_STATE, L402_WALLET };

describe.concurrent("a file of the command's own", () => {
  it.each([
    [L402_STATE],
    [`${home}/../own files/./client.json`],
    [`${home}/CLIENT.JSON`],
    [`${home}/client.json.lock`],
    [`${home}/symbolic link`],
    [`${home}/hard link`],
    [`${dir}/linked folder/client.json`],
    [`${dir}/linked inner/../client.json`],
    [L402_WALLET],
  ])("is neither written nor sent: %s", async (path) => {
    for (const args of [
      ["-o", path],
      ["-d", `@${path}`],
    ]) {
      const { code, stderr } = await l402(["fetch", ...args, url], { env });
      expect(code).toBe(2);
      expect(stderr).toContain(`l402 uses the file ${path} itself, so -o and -d cannot use it.`);
    }
    expect(readFileSync(L402_STATE, "utf8")).toBe("bought and spent");
    expect(got).toEqual([]);
  });

  it("is neither written nor sent where the setting has spaces around it, as from a file with CRLF", async () => {
    for (const own of [L402_STATE, L402_WALLET]) {
      const padded = { L402_STATE: ` ${L402_STATE}\r`, L402_WALLET: ` ${L402_WALLET}\r` };
      for (const args of [
        ["-o", own],
        ["-d", `@${own}`],
      ]) {
        expect((await l402(["fetch", ...args, url], { env: padded })).code).toBe(2);
      }
    }
    expect(got).toEqual([]);
    expect(readFileSync(L402_WALLET, "utf8")).toBe("export const wallet = 1;");
  });

  it("is neither written nor sent, though --state or --network choose another one", async () => {
    const HOME = `${dir}/at home`;
    const own = `${HOME}/.l402/client.json`;
    mkdirSync(`${HOME}/.l402`, { recursive: true });
    writeFileSync(own, "bought and spent");
    linkSync(own, `${HOME}/hard link`);
    const regtest = ["--network", "regtest"];
    for (const args of [
      [...regtest, "-o", own],
      [...regtest, "-d", `@${HOME}/hard link`],
      ["--state", newState(), "-d", `@${own}`],
      ["--state", newState(), ...regtest, "-o", `${HOME}/.l402/Client-Testnet.json`],
    ]) {
      const { code, stderr } = await l402(["fetch", ...args, url], { env: { HOME, L402_STATE: "" } });
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: expect.stringContaining("itself, so -o and -d cannot use it."),
      });
    }
    const named = await l402(["fetch", "--state", newState(), "-d", `@${L402_STATE}`, url], { env });
    expect(named.code).toBe(2);
    expect(readFileSync(own, "utf8")).toBe("bought and spent");
    expect(got).toEqual([]);
  });

  it("is not written through a link that leads nowhere yet", async () => {
    const state = newState();
    mkdirSync(dirname(state));
    symlinkSync("client.json", `${dirname(state)}/near`);
    symlinkSync("near", `${dirname(state)}/link`);
    symlinkSync("round/x", `${dirname(state)}/round`);
    for (const name of ["link", "round"]) {
      const path = `${dirname(state)}/${name}`;
      expect((await l402(["fetch", "-o", path, url], { env: { ...env, L402_STATE: state } })).code).toBe(2);
    }
    expect(existsSync(state)).toBe(false);
  });

  it.skipIf(!existsSync("/proc/self/environ"))("is the environment too, where the wallet's key is", async () => {
    symlinkSync("/proc/self/environ", `${home}/environ`);
    for (const path of [
      "/proc/self/environ",
      "/dev/fd/../environ",
      `/proc/${process.pid}/environ`,
      `${home}/environ`,
    ]) {
      const { code, stderr } = await l402(["fetch", "-d", `@${path}`, url], { env });
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: expect.stringContaining("itself, so -o and -d cannot use it."),
      });
    }
    expect(got).toEqual([]);
  });

  it("is neither written nor sent where it does not exist yet, or is named another way", async () => {
    const state = newState();
    for (const more of [{ L402_STATE: state }, { L402_STATE: `${dir}/linked folder/new.json` }]) {
      const path = more.L402_STATE.replace("linked folder", "own files");
      expect((await l402(["fetch", "-o", path, url], { env: { ...env, ...more } })).code).toBe(2);
    }
    const wallet = { L402_WALLET: new URL(`file://${encodeURI(L402_WALLET)}`).href };
    expect((await l402(["fetch", "-o", L402_WALLET, url], { env: { ...env, ...wallet } })).code).toBe(2);
    expect((await l402(["fetch", "-o", `${dir}/given`, "--state", `${dir}/given`, url])).code).toBe(2);
    const other = `${home}/answer`;
    expect((await l402(["fetch", "-o", other, url], { env: { ...env, L402_STATE: newState() } })).code).toBe(0);
    expect(readFileSync(other, "utf8")).toBe(EMPTY);
  });
});

describe.concurrent("--state", () => {
  it.each(["PER_ORIGIN", "PER_HOUR", "PER_DAY", "TOTAL"])(
    "is no way to another memory where there is a limit %s",
    async (limit) => {
      const limits = { ...env, L402_STATE: newState(), [`L402_MAX_SATS_${limit}`]: "600" };
      const other = await l402(["fetch", "--state", newState(), url], { env: limits });
      expect(other.code).toBe(2);
      expect(other.stderr).toContain(`--state must be ${limits.L402_STATE}, because L402_MAX_SATS_${limit} is set.`);
      expect((await l402(["fetch", "--state", limits.L402_STATE, url], { env: limits })).code).toBe(0);
      const { L402_STATE: _, ...byDefault } = limits;
      const atHome = { ...byDefault, L402_STATE: "" };
      expect((await l402(["fetch", "--state", newState(), url], { env: atHome })).code).toBe(2);
      expect((await l402(["tokens", "list", "--state", newState()], { env: limits })).code).toBe(0);
    },
  );

  it("opens the one own file under a limit, however it is spelt", async () => {
    const { url, lightning } = await openFakeShop({});
    const door = createServer(async (request, response) => {
      const { bolt11 } = JSON.parse(Buffer.concat(await request.toArray()).toString());
      response.end(JSON.stringify(await lightning.wallet.payInvoice({ bolt11, maxFeeMsat: 10_000 })));
    });
    await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve));
    const limits = {
      L402_STATE: newState(),
      L402_MAX_SATS_TOTAL: "12",
      L402_NETWORK: "regtest",
      L402_WALLET: "./packages/cli/test/remote-wallet.mjs",
      TEST_WALLET_URL: `http://127.0.0.1:${(door.address() as AddressInfo).port}`,
    };
    const folder = dirname(limits.L402_STATE);
    let requests = 0;
    const buyWith = (path: string) =>
      l402(["fetch", "--state", path, `${url}/${requests++}`], { env: limits }).then(({ code }) => code);
    // This shop serves nothing, which is all the same to a budget.
    expect(await buyWith(`${folder}/Client.json`)).toBe(6);
    expect(existsSync(limits.L402_STATE)).toBe(true);
    symlinkSync("client.json", `${folder}/link`);
    linkSync(limits.L402_STATE, `${folder}/hard link`);
    const href = new URL(`file://${limits.L402_STATE}`).href;
    const overBudget = [href, `${folder}/CLIENT.JSON`, `${folder}/link`, `${folder}/x/../client.json/.`];
    for (const path of overBudget) expect([path, await buyWith(path)]).toEqual([path, 3]);
    for (const name of ["hard link", "client.json. "]) expect(await buyWith(`${folder}/${name}`)).not.toBe(6);
    door.close();
  });

  it("names another file where every request counts for itself", async () => {
    const limits = { ...env, L402_MAX_SATS: "600", L402_STATE: newState() };
    expect((await l402(["fetch", "--state", newState(), url], { env: limits })).code).toBe(0);
  });
});
