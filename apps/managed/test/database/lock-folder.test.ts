import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, expect, it } from "vitest";
import { lockFolder } from "../../src/database/lock-folder.ts";
import { openDatabase } from "../../src/database/open-database.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(`${tmpdir()}/l402-lock-`);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const lock = () => `${folder}/lock`;
const touchedLongAgo = () => utimesSync(lock(), new Date(0), new Date(0));

it("a folder has one holder, also where both have the same process number", { timeout: 120_000 }, async () => {
  const one = await openDatabase({ folder });
  const before = readFileSync(lock(), "utf8");
  await expect(openDatabase({ folder })).rejects.toThrow("Another process uses the database folder");
  expect(readFileSync(lock(), "utf8")).toBe(before);
  await one.close();
  expect(existsSync(lock())).toBe(false);
  await (await lockFolder(folder))();
});

it("the lock of a holder that died is taken over, by one of many who try at once", { timeout: 60_000 }, async () => {
  writeFileSync(lock(), "dead");
  touchedLongAgo();
  const tried = await Promise.allSettled(Array.from({ length: 10 }, () => lockFolder(folder)));
  const taken = tried.flatMap((attempt) => (attempt.status === "fulfilled" ? [attempt.value] : []));
  expect(taken).toHaveLength(1);
  await taken[0]?.();
  expect(readdirSync(folder)).toEqual([]);
});

it("the lock of a holder that has died just now is waited for, whatever its clock said", async () => {
  writeFileSync(lock(), "dead");
  utimesSync(lock(), new Date(), new Date(Date.now() + 3_600_000));
  const start = performance.now();
  await (await lockFolder(folder, 1_000))();
  expect(performance.now() - start).toBeGreaterThan(999);
});

it("a holder does not remove the lock of another one", async () => {
  const unlock = await lockFolder(folder);
  writeFileSync(lock(), "another");
  await unlock();
  expect(readFileSync(lock(), "utf8")).toBe("another");
});

it("a holder that was away for so long that another one took over is stopped", { timeout: 60_000 }, async () => {
  const module = new URL("../../src/database/lock-folder.ts", import.meta.url);
  const code = `await (await import(${JSON.stringify(module.href)})).lockFolder(${JSON.stringify(folder)}); console.log("held"); setInterval(() => {}, 1000);`;
  const args = ["--import", import.meta.resolve("tsx"), "--input-type=module", "--eval", code];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  await once(child.stdout, "data");
  writeFileSync(lock(), "another");
  expect(await once(child, "close")).toEqual([null, "SIGKILL"]);
  expect(readFileSync(lock(), "utf8")).toBe("another");
});
