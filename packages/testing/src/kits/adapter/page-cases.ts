import assert from "node:assert/strict";
import type { PaywallPage, PaywallRequest, Reply } from "@l402/core";
import type { AdapterSubject } from "../adapter.ts";
import type { KitCase } from "../kit.ts";
import { withShop } from "./shop.ts";

const weather = { path: "/weather" };
const COOKIES: Reply["headers"] = [
  ["Set-Cookie", "one=1; Path=/weather; HttpOnly"],
  ["Set-Cookie", "two=2; Path=/weather; HttpOnly"],
];

/** A minimal page that shows whether an adapter supports pages: it answers a request itself, and sets cookies. */
const page: PaywallPage = {
  open: () => async (request, visit) => {
    if (request.header("page-question")) {
      const headers: Reply["headers"] = [["Content-Type", "application/json"], ...COOKIES];
      return { outcome: "answered", reply: { status: 200, headers, body: JSON.stringify(whatItSees(request)) } };
    }
    const decision = await visit.decide();
    return decision.outcome === "granted" ? { ...decision, headers: [...decision.headers, ...COOKIES] } : decision;
  },
};

const whatItSees = (request: PaywallRequest) => ({
  method: request.method,
  path: request.path,
  question: text(request.header("page-question")),
  cookie: text(request.header("cookie")),
});
const text = (value: ReturnType<PaywallRequest["header"]>) => [value].flat().join("; ");

/** A page for people instead of a problem document, such as `@l402/paywall-page`. */
export const adapterPageCases: readonly KitCase<AdapterSubject>[] = [
  {
    name: "sends what the paywall's page answers, with every cookie, and does not run the handler",
    safety: true,
    run: (subject) =>
      withShop(
        subject,
        [weather],
        async (shop) => {
          const headers = { "Page-Question": "is it paid?", Cookie: "a=1; b=2" };
          const answer = await shop.send("/weather", { headers });
          assert.equal(answer.status, 200);
          const asked = { method: "GET", path: "/weather", question: "is it paid?", cookie: "a=1; b=2" };
          assert.deepEqual(JSON.parse(answer.body), asked);
          expectCookies(answer.lines("Set-Cookie"));
          assert.equal(shop.runs, 0);
        },
        { page },
      ),
  },
  {
    name: "sets the cookies that the paywall's page adds to what was paid for",
    safety: true,
    run: (subject) =>
      withShop(
        subject,
        [weather],
        async (shop) => {
          const Authorization = await shop.buy("/weather");
          const answer = await shop.send("/weather", { headers: { Authorization } });
          assert.equal(answer.status, 200);
          assert.equal(answer.body, "the goods");
          expectCookies(answer.lines("Set-Cookie"));
        },
        { page },
      ),
  },
];

function expectCookies(lines: readonly string[]): void {
  assert.deepEqual(
    lines,
    COOKIES.map(([, value]) => value),
    "Every cookie must be a header line of its own.",
  );
}
