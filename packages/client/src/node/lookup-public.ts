import { type LookupAddress, lookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { clientError, isPublicAddress } from "@l402/core";

type AllCallback = (error: Error | null, addresses?: LookupAddress[]) => void;

/** Looks up a host name for a connection, and refuses it if any of its addresses is not public. */
export const lookupPublic: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, "", 0);
    const [first] = addresses;
    if (!first || !addresses.every(({ address }) => isPublicAddress(address))) {
      return callback(notPublic(hostname), "", 0);
    }
    if (options.all) (callback as unknown as AllCallback)(null, addresses);
    else callback(null, first.address, first.family);
  });
};

export const notPublic = (host: string) =>
  clientError("INSECURE_ORIGIN", `${host} is not on the public internet.`, {
    hint: "publicInternetFetch refuses private networks. If you trust this host, use another fetch for it.",
  });
