interface Kept {
  name: string;
  value: string;
  path: string;
}

/** What a browser without JavaScript does over HTTP: it keeps one cookie for each name and path, as RFC 6265 says. */
export class CookieBrowser {
  readonly #jar: Kept[] = [];
  readonly #origin: string;

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** Opens a page; `path` has its query. The claim and the invoice are empty if there is nothing to pay. */
  async open(path: string, headers: Record<string, string> = {}) {
    const { pathname } = new URL(path, this.#origin);
    const cookie = this.#jar
      .filter(({ path }) => pathname === path || pathname.startsWith(path.endsWith("/") ? path : `${path}/`))
      .sort((a, b) => b.path.length - a.path.length)
      .map(({ name, value }) => `${name}=${value}`)
      .join("; ");
    const response = await fetch(this.#origin + path, {
      headers: { accept: "text/html", "sec-fetch-site": "none", ...(cookie && { cookie }), ...headers },
    });
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    const text = await response.text();
    const attribute = (name: string) => new RegExp(`data-${name}="([^"]*)"`).exec(text)?.[1] ?? "";
    return { response, text, status: response.status, claim: attribute("claim"), invoice: attribute("invoice") };
  }

  /** How long the header is that carries the cookies of a path, with those of its folders. */
  cookieBytes(path: string): number {
    return this.#jar
      .filter((kept) => path.startsWith(kept.path))
      .reduce((sum, { name, value }) => {
        return sum + name.length + value.length + 3;
      }, 0);
  }

  #keep(line: string): void {
    const [, name = "", value = "", path = "/", maxAge] =
      /^([^=]+)=([^;]*); Path=([^;]+); Max-Age=(\d+);/.exec(line) ?? [];
    const at = this.#jar.findIndex((kept) => kept.name === name && kept.path === path);
    if (at >= 0 && maxAge !== "0") this.#jar[at] = { name, value, path };
    else if (at >= 0) this.#jar.splice(at, 1);
    else if (maxAge !== "0") this.#jar.push({ name, value, path });
  }
}
