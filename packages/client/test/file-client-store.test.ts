import { readdirSync, statSync } from "node:fs";
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { describeClientStore } from "@l402/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFileClientStore } from "../src/node.ts";
import { startProcess } from "./child-process.ts";
import { openShop, SHOP } from "./shop.ts";
import { startShopServer } from "./shop-server.ts";

let folder = "";
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "l402-store-"));
});
afterAll(() => rm(folder, { recursive: true }));

const newPath = () => join(folder, `${++count}`, "client.json");
const paths = new WeakMap<object, string>();
const open = (path: string) => {
  const store = createFileClientStore({ path });
  paths.set(store, path);
  return store;
};
const pathOf = (store: object) => paths.get(store) as string;

it("refuses a path that only a shell understands, since it would be another file in each folder", () => {
  for (const path of ["~/.l402/client.json", "~\\client.json", ""])
    expect(() => createFileClientStore({ path })).toThrow("createFileClientStore: path must be the path of a file");
  createFileClientStore({ path: "~client.json" });
});

describeClientStore(
  { describe, it },
  {
    name: "createFileClientStore",
    create: () => open(newPath()),
    createPeer: (store) => open(pathOf(store)),
    async breakBackend(store) {
      // A folder takes the place of the file. Permissions would not do: they do not stop root, who may run these tests.
      const path = pathOf(store);
      const before = await readFile(path);
      await rm(path);
      await mkdir(path);
      return async () => {
        await rm(path, { recursive: true });
        await writeFile(path, before);
      };
    },
  },
);

