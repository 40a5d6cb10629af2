import { describe, expect, it } from "vitest";
import { checkOptions, type PaywallPageOptions } from "../src/options.ts";
import { paywallPage } from "../src/paywall-page.ts";

describe("options", () => {
  it.each([
    [{ theme: { accent: "red;} body{display:none" } }, "theme.accent"],
    [{ theme: { accent: "url(https://evil.example)" } }, "theme.accent"],
    [{ theme: { font: "x</style><script>" } }, "theme.font"],
    [{ theme: { accent: "red/*" } }, "theme.accent"],
    [{ theme: { accent: "\\72 ed" } }, "theme.accent"],
    [{ theme: { accent: "image-set('x')" } }, "theme.accent"],
    [{ theme: { accent: { light: "red" } } }, "theme.accent"],
    [{ theme: { colour: "red" } }, "colour"],
    [{ pathPrefix: "/api/" }, "pathPrefix"],
    [{ pathPrefix: "/a;b" }, "pathPrefix"],
    [{ passPath: "articles" }, "passPath"],
    [{ passPath: "/a; Domain=evil.example" }, "passPath"],
    [{ fiat: { currency: "euro", pricePerBitcoin: () => 1 } }, "fiat"],
    [{ fiat: { currency: "EUR" } }, "fiat"],
    [{ texts: { it: {} } }, "it"],
    [{ texts: { en: { titel: "x" } } }, "titel"],
    [{ texts: { en: { title: 1 } } }, "texts.en"],
    [{ seller: 1 }, "seller"],
    [{ color: 1 }, "color"],
  ])("refuses %j and names %s", (options, name) => {
    expect(() => paywallPage(options as PaywallPageOptions)).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining(name) }),
    );
  });

  it("makes a theme a style sheet, by day and by night", () => {
    const { theme } = checkOptions({ theme: { accent: { light: "#0a7", dark: "rgb(0 200 150)" }, radius: "0" } });
    expect(theme).toBe(
      ":root{--l402-accent:#0a7;--l402-radius:0}@media (prefers-color-scheme: dark){:root{--l402-accent:rgb(0 200 150);--l402-radius:0}}",
    );
  });
});
