import { publicInternetFetch } from "@l402/client/node";
import { clientError, L402Error } from "@l402/core";
import type { Io } from "../io.ts";

const VARIABLE = "L402_ALLOWED_HOSTS";

/**
 * Makes a `fetch` for an agent. It reaches only the hosts in L402_ALLOWED_HOSTS or, without that setting, only the
 * public internet.
 *
 * SECURITY: every hop is checked, since the client follows redirects itself (mcp-hostile.test.ts, "addresses inside").
 */
export function allowedFetch(env: Io["env"]): typeof fetch {
  const allowed = allowedHosts(env);
  return (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (allowed && !allowed.has(keyOf(url))) {
      throw clientError("INSECURE_ORIGIN", `The host ${url.host} is not in the list ${VARIABLE}.`);
    }
    const isNamedInside = allowed !== undefined && isAddress(url.hostname);
    return (isNamedInside ? fetch : publicInternetFetch)(input, { ...init, redirect: "manual" });
  };
}

/**
 * True if the host is an IP address or `localhost`: the user named exactly this place.
 *
 * SECURITY: the owner of a host name decides where it leads, so a name never leads into a private network
 * (mcp-hostile.test.ts, "a name that leads").
 */
const isAddress = (hostname: string) => hostname === "localhost" || /^(\d+(\.\d+){3}|\[.*\])$/.test(hostname);

const portOf = ({ port, protocol }: URL) => port || (protocol === "https:" ? "443" : "80");
const keyOf = (url: URL) => `${url.hostname}:${portOf(url)}`;

function allowedHosts(env: Io["env"]): ReadonlySet<string> | undefined {
  // SECURITY: a misspelt variable must not count as a missing list (mcp-command.test.ts, "does not start").
  const misspelt = Object.keys(env).find((name) => /^L402_ALLOW/i.test(name) && name !== VARIABLE);
  if (misspelt) throw invalid(`${misspelt} is not a known variable. Did you mean ${VARIABLE}?`);
  const list = env[VARIABLE];
  if (list === undefined) return undefined;
  const hosts = list.split(",").map((each) => each.trim());
  return new Set(hosts.flatMap(keysOf));
}

/** The keys that a host in the list allows. A host without a port allows ports 80 and 443. */
function keysOf(host: string): string[] {
  const urls = ["http", "https"].map((scheme) => (URL.canParse(`${scheme}://${host}`) ? `${scheme}://${host}` : ""));
  const isHost = /^[^\s/?#@*\\]+$/.test(host) && urls.every(Boolean);
  if (!isHost) throw invalid(`${VARIABLE} contains "${host.slice(0, 60)}", which is not a valid host.`);
  const [, port] = /:(\d+)$/.exec(host) ?? [];
  return urls.map((url) => (port ? `${new URL(url).hostname}:${Number(port)}` : keyOf(new URL(url))));
}

const invalid = (message: string) =>
  new L402Error("CONFIG_INVALID", message, {
    hint: `Set a list such as ${VARIABLE}=api.example.com,127.0.0.1:4020, or unset it to allow the whole public internet.`,
  });
