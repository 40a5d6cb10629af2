import { describe, expect, it } from "vitest";
import { cookieAccess } from "../src/cookie-access.ts";

const access = (method: string, headers: Record<string, string | string[]>) =>
  cookieAccess({ method, path: "/", header: (name) => headers[name] });
const from = (site: string, mode = "navigate", dest = "document") => ({
  "sec-fetch-site": site,
  "sec-fetch-mode": mode,
  "sec-fetch-dest": dest,
});

describe("a cookie is good for", () => {
  it.each([
    ["a person who types the address", "GET", from("none"), "use"],
    ["a link or a script of the site", "GET", from("same-origin"), "use"],
    ["a link on a subdomain", "GET", from("same-site"), "use"],
    ["HEAD", "HEAD", from("same-origin", "cors", "empty"), "use"],
    ["a browser that does not say where from", "GET", {}, "use"],
    ["a link on another site", "GET", from("cross-site"), "show"],
    ["a frame on another site", "GET", from("cross-site", "navigate", "iframe"), "none"],
    ["an embedded object", "GET", from("cross-site", "navigate", "object"), "none"],
    ["a picture on another site", "GET", from("cross-site", "no-cors", "image"), "none"],
    ["a script's request from another site", "GET", from("cross-site", "cors", "empty"), "none"],
    ["a site that no browser names", "GET", from("elsewhere"), "none"],
    ["prefetching", "GET", { ...from("same-origin"), "sec-purpose": "prefetch" }, "show"],
    ["what Turbo fetches when the mouse is over a link", "GET", { "x-sec-purpose": "prefetch" }, "show"],
    ["what a link of Next fetches", "GET", { ...from("same-origin", "cors", "empty"), rsc: "1" }, "show"],
    ["an older Firefox that fetches ahead", "GET", { "x-moz": "prefetch" }, "show"],
    ["a preview", "GET", { "x-purpose": "preview" }, "show"],
    ["prerendering", "GET", { ...from("none"), "sec-purpose": "prefetch;prerender" }, "show"],
    ["a credential in a header", "GET", { authorization: `L402 dG9r:${"0".repeat(64)}` }, "none"],
    ["junk for a credential in a header", "GET", { authorization: "LSAT junk" }, "none"],
    ["two credentials in a header", "GET", { authorization: ["L402 a:b", "L402 c:d"] }, "none"],
    ["a password", "GET", { authorization: "Basic dTpw" }, "use"],
  ] as [string, string, Record<string, string | string[]>, string][])("%s: %s", (_, method, headers, expected) =>
    expect(access(method, headers)).toBe(expected),
  );

  it.each(["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "get", ""])(
    "nothing that may change something: %s",
    (method) => expect(access(method, from("same-origin"))).toBe("none"),
  );
});
