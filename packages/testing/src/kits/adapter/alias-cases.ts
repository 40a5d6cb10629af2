import assert from "node:assert/strict";
import { payChallenge } from "../../pay-challenge.ts";
import type { AdapterSubject, HandlerTask } from "../adapter.ts";
import type { KitCase } from "../kit.ts";
import { type RouteSketch, withShop } from "./shop.ts";

const named = (body: string) => (): HandlerTask => ({ type: "reply", status: 200, body });

const ROUTES: readonly RouteSketch[] = [
  { path: "/a", task: named("a") },
  { path: "/b", mount: "/api", task: named("b") },
  { path: "/city/:name", mount: "/api", task: named("city") },
];

/** Spellings of a target that some routers treat as `/a`, `/api/b` or `/api/city/rome`, and others do not. */
const TARGETS: readonly string[] = [
  ...["/a", "//a", "///a", "/a/", "/a//", "/A", "/%61", "/%41", "/a%2f", "/a%2F", "/%2fa", "/%2Fa", "/a%5c", "\\a"],
  ...["/./a", "/../a", "/x/../a", "/x/%2e%2e/a", "/a/.", "/a/..", "/a/../a", "/%2e/a", "/a/%2e%2e/a"],
  ...[
    "/a;x",
    "/a;x=1",
    "/;/a",
    "/a%20",
    "/%20a",
    "/a%00",
    "/a%0a",
    "/a%3f",
    "/a.json",
    "/a?",
    "/a?x=1",
    "/a?/a",
    "/a%23",
  ],
  ...["http://127.0.0.1/a", "HTTP://evil.example/a", "http://evil.example//a", "http://user@127.0.0.1:1/a?b"],
  ...["/api/b", "/api//b", "//api/b", "/api/b/", "/API/b", "/api/B", "/api/./b", "/api/x/../b", "/api%2fb", "/api/%62"],
  ...["/api/city/rome", "/api/city/ROME", "/api/city/ro%6de", "/api/city/rome/", "/api/city/..", "/api/city/../b"],
  ...["/api/city/%2e%2e", "/api/city/..%2fb", "/api/city/a%2fb", "/api/city//", "/api/city/%00", "/api/city/é"],
];

/** Headers from which some frameworks and proxies read another target, method or client. */
const TRICKS: readonly Record<string, string>[] = [
  { Host: "evil.example" },
  { Host: "127.0.0.1/a?" },
  { "X-Forwarded-Host": "evil.example" },
  { "X-Forwarded-Proto": "https" },
  { "X-Original-URL": "/" },
  { "X-Rewrite-URL": "/" },
  { "X-HTTP-Method-Override": "OPTIONS" },
  { "X-HTTP-Method": "HEAD" },
  { "X-Method-Override": "TRACE" },
  { Upgrade: "h2c", Connection: "Upgrade" },
];

/** A router and the paywall must agree about the target of a request. */
export const adapterAliasCases: readonly KitCase<AdapterSubject>[] = [
  {
    name: "runs no handler for a request that has not paid, however it spells its target, method and host",
    safety: true,
    run: (subject) =>
      withShop(subject, ROUTES, async (shop) => {
        for (const target of TARGETS) {
          for (const method of ["GET", "HEAD", "POST", "PUT", "OPTIONS"]) {
            await shop.send("", { target, method });
            assert.equal(shop.runs, 0, `${method} ${target} was served unpaid.`);
          }
        }
        for (const headers of TRICKS) {
          // A server may close the connection if headers make no sense.
          await shop.send("/a?_method=OPTIONS", { headers }).catch(() => {});
          assert.equal(shop.runs, 0, `A request with ${JSON.stringify(headers)} was served unpaid.`);
        }
      }),
  },
  {
    name: "serves whoever paid for a spelling of a path, under that spelling",
    safety: true,
    run: (subject) =>
      withShop(subject, ROUTES, async (shop) => {
        let sold = 0;
        for (const target of TARGETS) {
          const unpaid = await shop.send("", { target });
          if (unpaid.status !== 402) continue;
          const Authorization = await payChallenge(shop.lightning.wallet, unpaid.lines("WWW-Authenticate"));
          const paid = await shop.send("", { target, headers: { Authorization } });
          assert.deepEqual([paid.status, shop.runs], [200, ++sold], `${target} was paid for and not served.`);
        }
        assert.ok(sold >= ROUTES.length, "Not even the plain paths are for sale.");
      }),
  },
  {
    name: "opens no other route with a token, however the other route's path is spelled",
    safety: true,
    run: (subject) =>
      withShop(subject, ROUTES, async (shop) => {
        for (const target of TARGETS) {
          const headers = { Authorization: await shop.buy("/a") };
          const { status, body } = await shop.send("", { target, headers });
          assert.ok(status !== 200 || body === "a", `A token for /a opened ${target}.`);
        }
      }),
  },
];
