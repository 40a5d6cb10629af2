import { once } from "node:events";
import { request } from "node:http";
import { afterAll, expect, it } from "vitest";
import { fakeBackend } from "../src/index.ts";

const done: string[] = [];
const backend = await fakeBackend(async ({ method, path, body }) => {
  done.push(path);
  return path === "/text" ? { status: 404, body: "Not found" } : { status: 201, body: { method, path, body } };
});
afterAll(backend.close);
const ask = (path: string, init?: RequestInit) => fetch(`${backend.url}${path}`, init);
/** A request that is not answered yet, and that the server has: it said so before it handed it on. */
async function arrived(path: string) {
  const sent = request(`${backend.url}${path}`, { headers: { expect: "100-continue" } });
  sent.flushHeaders();
  await once(sent, "continue");
  return { request: sent, response: once(sent, "response") };
}

it("answers JSON or text, and keeps what was asked", async () => {
  const response = await ask("/pay?a=1", { method: "POST", body: "{}" });
  expect([response.status, await response.json()]).toEqual([201, { method: "POST", path: "/pay?a=1", body: "{}" }]);
  expect(backend.exchanges.at(-1)).toMatchObject({ path: "/pay?a=1", body: "{}", reply: { status: 201 } });
  expect(await (await ask("/text")).text()).toBe("Not found");
});

it("is down, or hangs, until it is repaired, and carries nothing out meanwhile", async () => {
  done.length = 0;
  const repair = backend.breakBackend();
  await expect(ask("/down")).rejects.toThrow();
  repair();
  const end = backend.hangBackend();
  const [hanging, late] = [await arrived("/hangs"), await arrived("/late")];
  late.request.destroy();
  await expect(late.response).rejects.toThrow();
  end();
  await expect(hanging.response).rejects.toThrow();
  expect(done).toEqual([]);
  expect((await ask("/up")).status).toBe(201);
});

it("carries out the request whose answer it loses", async () => {
  backend.loseNextAnswer("/pay");
  expect((await ask("/other")).status).toBe(201);
  await expect(ask("/pay")).rejects.toThrow();
  expect(done.at(-1)).toBe("/pay");
  expect((await ask("/pay")).status).toBe(201);
});

it("carries out the request that it delays when it is told to", async () => {
  done.length = 0;
  const arrive = backend.delayNext("/pay");
  await expect(ask("/pay?late")).rejects.toThrow();
  expect((await ask("/pay?next")).status).toBe(201);
  await arrive();
  expect(done).toEqual(["/pay?next", "/pay?late"]);
});
