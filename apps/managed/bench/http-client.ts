// A process of its own that asks the service over HTTP, and prints what it measured.
import { type Measured, steadyLoad } from "./steady-load.ts";

export interface HttpLoad {
  url: string;
  keys: string[];
  /** To be looked at; none to make invoices. */
  hashes: string[];
  perSecond: number;
  seconds: number;
}

let text = "";
for await (const chunk of process.stdin) text += chunk;
const { url, keys, hashes, perSecond, seconds } = JSON.parse(text) as HttpLoad;

async function ask(nth: number): Promise<void> {
  const hash = hashes[nth];
  const authorization = `Bearer ${keys[nth % keys.length]}`;
  const response = hash
    ? await fetch(`${url}/v1/invoices/${hash}`, { headers: { authorization } })
    : await fetch(`${url}/v1/invoices`, {
        method: "POST",
        headers: { authorization, "content-type": "application/json", "idempotency-key": `http-${process.pid}-${nth}` },
        body: '{"amountMsat":21000,"description":"Tea"}',
      });
  const body = await response.json();
  if (!response.ok || (hash && body.status !== "settled"))
    throw new Error(`${response.status} ${JSON.stringify(body)}`);
}

const measured: Measured = await steadyLoad(perSecond, seconds, ask);
console.log(JSON.stringify(measured));
