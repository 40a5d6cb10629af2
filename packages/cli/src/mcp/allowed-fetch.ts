import { publicInternetFetch } from "@l402/client/node";
import { clientError, L402Error } from "@l402/core";
import type { Io } from "../io.ts";

const VARIABLE = "L402_ALLOWED_HOSTS";

/**
 * `fetch` for whoever is told where to go: only the hosts in L402_ALLOWED_HOSTS, or, where that is not set, whatever is
 * on the public internet.
 *
 * SECURITY: asked for every hop, since the client follows redirects by itself (mcp-hostile.test.ts, "addresses inside").
 */
export function allowedFetch(env: Io["env"]): typeof fetch {
  const allowed = allowedHosts(env);
  return (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (allowed && !allowed.has(keyOf(url))) {
      throw clientError("INSECURE_ORIGIN", `${url.host} is not among the hosts that ${VARIABLE} names.`);
    }
    const isNamedInside = allowed !== undefined && isAddress(url.hostname);
    return (isNamedInside ? fetch : publicInternetFetch)(input, { ...init, redirect: "manual" });
  };
}

/**
 * What is written as an address was meant to be that very place.
 *
 * SECURITY: where a name leads is decided by whoever owns it, so a name never leads inside (mcp-hostile.test.ts, "a name that leads").
 */
const isAddress = (hostname: string) => hostname === "localhost" || /^(\d+(\.\d+){3}|\[.*\])$/.test(hostname);

const portOf = ({ port, protocol }: URL) => port || (protocol === "https:" ? "443" : "80");
const keyOf = (url: URL) => `${url.hostname}:${portOf(url)}`;

function allowedHosts(env: Io["env"]): ReadonlySet<string> | undefined {
  // SECURITY: a list that is misspelt is no missing list (mcp-command.test.ts, "does not start").
  const misspelt = Object.keys(env).find((name) => /^L402_ALLOW/i.test(name) && name !== VARIABLE);
  if (misspelt) throw invalid(`${misspelt} is no setting.`);
  const list = env[VARIABLE];
  if (list === undefined) return undefined;
  const hosts = list.split(",").map((each) => each.trim());
  return new Set(hosts.flatMap(keysOf));
}

/** A host without a port is one of the web's two. */
function keysOf(host: string): string[] {
  const urls = ["http", "https"].map((scheme) => (URL.canParse(`${scheme}://${host}`) ? `${scheme}://${host}` : ""));
  const isHost = /^[^\s/?#@*\\]+$/.test(host) && urls.every(Boolean);
  if (!isHost) throw invalid(`${VARIABLE} names "${host.slice(0, 60)}", which is no host.`);
  const [, port] = /:(\d+)$/.exec(host) ?? [];
  return urls.map((url) => (port ? `${new URL(url).hostname}:${Number(port)}` : keyOf(new URL(url))));
}

const invalid = (message: string) =>
  new L402Error("CONFIG_INVALID", message, {
    hint: `Write ${VARIABLE}=api.example.com,127.0.0.1:4020, or leave it out: then the whole public internet is allowed.`,
  });
