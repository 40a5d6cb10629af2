import { describe, expect, it } from "vitest";
import { mergeHeaders } from "../../src/index.ts";

const merge = (present: Record<string, string | string[]>, ...added: [string, string][]) =>
  Object.fromEntries(mergeHeaders((name) => present[name], added));

describe("mergeHeaders", () => {
  it("makes one list of what must not replace each other", () => {
    expect(merge({ Vary: "Origin, accept" }, ["Vary", "Authorization, Accept"])).toEqual({
      Vary: "Origin, accept, Authorization",
    });
    expect(merge({ Vary: "*" }, ["Vary", "Authorization"])).toEqual({ Vary: "*" });
    expect(merge({ Vary: ["A", "B"] }, ["Vary", "C"])).toEqual({ Vary: "A, B, C" });
  });

  it("keeps both challenges, in their order", () => {
    expect(merge({}, ["WWW-Authenticate", "LSAT a"], ["WWW-Authenticate", "L402 b"])).toEqual({
      "WWW-Authenticate": ["LSAT a", "L402 b"],
    });
  });

  it("keeps the app's CORS policy", () => {
    const name = "Access-Control-Allow-Origin";
    expect(merge({ [name]: "https://a.example" }, [name, "*"])).toEqual({ [name]: "https://a.example" });
    expect(merge({}, [name, "*"])).toEqual({ [name]: "*" });
  });

  it.each([
    [undefined, "private", "private"],
    ["no-store", "private", "no-store"],
    ["private, max-age=60", "private", "private, max-age=60"],
    ["public, max-age=60", "private", "public, max-age=60"],
    ["public, max-age=60", "no-store", "no-store"],
    ["private, max-age=60", "no-store", "no-store"],
  ])(
    "keeps the app's caching of what was paid for, and caches no refusal: %s and %s are %s",
    (present, added, expected) => {
      expect(merge(present ? { "Cache-Control": present } : {}, ["Cache-Control", added])).toEqual({
        "Cache-Control": expected,
      });
    },
  );

  it("sets the rest", () => {
    expect(merge({ "Content-Type": "text/html" }, ["Content-Type", "a/b"])).toEqual({ "Content-Type": "a/b" });
  });
});
