import { checkOption } from "@l402/core";

/** How one backend is made from plain settings. */
export interface BackendEntry {
  package: string;
  load(): Promise<object>;
  provider: string;
  /** Left out where the backend never shows the preimage of what it paid. */
  wallet?: string;
  variables: Record<string, Variable>;
}

export interface Variable {
  /** The option that it becomes. */
  option: string;
  optional?: true;
  /** Where only one of the two roles takes it. */
  role?: "provider" | "wallet";
  read?(text: string, name: string): unknown;
}

const needed = (option: string): Variable => ({ option });
const optional = (option: string): Variable => ({ option, optional: true });
const pem: Variable = {
  ...optional("tlsCert"),
  // Env files hold one line: its line breaks are often written as \n.
  read: (text) => text.replaceAll("\\n", "\n"),
};
const flag = (option: string): Variable => ({
  ...optional(option),
  read(text, name) {
    checkOption(text === "true" || text === "false", name, "true or false");
    return text === "true";
  },
});
const only = (role: "provider" | "wallet", variable: Variable): Variable => ({ ...variable, role });

/** Every backend there is a package for. Loaded when it is chosen, so that an app installs only what it uses. */
export const BACKENDS: Readonly<Record<string, BackendEntry>> = {
  lnd: {
    package: "@l402/lnd",
    load: () => import("@l402/lnd"),
    provider: "createLnd",
    wallet: "createLndWallet",
    variables: {
      LND_URL: needed("url"),
      LND_MACAROON: needed("macaroon"),
      LND_TLS_CERT: pem,
      LND_SKIP_TLS_VERIFY: flag("skipTlsVerify"),
      LND_PRIVATE_ROUTE_HINTS: only("provider", flag("privateRouteHints")),
    },
  },
  cln: {
    package: "@l402/cln",
    load: () => import("@l402/cln"),
    provider: "createCln",
    wallet: "createClnWallet",
    variables: { CLN_URL: needed("url"), CLN_RUNE: needed("rune"), CLN_TLS_CERT: pem },
  },
  alby: {
    package: "@l402/alby",
    load: () => import("@l402/alby"),
    provider: "createAlby",
    wallet: "createAlbyWallet",
    variables: { ALBY_URL: needed("url") },
  },
  blink: {
    package: "@l402/blink",
    load: () => import("@l402/blink"),
    provider: "createBlink",
    wallet: "createBlinkWallet",
    variables: { BLINK_API_KEY: needed("apiKey"), BLINK_WALLET_ID: needed("walletId"), BLINK_URL: optional("url") },
  },
  opennode: {
    package: "@l402/opennode",
    load: () => import("@l402/opennode"),
    provider: "createOpennode",
    variables: { OPENNODE_API_KEY: needed("apiKey"), OPENNODE_URL: optional("url") },
  },
  btcpay: {
    package: "@l402/btcpay",
    load: () => import("@l402/btcpay"),
    provider: "createBtcpay",
    wallet: "createBtcpayWallet",
    variables: {
      BTCPAY_URL: needed("url"),
      BTCPAY_STORE_ID: needed("storeId"),
      BTCPAY_API_KEY: needed("apiKey"),
      BTCPAY_TLS_CERT: pem,
    },
  },
  lnbits: {
    package: "@l402/lnbits",
    load: () => import("@l402/lnbits"),
    provider: "createLnbits",
    wallet: "createLnbitsWallet",
    variables: {
      LNBITS_URL: needed("url"),
      LNBITS_INVOICE_KEY: only("provider", needed("invoiceKey")),
      LNBITS_ADMIN_KEY: only("wallet", needed("adminKey")),
    },
  },
  phoenixd: {
    package: "@l402/phoenixd",
    load: () => import("@l402/phoenixd"),
    provider: "createPhoenixd",
    wallet: "createPhoenixdWallet",
    variables: { PHOENIXD_URL: optional("url"), PHOENIXD_PASSWORD: needed("password") },
  },
  lnurl: {
    package: "@l402/lnurl",
    load: () => import("@l402/lnurl"),
    provider: "createLnurl",
    variables: {
      LIGHTNING_ADDRESS: needed("address"),
      LNURL_PREIMAGE_PROVES_PAYMENT: flag("preimageProvesPayment"),
    },
  },
  "lightning-charge": {
    package: "@l402/lightning-charge",
    load: () => import("@l402/lightning-charge"),
    provider: "createLightningCharge",
    variables: { LIGHTNING_CHARGE_URL: needed("url"), LIGHTNING_CHARGE_API_TOKEN: needed("apiToken") },
  },
};