describe("a client's file", () => {
  it("can be read and written by its owner only, as can its folder and what is not finished", async () => {
    const path = newPath();
    const store = createFileClientStore({ path });
    await store.update(() => "first");
    let whileLocked: number[] = [];
    await store.update(() => {
      whileLocked = readdirSync(dirname(path)).map((name) => statSync(join(dirname(path), name)).mode & 0o777);
      return "second";
    });
    expect(whileLocked).toEqual([0o600, 0o600]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(dirname(path))).mode & 0o777).toBe(0o700);
  });

  it("stays with its owner where it was open to others", async () => {
    const path = newPath();
    await mkdir(dirname(path));
    await writeFile(path, "old", { mode: 0o644 });
    await chmod(path, 0o644);
    await createFileClientStore({ path }).update((text) => `${text} and new`);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(path, "utf8")).toBe("old and new");
  });

  it("leaves nothing beside it", async () => {
    const path = newPath();
    const store = createFileClientStore({ path });
    await store.update(() => "text");
    await store
      .update(() => {
        throw new Error("no");
      })
      .catch(() => {});
    expect(await readdir(dirname(path))).toEqual(["client.json"]);
  });

  it("is not written where nothing changes", async () => {
    const path = newPath();
    const store = createFileClientStore({ path });
    await store.update(() => "text");
    const { ino, mtimeMs } = await stat(path);
    await store.update(() => "text");
    expect(await stat(path)).toMatchObject({ ino, mtimeMs });
  });

  it("is read again only when it has changed", async () => {
    const path = newPath();
    const store = createFileClientStore({ path });
    await store.update(() => "text");
    expect(store.read()).toBe("text");
    await createFileClientStore({ path }).update(() => "another");
    expect(store.read()).toBeInstanceOf(Promise);
    expect(await store.read()).toBe("another");
    expect(store.read()).toBe("another");
  });

  it("is never begun anew where it holds something else: that may be the only trace of a payment", async () => {
    for (const text of ["", "{", "null", '{"version":2}', '{"version":1,"credentials":{},"pending":{}}', "[]"]) {
      const path = newPath();
      await mkdir(dirname(path));
      await writeFile(path, text);
      const { client, lightning } = openShop();
      const buyer = client({ store: createFileClientStore({ path }) });
      const unusable = { code: "STORE_UNAVAILABLE", fundsMoved: "no" };
      await expect(buyer.fetch(`${SHOP}/weather`)).rejects.toMatchObject(unusable);
      await expect(buyer.spending()).rejects.toMatchObject(unusable);
      await expect(buyer.forget()).rejects.toMatchObject(unusable);
      expect(await readFile(path, "utf8")).toBe(text);
      expect(lightning.payments).toEqual([]);
    }
  });

  it("names the path and a reason where it cannot be used", async () => {
    const path = newPath();
    await mkdir(path, { recursive: true });
    const store = createFileClientStore({ path });
    const error = await store.update(() => "text").catch((thrown) => thrown);
    expect(error).toMatchObject({ code: "STORE_UNAVAILABLE", fundsMoved: "no" });
    expect(error.message).toContain(path);
    expect(error.hint).toContain("Do not delete the file");
  });

  it("does not move with the folder that a program works in", async () => {
    const path = newPath();
    const before = process.cwd();
    const store = createFileClientStore({ path: relative(before, path) });
    try {
      process.chdir(tmpdir());
      await store.update(() => "text");
    } finally {
      process.chdir(before);
    }
    expect(await readFile(path, "utf8")).toBe("text");
  });

  it("needs a path and nothing else", () => {
    const refused = { code: "CONFIG_INVALID" };
    expect(() => createFileClientStore({ path: "" })).toThrow(expect.objectContaining(refused));
    expect(() => createFileClientStore({ path: "x", mode: 1 } as never)).toThrow(expect.objectContaining(refused));
  });

  it("is one, by whatever link it is reached, whether it is there yet or not", async () => {
    for (const isThere of [true, false]) {
      const path = newPath();
      const real = join(dirname(path), `real-${isThere}.json`);
      const link = join(dirname(path), `link-${isThere}.json`);
      const second = join(dirname(path), `second-${isThere}.json`);
      await mkdir(dirname(path), { recursive: true });
      await symlink(basename(real), link);
      await symlink(link, second);
      if (isThere) await createFileClientStore({ path: real }).update(() => "0");
      const stores = [second, real, link].map((each) => createFileClientStore({ path: each }));
      const count = (text = "0") => String(Number(text) + 1);
      await Promise.all([...stores, ...stores].map((store) => store.update(count)));
      for (const store of stores) expect(await store.read()).toBe("6");
      expect((await lstat(link)).isSymbolicLink()).toBe(true);
      expect((await readdir(dirname(path))).filter((name) => name.includes(`real-${isThere}`))).toEqual([
        basename(real),
      ]);
    }
  });

  it("is where the system finds it, behind a link that leads through another one and up again", async () => {
    const path = newPath();
    const folder = dirname(path);
    await mkdir(join(folder, "real", "deep"), { recursive: true });
    await symlink(join(folder, "real", "deep"), join(folder, "sub"));
    await symlink(`sub/../${basename(path)}`, join(folder, "link.json"));
    await createFileClientStore({ path: join(folder, "link.json") }).update(() => "text");
    expect(await createFileClientStore({ path: join(folder, "link.json") }).read()).toBe("text");
    expect(await readFile(join(folder, "real", basename(path)), "utf8")).toBe("text");
  });

  it("is one budget by whatever link it is reached", async () => {
    const path = newPath();
    const { client, lightning } = openShop();
    const budget = { totalSats: 25 };
    const maxFeeSats = 0;
    const one = client({ budget, maxFeeSats, store: createFileClientStore({ path }) });
    await one.fetch(`${SHOP}/weather`);
    await symlink(basename(path), `${path}.link`);
    const two = client({ budget, maxFeeSats, store: createFileClientStore({ path: `${path}.link` }) });
    for (const buyer of [two, one, two]) await buyer.fetch(`${SHOP}/weather`).catch(() => {});
    expect(lightning.payments).toHaveLength(2);
    expect(await two.spending()).toEqual(await one.spending());
  });

  it("that a link leads to is left alone where it holds something else, and links that lead round in circles are refused", async () => {
    const path = newPath();
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.elsewhere`, "not mine");
    await symlink(`${path}.elsewhere`, path);
    const { client, lightning } = openShop();
    const buyer = client({ store: createFileClientStore({ path }) });
    await expect(buyer.fetch(`${SHOP}/weather`)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    expect(await readFile(`${path}.elsewhere`, "utf8")).toBe("not mine");
    expect(lightning.payments).toHaveLength(0);
    await symlink(`${path}.round`, `${path}.circle`);
    await symlink(`${path}.circle`, `${path}.round`);
    const round = createFileClientStore({ path: `${path}.round` });
    await expect(round.update(() => "text")).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  });

  it("survives the client, with what was bought and what was spent", async () => {
    const path = newPath();
    const { client, lightning } = openShop({ "/weather": { terms: { price: 10, uses: 3 } } });
    for (let i = 0; i < 3; i++) {
      const buyer = client({ store: createFileClientStore({ path }) });
      expect((await buyer.fetch(`${SHOP}/weather`)).status).toBe(200);
      expect(await buyer.spending()).toMatchObject({ totalMsat: 10_000 });
    }
    expect(lightning.payments).toHaveLength(1);
  });
});

describe("the lock of a client's file", () => {
  it("of a process that died is taken away at once, with what it left", async () => {
    const path = newPath();
    await createFileClientStore({ path }).update(() => "text");
    const dying = startProcess("locking-process.ts", [path]);
    await dying.next();
    await dying.kill();
    const start = performance.now();
    await createFileClientStore({ path }).update((text) => `${text} and more`);
    expect(performance.now() - start).toBeLessThan(1000);
    expect(await readFile(path, "utf8")).toBe("text and more");
    expect(await readdir(dirname(path))).toEqual(["client.json"]);
  });

  it("keeps others out while its holder works", async () => {
    const path = newPath();
    const holder = startProcess("locking-process.ts", [path]);
    await holder.next();
    let isDone = false;
    const waiting = createFileClientStore({ path })
      .update(() => "mine")
      .then(() => {
        isDone = true;
      });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(isDone).toBe(false);
    holder.say("release");
    await waiting;
    await holder.kill();
  });

  it("of another computer is left alone until it is stale", async () => {
    const path = newPath();
    await mkdir(dirname(path));
    await writeFile(`${path}.lock`, `1 some-id not-${hostname()}`);
    let isDone = false;
    void createFileClientStore({ path })
      .update(() => "mine")
      .then(() => {
        isDone = true;
      });
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(isDone).toBe(false);
    await rm(`${path}.lock`);
    await expect.poll(() => isDone).toBe(true);
  });
});

describe("two processes with one file", () => {
  it("share one budget: of 40 requests for 10 sats each, 100 sats buy ten", async () => {
    const path = newPath();
    const shop = await startShopServer();
    const buyers = [1, 2].map(() => startProcess("buying-process.ts", [path, shop.url, "20", "100"]));
    await Promise.all(buyers.map((buyer) => buyer.next()));
    for (const buyer of buyers) buyer.say("go");
    const outcomes = (await Promise.all(buyers.map((buyer) => buyer.next<string[]>()))).flat();
    const served = outcomes.filter((outcome) => outcome === "200").length;
    expect(outcomes.filter((outcome) => outcome !== "200")).toEqual(Array(40 - served).fill("BUDGET_EXCEEDED"));
    expect(shop.lightning.payments).toHaveLength(served);
    // Fees that one process has reserved may fill the budget for the other.
    expect(served).toBeGreaterThan(0);
    expect(served).toBeLessThanOrEqual(10);
    // A later client can spend the rest, and not a sat more.
    const late = shop.client({ store: createFileClientStore({ path }), budget: { totalSats: 100 } });
    const more = await Promise.allSettled(Array.from({ length: 20 }, () => late.fetch(`${SHOP}/weather`)));
    expect(served + more.filter(({ status }) => status === "fulfilled").length).toBe(10);
    expect(shop.lightning.payments).toHaveLength(10);
    expect(await late.spending()).toMatchObject({ totalMsat: 100_000, pendingMsat: 0 });
  });
});
