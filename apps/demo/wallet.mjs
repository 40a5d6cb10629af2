// The play money of a running demo, as a wallet for the l402 command: L402_WALLET=./apps/demo/wallet.mjs
const door = `${process.env.DEMO_URL ?? "http://127.0.0.1:4020"}/demo/wallet/payments`;

async function ask(path, body) {
  const post = body && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(door + path, post);
  if (!response.ok) throw new Error(`The demo answered ${response.status}.`);
  return response.json();
}

export const wallet = {
  name: "the demo's play money",
  payInvoice: ({ bolt11, maxFeeMsat, timeoutSeconds }) => ask("", { bolt11, maxFeeMsat, timeoutSeconds }),
  lookupPayment: (paymentHash) => ask(`/${paymentHash}`),
};
