/**
 * Tells whether an LND macaroon allows payments; `undefined` if it does not say. LND writes the permissions into the
 * macaroon's identifier, as pairs of an entity and its actions, and asks for one of these two before it pays.
 */
export function mayPay(macaroon = ""): boolean | undefined {
  const text = Buffer.from(macaroon, "hex").toString("latin1");
  const pairs = Array.from(text.matchAll(PERMISSION), ([, entity, actions = ""]) =>
    Array.from(actions.matchAll(ACTION), ([, action]) => `${entity}:${action}`),
  ).flat();
  if (pairs.length === 0) return undefined;
  return pairs.includes("offchain:write") || pairs.includes("uri:/routerrpc.Router/SendPaymentV2");
}

/** In Protocol Buffers, a control character for its kind and one for its length stand before each text. */
const PERMISSION = /\n.([a-z]+)((?:\p{Cc}.[!-~]+)+)/gsu;
const ACTION = /\p{Cc}.([!-~]+)/gsu;
