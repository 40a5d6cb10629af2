import { readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import type { LightningProvider, LightningWallet } from "@l402/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BACKENDS, OTHER_NAMES } from "../src/backends.ts";
import { importPackage } from "../src/import-package.ts";
import { providerFrom, walletFrom } from "../src/index.ts";
import { SECRET, settingsOf } from "./settings.ts";

/** What a program sets and a settings file does not. */
const NOT_SETTINGS = ["fetch", "timeoutSeconds", "client", "clock", "onWarning", "feeReserveMsat"];
/** Not offered as variables, each for a reason. */
const LEFT_OUT: Readonly<Record<string, readonly string[]>> = {
  // For tests of one's own service; in production it would weaken a check.
  lnurl: ["allowPrivateHosts"],
};
const PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----";

const entries = Object.entries(BACKENDS);
const roles = entries.flatMap(([name, backend]) =>
  (["provider", "wallet"] as const).flatMap((role) => (backend[role] ? [{ name, role, factory: backend[role] }] : [])),
);
const variablesOf = (name: string, role: "provider" | "wallet") =>
  Object.entries(BACKENDS[name]?.variables ?? {}).filter(([, each]) => each.role === undefined || each.role === role);

describe("the table of backends", () => {
  it("has every package of packages/providers, and no other", () => {
    const folder = fileURLToPath(new URL("../../providers", import.meta.url));
    const names = readdirSync(folder, { withFileTypes: true }).flatMap((each) => (each.isDirectory() ? each.name : []));
    expect(Object.keys(BACKENDS).sort()).toEqual(names.sort());
  });

  it("is what package.json lists as peers, all of them optional", () => {
    const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
    for (const [, { package: name }] of entries) {
      expect(manifest.peerDependencies).toHaveProperty(name);
      expect(manifest.peerDependenciesMeta[name]).toEqual({ optional: true });
    }
  });

  it("begins every variable with the backend's name", () => {
    for (const [name, { variables }] of entries) {
      const prefix = `${name.toUpperCase().replaceAll("-", "_")}_`;
      for (const variable of Object.keys(variables)) expect(variable.startsWith(prefix), variable).toBe(true);
    }
  });

  it("knows other names only of what there is", () => {
    for (const name of Object.values(OTHER_NAMES)) expect(BACKENDS).toHaveProperty([name]);
  });
});

describe.each(roles)("$name as a $role", ({ name, role, factory }) => {
  it("takes exactly the options of the real factory", async () => {
    const create = (await importPackage(BACKENDS[name]?.package ?? "", ""))[factory] as (options: object) => unknown;
    // Every factory refuses an option that it does not know, and says which it knows.
    const refusal = await Promise.resolve({ noSuchOption: 1 })
      .then(create)
      .catch(({ message }) => message as string);
    const known = /Its options: (.*)\.$/.exec(String(refusal))?.[1]?.split(", ") ?? [];
    const expected = known.filter((option) => ![...NOT_SETTINGS, ...(LEFT_OUT[name] ?? [])].includes(option));
    expect(expected.length).toBeGreaterThan(0);
    expect(
      variablesOf(name, role)
        .map(([, { option }]) => option)
        .sort(),
    ).toEqual(expected.sort());
  });

  it("is made of its variables, by name and without one", async () => {
    const make = role === "provider" ? providerFrom : walletFrom;
    const told: string[] = [];
    const tell = (sentence: string) => void told.push(sentence);
    const selector = role === "provider" ? "L402_PROVIDER" : "L402_WALLET";
    const named = await make({ ...settingsOf(name), [selector]: name }, { tell });
    const alone = await make(settingsOf(name), { tell });
    const methods = role === "provider" ? ["createInvoice", "lookupInvoice"] : ["payInvoice", "lookupPayment"];
    for (const method of methods) {
      expect(named).toHaveProperty(method);
      expect(alone).toHaveProperty(method);
    }
    const noun = role === "provider" ? "backend" : "wallet";
    expect(told).toEqual([
      `The Lightning ${noun} is ${name}, because ${selector} names it.`,
      `The Lightning ${noun} is ${name}, because it is the only one whose variables are all set.`,
    ]);
  });

  it("says which variable is missing, each by its name", async () => {
    const make = role === "provider" ? providerFrom : walletFrom;
    for (const [variable, { optional }] of variablesOf(name, role)) {
      if (optional) continue;
      const env = {
        ...settingsOf(name),
        [variable]: " ",
        [role === "provider" ? "L402_PROVIDER" : "L402_WALLET"]: name,
      };
      await expect(make(env)).rejects.toMatchObject({
        code: "CONFIG_INVALID",
        message: `${name} needs ${variable}, which is not set.`,
        hint: `Set ${variable}.`,
      });
    }
  });
});

describe("what the variables say arrives at the backend", () => {
  let url: string;
  let seen: { url: string; headers: IncomingHttpHeaders }[] = [];
  const server = createServer((request, response) => {
    seen.push({ url: request.url ?? "", headers: request.headers });
    response.writeHead(500).end();
  });
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  const overHttp = roles.filter(({ name }) => !["alby", "lnurl"].includes(name));
  it.each(overHttp)("$name as a $role", async ({ name, role }) => {
    seen = [];
    const [urlName = ""] = variablesOf(name, role).find(([, { option }]) => option === "url") ?? [];
    const env = { ...settingsOf(name), [urlName]: url, L402_PROVIDER: name };
    const hash = "0".repeat(64);
    if (role === "provider") {
      const provider: LightningProvider = await providerFrom(env);
      await provider.lookupInvoice({ paymentHash: hash, providerRef: "ref" }).catch(() => {});
      const order = { amountMsat: 1000, description: "", expiresInSeconds: 600 };
      if (seen.length === 0) await provider.createInvoice(order).catch(() => {});
    } else {
      const wallet: LightningWallet = await walletFrom(env);
      await wallet.lookupPayment(hash).catch(() => {});
    }
    const [secret = ""] = variablesOf(name, role)
      .map(([variable]) => settingsOf(name)[variable] ?? "")
      .filter((text) => SECRET.test(text));
    const sent = Object.values(seen[0]?.headers ?? {}).join("\n");
    const decoded = sent.replace(/Basic (\S+)/g, (_, text) => Buffer.from(text, "base64").toString());
    expect(secret).not.toBe("");
    expect(decoded).toContain(secret);
  });
});

describe("kinds of variables", () => {
  it("takes a certificate in one line, as env files hold it", async () => {
    const env = { ...settingsOf("lnd"), LND_TLS_CERT: PEM.replaceAll("\n", "\\n") };
    await expect(providerFrom(env)).resolves.toHaveProperty("createInvoice");
  });

  it("takes what a service of a Lightning Address may leave out, by the name that its error gives", async () => {
    const env = { ...settingsOf("lnurl"), LNURL_DESCRIPTION_HASH: "ignore" };
    await expect(providerFrom(env)).resolves.toHaveProperty("createInvoice");
    await expect(providerFrom({ ...env, LNURL_DESCRIPTION_HASH: "no" })).rejects.toMatchObject({
      message: 'LNURL_DESCRIPTION_HASH must be "strict", "warn" or "ignore".',
    });
  });

  it("takes true and false, and nothing else for them", async () => {
    const env = { ...settingsOf("lnd"), LND_SKIP_TLS_VERIFY: "yes" };
    await expect(providerFrom(env)).rejects.toMatchObject({ message: "LND_SKIP_TLS_VERIFY must be true or false." });
  });

  it("takes false for false, as a text and as what a Worker's settings may hold", async () => {
    for (const flag of ["false", " false ", false]) {
      const btcpay = await providerFrom({ ...settingsOf("btcpay"), BTCPAY_PREIMAGE_PROVES_PAYMENT: flag });
      expect(btcpay.preimageProvesPayment).toBe(false);
    }
    for (const flag of [0, {}, []]) {
      const env = { ...settingsOf("btcpay"), BTCPAY_PREIMAGE_PROVES_PAYMENT: flag };
      await expect(providerFrom(env)).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    }
  });

  it("speaks of variables where the factory speaks of options", async () => {
    await expect(providerFrom({ ...settingsOf("lnd"), LND_URL: "8080" })).rejects.toMatchObject({
      message: "LND_URL must be a URL, such as https://host:8080.",
      hint: "Correct LND_URL.",
    });
    const both = { ...settingsOf("managed"), MANAGED_DIRECT: "false", MANAGED_LIGHTNING_ADDRESS: "a@b.example" };
    await expect(providerFrom(both)).rejects.toMatchObject({
      message: "MANAGED_LIGHTNING_ADDRESS or MANAGED_API_KEY must be set, but not both.",
    });
  });
});
