import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pagePath, passPathOf, readCookies, setCookie } from "../src/cookies.ts";

const asking = (path: string, cookie?: string) => ({
  method: "GET",
  path,
  header: (name: string) => (name === "cookie" ? cookie : undefined),
});
const rules = { pathPrefix: "", passPath: undefined };

describe("cookies", () => {
  it("every cookie is for the site's own requests over HTTPS, and not for scripts", () => {
    const cookie = { name: "l402", value: "a:b", path: "/weather", maxAgeSeconds: 59.9 };
    expect(setCookie(cookie)).toEqual([
      ["Set-Cookie", "l402=a:b; Path=/weather; Max-Age=59; HttpOnly; Secure; SameSite=Lax"],
    ]);
    expect(setCookie({ ...cookie, maxAgeSeconds: -5 })[0]?.[1]).toContain("Max-Age=0;");
    expect(setCookie({ ...cookie, value: "a".repeat(4000), path: "/weather/in/a/small/town" })).toHaveLength(1);
    expect(setCookie({ ...cookie, value: "a".repeat(4000), path: `/${"weather".repeat(9)}` })).toEqual([]);
  });

  it.each([
    ["/weather", "/weather"],
    ["/weather?city=rome", "/weather"],
    ["/", "/"],
    ["/a/b/", "/a/b/"],
    ["/caf%C3%A9", "/caf%C3%A9"],
    // Not as a browser would spell it, so of the folder.
    ["/menu/café", "/menu/"],
    ["/a/b c", "/a/"],
    ["/a%zz", "/"],
    ["https://shop.example/a", "/"],
    ["*", "/"],
    ["", "/"],
  ])("the path of %j is %j", (path, expected) => expect(pagePath(asking(path), rules)).toBe(expected));

  it("of a path that is longer than browsers keep, the folder counts", () => {
    const longest = `/api/a/${"b".repeat(1017)}`;
    const pathOf = (path: string) => pagePath(asking(path), { ...rules, pathPrefix: "/api" });
    expect(longest).toHaveLength(1024);
    expect(pathOf(longest.slice("/api".length))).toBe(longest);
    expect(pathOf(`/a/${"b".repeat(1018)}`)).toBe("/api/a/");
    expect(pathOf(`/a/${"%41".repeat(500)}`)).toBe("/api/a/");
  });

  it("no path gives a cookie attributes of its own", () => {
    const pieces = fc.constantFrom(
      "/a",
      ";",
      "; Domain=evil.example",
      ",",
      "\r\nX: y",
      " ",
      "%3B",
      "\0",
      "é",
      "?",
      "\\",
      '"',
    );
    fc.assert(
      fc.property(
        fc.array(pieces).map((parts) => `/${parts.join("")}`),
        (path) => {
          expect(pagePath(asking(path), rules)).toMatch(/^\/[^;,\s\\"]*$/);
        },
      ),
    );
    expect(pagePath(asking("/a;Domain=evil.example/b"), rules)).toBe("/");
  });

  it.each([
    ["/articles/one", "/articles"],
    ["/articles", "/articles"],
    ["/articlesque", "/articlesque"],
    ["/else", "/else"],
  ])("a pass for /articles that is bought at %s is kept at %s", (path, expected) =>
    expect(passPathOf(asking(path), { pathPrefix: "", passPath: "/articles" })).toBe(expected),
  );

  it("a prefix is part of what browsers see", () => {
    expect(passPathOf(asking("/one"), { pathPrefix: "/articles", passPath: "/articles" })).toBe("/articles");
    expect(passPathOf(asking("/one"), { pathPrefix: "/api", passPath: "/" })).toBe("/");
    expect(pagePath(asking("/one"), { pathPrefix: "/api", passPath: undefined })).toBe("/api/one");
  });

  it("finds all of a name", () => {
    const named = (name: string) => name === "l402";
    expect(readCookies(asking("/", "l402=a; l402x=b;l402=c=d ; =l402; l402"), named)).toEqual([
      { name: "l402", value: "a" },
      { name: "l402", value: "c=d" },
    ]);
    expect(readCookies(asking("/", "l402=a;".repeat(99)), named)).toHaveLength(99);
    expect(readCookies(asking("/"), named)).toEqual([]);
  });
});
