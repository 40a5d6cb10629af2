import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { html } from "../src/html.ts";

describe("html", () => {
  it("shows markup as text, in an element and in an attribute", () => {
    const evil = `<script>alert(1)</script>"'&onload=x`;
    const text = html`<p title="${evil}">${evil}</p>`.html;
    expect(text.match(/</g)).toHaveLength(2);
    expect(text.match(/"/g)).toHaveLength(2);
    expect(text).not.toContain("'");
  });

  it("escapes every text so that it reads the same", () => {
    const read = (text: string) =>
      text
        .replaceAll("&lt;", "<")
        .replaceAll("&gt;", ">")
        .replaceAll("&quot;", '"')
        .replaceAll("&#39;", "'")
        .replaceAll("&amp;", "&");
    fc.assert(
      fc.property(
        fc.array(fc.nat(0x2ff), { maxLength: 60 }).map((codes) => String.fromCodePoint(...codes)),
        (text) => {
          const escaped = html`${text}`.html;
          expect(escaped).not.toMatch(/[<>"']|&(?!(lt|gt|quot|amp|#39);)/);
          expect(read(escaped)).toBe(text.replace(/(?!\n)\p{Cc}/gu, " "));
        },
      ),
    );
  });

  it("leaves out what is not there, and keeps what is HTML", () => {
    expect(html`a${undefined}${false}${0}${html`<b>`}`.html).toBe("a0<b>");
  });
});
