import { describe, expect, it } from "vitest";
import { checkBackendUrl, isPrivateHost } from "../src/backend-url.ts";

describe("checkBackendUrl", () => {
  it.each([
    ["https://node.example", "https://node.example"],
    ["https://node.example/", "https://node.example"],
    ["https://node.example:8080/lnd//", "https://node.example:8080/lnd"],
    [" https://Node.Example:443 ", "https://node.example"],
    ["http://127.0.0.1:8080", "http://127.0.0.1:8080"],
    ["http://lnd:8080", "http://lnd:8080"],
    ["http://abc.onion", "http://abc.onion"],
  ])("takes %j", (url, address) => {
    expect(checkBackendUrl("LND", url)).toBe(address);
  });

  it.each(["http://node.example", "http://8.8.8.8:8080", "http://[2001:db8::1]"])("refuses http for %s", (url) => {
    expect(() => checkBackendUrl("LND", url)).toThrow(
      "LND: url must begin with https://, because its host is not on a private network.",
    );
  });

  it.each([
    [undefined, "must be a URL"],
    ["", "must be a URL"],
    ["node.example:8080/x y", "must begin with https://."],
    ["grpc://node.example", "must begin with https://."],
    ["file:///etc/passwd", "must begin with https://."],
    ["https://me:secret@node.example", "must not contain a user name or a password"],
    ["https://node.example/?a=b", "must not contain a query (?) or a fragment (#)"],
    ["https://node.example/#", "must not contain a query (?) or a fragment (#)"],
  ])("refuses %j: it %s", (url, fix) => {
    expect(() => checkBackendUrl("LND", url)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
    expect(() => checkBackendUrl("LND", url)).toThrow(fix);
  });

  it("does not repeat a password", () => {
    expect(() => checkBackendUrl("LND", "https://me:hunter2@node.example")).not.toThrow(/hunter2/);
  });
});

describe("isPrivateHost", () => {
  const hostOf = (host: string) => new URL(`http://${host}`).hostname;

  it.each([
    "localhost",
    "umbrel.local",
    "lnd",
    "node.home.arpa",
    "127.0.0.1",
    "127.9.9.9",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.5",
    "169.254.169.254",
    "100.64.0.1",
    "0x7f.1",
    "2130706433",
    "[::1]",
    "[::]",
    "[fd00::1]",
    "[fe80::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:192.168.0.1]",
    "localhost.",
  ])("says so of %s", (host) => {
    expect(isPrivateHost(hostOf(host))).toBe(true);
  });

  it.each([
    "node.example",
    "local.example",
    "10.example",
    "8.8.8.8",
    "172.15.0.1",
    "172.32.0.1",
    "100.63.0.1",
    "100.128.0.1",
    "192.169.0.1",
    "[2001:db8::1]",
    "[fc::1]",
    "[fe8::1]",
    "[::ffff:8.8.8.8]",
  ])("does not say so of %s", (host) => {
    expect(isPrivateHost(hostOf(host))).toBe(false);
  });
});
