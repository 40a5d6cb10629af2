import { checkOption } from "@l402/core";

/** How to create one backend from plain settings. */
export interface BackendEntry {
  package: string;
  /** The packages to install, if that is more than `package`. */
  install?: string;
  provider: string;
  /** The wallet's factory; left out if the backend never shows the preimage of its payments. */
  wallet?: string;
  variables: Record<string, Variable>;
}

export interface Variable {
  /** The option that the variable becomes. */
  option: string;
  optional?: true;
  /** The only role that uses the variable; left out if both do. */
  role?: "provider" | "wallet";
  read?(text: string, name: string): unknown;
}

const needed = (option: string): Variable => ({ option });
const optional = (option: string): Variable => ({ option, optional: true });
const only = (role: "provider" | "wallet", variable: Variable): Variable => ({ ...variable, role });
const pem: Variable = {
  ...optional("tlsCert"),
  // An env file holds one line per variable, so line breaks are often written as \n.
  read: (text) => text.replaceAll("\\n", "\n"),
};
const flag = (option: string): Variable => ({
  ...optional(option),
  read(text, name) {
    checkOption(text === "true" || text === "false", name, "true or false");
    return text === "true";
  },
});

/** Every backend with a package, in the order of the README. */
export const BACKENDS: Readonly<Record<string, BackendEntry>> = {
  lnd: {
    package: "@l402/lnd",
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
    provider: "createCln",
    wallet: "createClnWallet",
    variables: {
      CLN_URL: needed("url"),
      CLN_RUNE: needed("rune"),
      CLN_TLS_CERT: pem,
      CLN_SKIP_TLS_VERIFY: flag("skipTlsVerify"),
      CLN_PRIVATE_ROUTE_HINTS: only("provider", flag("privateRouteHints")),
    },
  },
  alby: {
    package: "@l402/alby",
    install: "@l402/alby @getalby/sdk",
    provider: "createAlby",
    wallet: "createAlbyWallet",
    variables: {
      ALBY_URL: needed("url"),
      ALBY_PREIMAGE_PROVES_PAYMENT: only("provider", flag("preimageProvesPayment")),
    },
  },
  blink: {
    package: "@l402/blink",
    provider: "createBlink",
    wallet: "createBlinkWallet",
    variables: { BLINK_API_KEY: needed("apiKey"), BLINK_WALLET_ID: needed("walletId"), BLINK_URL: optional("url") },
  },
  btcpay: {
    package: "@l402/btcpay",
    provider: "createBtcpay",
    wallet: "createBtcpayWallet",
    variables: {
      BTCPAY_URL: needed("url"),
      BTCPAY_STORE_ID: needed("storeId"),
      BTCPAY_API_KEY: needed("apiKey"),
      BTCPAY_TLS_CERT: pem,
      BTCPAY_PRIVATE_ROUTE_HINTS: only("provider", flag("privateRouteHints")),
      BTCPAY_PREIMAGE_PROVES_PAYMENT: only("provider", flag("preimageProvesPayment")),
    },
  },
  lnbits: {
    package: "@l402/lnbits",
    provider: "createLnbits",
    wallet: "createLnbitsWallet",
    variables: {
      LNBITS_URL: needed("url"),
      LNBITS_INVOICE_KEY: only("provider", needed("invoiceKey")),
      LNBITS_ADMIN_KEY: only("wallet", needed("adminKey")),
      LNBITS_TLS_CERT: pem,
    },
  },
  phoenixd: {
    package: "@l402/phoenixd",
    provider: "createPhoenixd",
    wallet: "createPhoenixdWallet",
    variables: {
      PHOENIXD_URL: optional("url"),
      PHOENIXD_PASSWORD: needed("password"),
      PHOENIXD_TLS_CERT: pem,
    },
  },
  opennode: {
    package: "@l402/opennode",
    provider: "createOpennode",
    variables: { OPENNODE_API_KEY: needed("apiKey"), OPENNODE_URL: optional("url") },
  },
  lnurl: {
    package: "@l402/lnurl",
    provider: "createLnurl",
    variables: {
      LNURL_ADDRESS: needed("address"),
      LNURL_PREIMAGE_PROVES_PAYMENT: flag("preimageProvesPayment"),
      LNURL_DESCRIPTION_HASH: optional("descriptionHash"),
    },
  },
  managed: {
    package: "@l402/managed",
    provider: "createManaged",
    variables: {
      MANAGED_URL: needed("url"),
      MANAGED_LIGHTNING_ADDRESS: optional("lightningAddress"),
      MANAGED_API_KEY: optional("apiKey"),
      MANAGED_DIRECT: flag("direct"),
      MANAGED_COMPATIBLE: flag("compatible"),
    },
  },
  "lightning-charge": {
    package: "@l402/lightning-charge",
    provider: "createLightningCharge",
    variables: { LIGHTNING_CHARGE_URL: needed("url"), LIGHTNING_CHARGE_API_TOKEN: needed("apiToken") },
  },
};

/** Other common names of backends. */
export const OTHER_NAMES: Readonly<Record<string, string>> = {
  nwc: "alby",
  nostr: "alby",
  "nostr-wallet-connect": "alby",
  clightning: "cln",
  "c-lightning": "cln",
  "core-lightning": "cln",
  phoenix: "phoenixd",
  charge: "lightning-charge",
  "lightning-address": "lnurl",
  btcpayserver: "btcpay",
};
