import { expect, it } from "vitest";
import { hintInVariables } from "../src/index.ts";

it.each([
  [
    "wallet",
    { L402_WALLET: "lnd" },
    "If the server uses its own certificate, pass it in PEM format as tlsCert.",
    /as LND_TLS_CERT\.$/,
  ],
  [
    "wallet",
    { L402_WALLET: "cln" },
    "Copy all of it into tlsCert. Otherwise check url.",
    /into CLN_TLS_CERT\. Otherwise check CLN_URL\.$/,
  ],
  ["provider", { L402_PROVIDER: "lnurl" }, "Check url.", /^Check LNURL_ADDRESS\.$/],
  ["provider", { L402_PROVIDER: "btcpay" }, "Check url and storeId, and …", /^Check BTCPAY_URL and BTCPAY_STORE_ID, /],
  ["provider", { L402_PROVIDER: "managed" }, "Set createManaged's direct to true.", /^Set MANAGED_DIRECT to true\.$/],
  // The wallet that L402_PROVIDER names where no other is.
  ["wallet", { L402_PROVIDER: "phoenixd" }, "Check the host and the path of url: …", / of PHOENIXD_URL:/],
] as const)("tells who set %s %j what to do in variables: %s", (role, env, hint, expected) => {
  expect(hintInVariables(hint, env, role)).toMatch(expected);
});

it("leaves alone what is no option, and what belongs to no backend with variables", () => {
  const plain = "Check the macaroon, its permissions and its node, in a direct way.";
  expect(hintInVariables(plain, { L402_WALLET: "lnd" }, "wallet")).toBe(plain);
  for (const L402_WALLET of ["", "./own.mjs", "nonsense"]) {
    expect(hintInVariables("Check url.", { L402_WALLET }, "wallet")).toBe("Check url.");
  }
});
