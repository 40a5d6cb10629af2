import { randomBytes } from "node:crypto";
import { createMemoryUseStore, createPaywall } from "@l402/core";
import { withL402 } from "@l402/core/web";
import { fakeLightning, payChallenge } from "@l402/testing";

const counts = new Map();
const onEvent = (event) => {
  const labels = `type="${event.type}",code="${"error" in event ? event.error.code : ""}"`;
  counts.set(labels, (counts.get(labels) ?? 0) + 1);
};
// What a route of your own, such as /metrics, answers to Prometheus.
function metrics() {
  const lines = [...counts].map(([labels, count]) => `l402_events_total{${labels}} ${count}`);
  return ["# TYPE l402_events_total counter", ...lines].join("\n");
}

const { provider, wallet } = fakeLightning();
const secret = randomBytes(32).toString("hex");
const paywall = createPaywall({ provider, secret, useStore: createMemoryUseStore(), network: "regtest", onEvent });
const weather = withL402(paywall, { price: 10 }, () => Response.json({ weather: "sunny" }));
const ask = (headers = {}) => weather(new Request("https://shop.example/weather", { headers }));

const authorization = await payChallenge(wallet, await ask());
await ask({ authorization });
await ask({ authorization }); // used up
console.log(metrics());
