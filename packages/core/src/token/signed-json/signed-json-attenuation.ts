import { hmacSha256 } from "#crypto";
import { bytesOf, fromBase64, toBase64Url } from "../../bytes.ts";
import { L402Error } from "../../errors.ts";
import { MAX_USE_CAVEATS, type Narrowing } from "../narrowing.ts";
import { MAX_CAVEATS, renderCaveats } from "./caveat-text.ts";
import { joinSignedJson, MAX_TOKEN_BYTES, splitSignedJson } from "./signed-json-text.ts";

/** Narrows a signed JSON token of any seller, offline. */
export function attenuateSignedJson(token: string, narrowing: Narrowing): string {
  const added = renderCaveats(narrowing);
  const { head, caveats: before, signature } = splitSignedJson(token);
  const caveats = [...before, ...added];
  let chained = fromBase64(signature);
  if (!chained) throw new L402Error("CREDENTIAL_MALFORMED", "The token's signature is not base64url.");
  for (const caveat of added) chained = hmacSha256(chained, caveat);
  const text = joinSignedJson({ head, caveats, signature: toBase64Url(chained) });
  if (caveats.length > MAX_CAVEATS || text.length > MAX_TOKEN_BYTES) {
    throw new L402Error(
      "CONFIG_INVALID",
      `attenuateToken: a token has at most ${MAX_CAVEATS} caveats and ${MAX_TOKEN_BYTES} bytes.`,
    );
  }
  if (caveats.filter((caveat) => caveat.startsWith("uses=")).length > MAX_USE_CAVEATS) {
    throw new L402Error(
      "CONFIG_INVALID",
      `attenuateToken: uses can be limited at most ${MAX_USE_CAVEATS} times in one token.`,
    );
  }
  return toBase64Url(bytesOf(text));
}
