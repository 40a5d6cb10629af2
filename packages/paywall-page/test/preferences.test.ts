import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { preferredLanguage, prefersHtml } from "../src/preferences.ts";
import { LANGUAGES } from "../src/texts/languages.ts";

const CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8";

describe("a page goes to who wants one:", () => {
  it.each([
    [CHROME, true],
    ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true],
    ["text/html", true],
    ["TEXT/HTML ; q=0.3", true],
    ["text/*", true],
    ["application/json;q=0.9, text/html", true],
    ["text/html;level=1;q=0.8, */*;q=0.1", true],
    [undefined, false],
    ["", false],
    ["*/*", false],
    ["application/json", false],
    ["application/json, text/plain, */*", false],
    ["application/problem+json, text/html", false],
    ["text/html, application/json", false],
    ["text/html;q=0.8, application/json;q=0.9", false],
    ["text/html;q=0", false],
    ["text/html;q=2", false],
    ["text/html;q=x", false],
    ["image/avif,image/webp,*/*;q=0.8", false],
    ["text/event-stream", false],
    [`${"a/b,".repeat(600)}text/html`, false],
  ])("%s → %s", (accept, expected) => expect(prefersHtml(accept)).toBe(expected));

  it("whatever they send, in no time", () => {
    fc.assert(fc.property(fc.string({ maxLength: 5000 }), (accept) => typeof prefersHtml(accept) === "boolean"));
  });
});

describe("the language is the one that is wanted most:", () => {
  it.each([
    [undefined, "en"],
    ["de", "de"],
    ["de-AT,de;q=0.9,en;q=0.8", "de"],
    ["ja, fr;q=0.5, en;q=0.4", "fr"],
    ["AR-EG", "ar"],
    ["es;q=0, en;q=0.1", "en"],
    ["den", "en"],
    ["*", "en"],
    ["ja", "en"],
  ])("%s → %s", (header, expected) => expect(preferredLanguage(header, LANGUAGES)).toBe(expected));
});
