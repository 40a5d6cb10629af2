import { isClaimName, isPassName } from "../src/cookie-names.ts";
import type { StatusAnswer } from "../src/status-desk.ts";

const ORIGIN = "https://shop.example";

/** What a browser sends with a navigation that a person began. */
const NAVIGATION = {
  accept: "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
  "accept-language": "en-US,en;q=0.9",
  "sec-fetch-site": "none",
  "sec-fetch-mode": "navigate",
  "sec-fetch-dest": "document",
};

interface Kept {
  name: string;
  value: string;
  path: string;
  /** Of a cookie that another subdomain set for all of them. */
  domain?: string;
}

export interface Visit {
  status: number;
  headers: Headers;
  text: string;
  /** What the page's script has to go by; empty where there is no such page. */
  claim: string;
  invoice: string;
}

/** As much of a browser as cookies take: a jar, paths, and what comes with a navigation. */
export class Browser {
  jar: Kept[] = [];
  readonly #serve: (request: Request) => Promise<Response>;

  constructor(serve: (request: Request) => Promise<Response>) {
    this.#serve = serve;
  }

  async visit(path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Visit> {
    const response = await this.send(path, { ...NAVIGATION, ...headers }, method);
    const text = await response.text();
    const attribute = (name: string) => new RegExp(`data-${name}="([^"]*)"`).exec(text)?.[1] ?? "";
    const { status } = response;
    return { status, headers: response.headers, text, claim: attribute("claim"), invoice: attribute("invoice") };
  }

  /** What the page's script does. */
  async ask(path: string, claim: string, headers: Record<string, string> = {}) {
    const asked = { accept: "*/*", "sec-fetch-site": "same-origin", "l402-status": claim, ...headers };
    const response = await this.send(path, asked);
    return { code: response.status, headers: response.headers, ...((await response.json()) as StatusAnswer) };
  }

  async send(path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Response> {
    const url = new URL(path, ORIGIN);
    const cookie = this.cookiesFor(url.pathname);
    const response = await this.#serve(
      new Request(url, { method, headers: { ...(cookie && { cookie }), ...headers } }),
    );
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    return response;
  }

  /** The one for the longest path first. */
  cookiesFor(path: string): string {
    return this.jar
      .filter((kept) => path === kept.path || path.startsWith(kept.path.endsWith("/") ? kept.path : `${kept.path}/`))
      .sort((a, b) => b.path.length - a.path.length)
      .map(({ name, value }) => `${name}=${value}`)
      .join("; ");
  }

  #keep(line: string): void {
    const [, name = "", value = "", path = "", maxAge = ""] =
      /^([^=]+)=([^;]*); Path=([^;]+); Max-Age=(\d+); HttpOnly; Secure; SameSite=Lax$/.exec(line) ?? [];
    if (!name) throw new Error(`Not a cookie of ours: ${line}`);
    if (line.length > 4096 || path.length > 1024) return;
    const at = this.jar.findIndex((kept) => kept.name === name && kept.path === path && !kept.domain);
    if (at >= 0) this.jar.splice(at, 1);
    if (maxAge !== "0") this.jar.push({ name, value, path });
  }

  /** The value of the first pass, which is a paid token. */
  get pass(): string | undefined {
    return this.jar.find(({ name }) => isPassName(name))?.value;
  }

  /** The value of the first claim on an unpaid invoice. */
  get claim(): string | undefined {
    return this.jar.find(({ name }) => isClaimName(name))?.value;
  }
}
