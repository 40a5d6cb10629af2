import { describeChallengeLimiter, fakeClock } from "@l402/testing";
import { describe, expect, it } from "vitest";
import { createMemoryChallengeLimiter } from "../src/index.ts";

const take = async (limiter: ReturnType<typeof createMemoryChallengeLimiter>, times: number, key?: string) => {
  let allowed = 0;
  for (let i = 0; i < times; i++) if ((await limiter.take(key)).allowed) allowed++;
  return allowed;
};

describeChallengeLimiter(
  { describe, it },
  {
    name: "createMemoryChallengeLimiter",
    create: (limits) => createMemoryChallengeLimiter({ ...limits, clock: fakeClock() }),
    skip: { "allows nothing and fails with an L402Error while its backend is down": "It has no backend." },
  },
);

describe("createMemoryChallengeLimiter", () => {
  it("allows each client its number a minute, and says when to come back", async () => {
    const clock = fakeClock();
    const limiter = createMemoryChallengeLimiter({ perClientPerMinute: 7, clock });
    expect(await take(limiter, 20, "10.0.0.1")).toBe(7);
    expect(await take(limiter, 20, "10.0.0.2")).toBe(7);
    expect(await limiter.take("10.0.0.1")).toEqual({ allowed: false, retryAfterSeconds: 9 });
    clock.advanceSeconds(9);
    expect(await take(limiter, 5, "10.0.0.1")).toBe(1);
    clock.advanceSeconds(3600);
    expect(await take(limiter, 20, "10.0.0.1")).toBe(7);
  });

  it("limits all clients together, also those without a key", async () => {
    const limiter = createMemoryChallengeLimiter({ perMinute: 10, clock: fakeClock() });
    expect(await take(limiter, 5)).toBe(5);
    let allowed = 0;
    for (let i = 0; i < 20; i++) allowed += await take(limiter, 1, `10.0.0.${i}`);
    expect(allowed).toBe(5);
    expect(await take(createMemoryChallengeLimiter({ clock: fakeClock() }), 3500)).toBe(3000);
  });

  it("counts an IPv6 /56 as one client", async () => {
    const limiter = createMemoryChallengeLimiter({ perClientPerMinute: 3, clock: fakeClock() });
    expect(await take(limiter, 1, "2001:db8:0:1::1")).toBe(1);
    expect(await take(limiter, 1, "2001:0db8:0000:0001:ffff:ffff:ffff:ffff")).toBe(1);
    expect(await take(limiter, 9, "2001:DB8:0:1:2:3::")).toBe(1);
    expect(await take(limiter, 9, "2001:db8:0:ff::1")).toBe(0);
    expect(await take(limiter, 9, "2001:db8:0:100::1")).toBe(3);
    expect(await take(limiter, 9, "::1")).toBe(3);
    expect(await take(limiter, 9, "::ffff:10.0.0.1")).toBe(3);
    expect(await take(limiter, 9, "::ffff:10.0.0.2")).toBe(3);
  });

  it("counts an IPv6 /48, which anybody can have, as five clients", async () => {
    const limiter = createMemoryChallengeLimiter({ perClientPerMinute: 60, clock: fakeClock() });
    const taken = async (network: string) => {
      let invoices = 0;
      for (let i = 0; i < 256; i++) invoices += await take(limiter, 60, `${network}:${(i * 256).toString(16)}::1`);
      return invoices;
    };
    expect(await taken("2001:470:1234")).toBe(300);
    expect(await taken("2001:470:1235")).toBe(300);
    expect(await take(limiter, 61, "9.9.9.9")).toBe(60);
  });

  it.each(["::ffff:", "64:ff9b::", "0064:FF9B:0:0:0:0:", "0:0:0:0:0:FFFF:"])(
    "tells IPv4 addresses apart that are written as %s and hex",
    async (prefix) => {
      const limiter = createMemoryChallengeLimiter({ perClientPerMinute: 3, clock: fakeClock() });
      expect(await take(limiter, 9, `${prefix}102:304`)).toBe(3);
      expect(await take(limiter, 9, `${prefix}909:909`)).toBe(3);
      expect(await take(limiter, 9, `${prefix}0102:0304`)).toBe(0);
    },
  );

  it("tells keys apart that are no addresses", async () => {
    const limiter = createMemoryChallengeLimiter({ perClientPerMinute: 1, clock: fakeClock() });
    for (const key of ["customer:alice", "customer:alicia", "key:abcd-1", "key:abcd-2", "1:12345", "1:12346"]) {
      expect(await take(limiter, 2, key)).toBe(1);
    }
  });

  it("keeps a bounded number of clients", async () => {
    const limiter = createMemoryChallengeLimiter({ perClientPerMinute: 1, perMinute: 1e9, clock: fakeClock() });
    expect(await take(limiter, 2, "first")).toBe(1);
    for (let i = 0; i < 50_000; i++) limiter.take(`client ${i}`);
    expect(await take(limiter, 1, "first")).toBe(1);
  });

  it.each([
    ["zero", { perMinute: 0 }],
    ["NaN", { perClientPerMinute: Number.NaN }],
    ["a negative limit", { perMinute: -1 }],
    ["an unknown option", { perHour: 1 } as object],
  ])("refuses %s", (_, options) => {
    expect(() => createMemoryChallengeLimiter(options)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });

  it("a clock that was ahead and is set back locks nobody out", async () => {
    const clock = fakeClock();
    const limiter = createMemoryChallengeLimiter({ perClientPerMinute: 6, perMinute: 60, clock });
    clock.advanceSeconds(86_400);
    await take(limiter, 1, "a");
    clock.advanceSeconds(-86_400);
    expect(await limiter.take("a")).toEqual({ allowed: false, retryAfterSeconds: 10 });
    clock.advanceSeconds(10);
    expect(await take(limiter, 9, "a")).toBe(1);
    expect(await take(limiter, 9, "b")).toBe(6);
  });

  it("forgets those first who were not seen for the longest time", async () => {
    const limiter = createMemoryChallengeLimiter({ perClientPerMinute: 2, perMinute: 1e9, clock: fakeClock() });
    limiter.take("idle");
    limiter.take("active");
    for (let i = 0; i < 60_000; i++) {
      limiter.take(`client ${i}`);
      if (i % 20_000 === 0) limiter.take("active");
    }
    expect(await take(limiter, 9, "active")).toBe(0);
    expect(await take(limiter, 9, "idle")).toBe(2);
  });

  it("an empty key is a key: whoever sends an empty header is one client", async () => {
    const limiter = createMemoryChallengeLimiter({ perClientPerMinute: 3, clock: fakeClock() });
    expect(await take(limiter, 9, "")).toBe(3);
    expect(await take(limiter, 9)).toBe(9);
  });

  it("gets a place back for an invoice that was paid, from the limit of the client and from that of all", async () => {
    const limiter = createMemoryChallengeLimiter({ perClientPerMinute: 3, perMinute: 5, clock: fakeClock() });
    expect(await take(limiter, 9, "a")).toBe(3);
    expect(await take(limiter, 9, "b")).toBe(2);
    limiter.giveBack?.("a");
    expect(await limiter.take("a")).toEqual({ allowed: true });
    expect(await take(limiter, 9, "b")).toBe(0);
    limiter.giveBack?.(undefined);
    expect(await take(limiter, 9, "a")).toBe(0);
    expect(await take(limiter, 9, "b")).toBe(1);
  });

  it("a place that is given back is no credit", async () => {
    const limiter = createMemoryChallengeLimiter({ perClientPerMinute: 3, perMinute: 5, clock: fakeClock() });
    for (let i = 0; i < 100; i++) limiter.giveBack?.("a");
    expect(await take(limiter, 9, "a")).toBe(3);
    expect(await take(limiter, 9, "b")).toBe(2);
    for (let i = 0; i < 100; i++) limiter.giveBack?.("a");
    expect(await take(limiter, 9, "a")).toBe(3);
    // It has two that it did not pay.
    expect(await take(limiter, 9, "b")).toBe(1);
  });

  it("gives one client of an IPv6 /48 back what it took, and no more to the others", async () => {
    const limiter = createMemoryChallengeLimiter({ perClientPerMinute: 1, clock: fakeClock() });
    for (const digit of "12345") expect(await take(limiter, 2, `2001:db8:1:${digit}00::1`)).toBe(1);
    expect(await take(limiter, 2, "2001:db8:1:600::1")).toBe(0);
    limiter.giveBack?.("2001:db8:1:1ff::9");
    expect(await take(limiter, 2, "2001:db8:1:100::1")).toBe(1);
    expect(await take(limiter, 2, "2001:db8:1:200::1")).toBe(0);
  });

  it("stays exact over many invoices that are paid", async () => {
    const limiter = createMemoryChallengeLimiter({ perClientPerMinute: 7, perMinute: 11, clock: fakeClock() });
    expect(await take(limiter, 3, "a")).toBe(3);
    for (let i = 0; i < 100_000; i++) {
      limiter.take("a");
      limiter.giveBack?.("a");
    }
    expect(await take(limiter, 9, "a")).toBe(4);
    expect(await take(limiter, 9, "b")).toBe(4);
  });

  it("keeps 256 characters of a key", async () => {
    const limiter = createMemoryChallengeLimiter({ perClientPerMinute: 1, clock: fakeClock() });
    const key = "x".repeat(255);
    expect(await take(limiter, 2, `${key}a`)).toBe(1);
    expect(await take(limiter, 2, `${key}b`)).toBe(1);
    expect(await take(limiter, 2, `${key}a and more`)).toBe(0);
  });
});
