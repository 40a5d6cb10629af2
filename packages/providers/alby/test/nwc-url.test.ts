import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { createAlby, createAlbyWallet } from "../src/index.ts";
import { readNwcUrl } from "../src/nwc-url.ts";

const key = "3b".repeat(32);
const secret = "c4".repeat(32);
const relay = "wss%3A%2F%2Frelay.example.com%2Fv1";
const url = `nostr+walletconnect://${key}?relay=${relay}&secret=${secret}&lud16=me%40example.com`;

describe("readNwcUrl", () => {
  it.each([
    ["as Alby Hub writes it", url],
    ["without slashes", url.replace("//", "")],
    ["with its old scheme", url.replace("nostr+", "nostr")],
    ["pasted with a line break", `${url}\n`],
    ["with the secret in upper case", url.replace(secret, secret.toUpperCase())],
  ])("reads a connection secret %s", (_, text) => {
    const relayUrls = ["wss://relay.example.com/v1"];
    expect(readNwcUrl("test", text)).toEqual({ walletPubkey: key, relayUrls, secret });
  });

  it("takes several relays, and plain ws: on this computer", () => {
    const { relayUrls } = readNwcUrl("test", `${url}&relay=${encodeURIComponent("ws://127.0.0.1:7000")}`);
    expect(relayUrls).toEqual(["wss://relay.example.com/v1", "ws://127.0.0.1:7000"]);
  });

  it.each([
    ["nothing", undefined],
    ["an empty text", ""],
    ["a web address", "https://getalby.com"],
    ["the scheme alone", "nostr+walletconnect://"],
    ["a short public key", url.replace(key, key.slice(1))],
    ["no relay", url.replace("relay=", "r=")],
    ["a relay that is none", url.replace(relay, "relay.example.com")],
    ["a relay without TLS on the internet", url.replace("wss", "ws")],
    ["no secret", url.replace(secret, "")],
    ["a short secret", url.replace(secret, secret.slice(2))],
    ["a secret of zeros", url.replace(secret, "0".repeat(64))],
    ["a secret above the curve's order", url.replace(secret, "f".repeat(64))],
  ])("refuses %s, and never quotes the secret", (_, text) => {
    for (const create of [createAlby, createAlbyWallet]) {
      const error = thrownBy(() => create({ url: text as string }));
      expect(error).toMatchObject({ code: "CONFIG_INVALID", message: expect.stringContaining("url") });
      expect(inspect(error, { showHidden: true })).not.toContain(secret.slice(2));
    }
  });

  it.each([
    ["timeoutSeconds", { timeoutSeconds: 0 }],
    ["client", { client: { payInvoice() {} } }],
    ["relayUrl", { relayUrl: "wss://relay.example.com" }],
  ])("refuses an impossible %s", (option, change) => {
    expect(() => createAlby({ url, ...change } as never)).toThrow(option);
  });

  it("shows nothing of the secret in what it makes", () => {
    for (const made of [createAlby({ url }), createAlbyWallet({ url })]) {
      expect(inspect(made, { showHidden: true, depth: 9 })).not.toContain(secret);
    }
  });
});

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
