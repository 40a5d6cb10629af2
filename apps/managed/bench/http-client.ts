// A process of its own that asks the service over HTTP, and prints what it measured.
import { Agent, request } from "node:http";
import { fullLoad, type Measured, steadyLoad } from "./steady-load.ts";

export interface HttpLoad {
  url: string;
  keys: string[];
  /** To be looked at; none to make invoices. */
  hashes: string[];
  perSecond: number;
  seconds: number;
  /** As fast as it goes, with so many at once. */
  atOnce?: number;
}

let text = "";
for await (const chunk of process.stdin) text += chunk;
const { url, keys, hashes, perSecond, seconds, atOnce } = JSON.parse(text) as HttpLoad;

const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const ORDER = '{"amountMsat":21000,"description":"Tea"}';

/** By node:http, which costs less than fetch: this process shares the machine with the service. */
function ask(nth: number): Promise<void> {
  const hash = hashes[nth];
  const headers = { authorization: `Bearer ${keys[nth % keys.length]}`, "content-type": "application/json" };
  const invoice = { ...headers, "content-length": ORDER.length, "idempotency-key": `http-${process.pid}-${nth}` };
  const options = hash ? { agent, headers } : { agent, method: "POST", headers: invoice };
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/v1/invoices${hash ? `/${hash}` : ""}`, options, (response) => {
      let body = "";
      response.on("data", (chunk) => {
        body += chunk;
      });
      response.on("end", () => {
        const isDone = hash ? body.includes('"settled"') : response.statusCode === 201;
        if (isDone) resolve();
        else reject(new Error(`${response.statusCode} ${body}`));
      });
    });
    sent.on("error", reject);
    sent.end(hash ? undefined : ORDER);
  });
}

const measured: Measured = atOnce
  ? await fullLoad(perSecond * seconds, atOnce, ask)
  : await steadyLoad(perSecond, seconds, ask);
console.log(JSON.stringify(measured));
