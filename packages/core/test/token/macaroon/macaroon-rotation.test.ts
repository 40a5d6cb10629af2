import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { toHex } from "../../../src/bytes.ts";
import { createKeyRing } from "../../../src/token/key-ring.ts";
import { macaroonFromText } from "../../../src/token/macaroon/macaroon-codec.ts";
import { macaroonFormat } from "../../../src/token/macaroon/macaroon-format.ts";
import { CLAIMS, codeOf, resign, SECRET, withKeys } from "./macaroon-fixtures.ts";

const OTHER = "another secret of at least thirty-two bytes, for tests";

describe("rotating the secret", () => {
  const old = { id: "2026-05", secret: SECRET };
  const fresh = { id: "2026-11", secret: OTHER };
  const before = withKeys(macaroonFormat(), createKeyRing([old]));
  const during = withKeys(macaroonFormat(), createKeyRing([fresh, old]));
  const after = withKeys(macaroonFormat(), createKeyRing([fresh]));

  it("honours the old key's tokens until it is removed", () => {
    expect(during.authenticate(before.mint(CLAIMS)).claims).toEqual(CLAIMS);
    expect(codeOf(() => after.authenticate(before.mint(CLAIMS)))).toBe("CREDENTIAL_NOT_AUTHENTIC");
  });

  it("signs with the first key", () => {
    expect(after.authenticate(during.mint(CLAIMS)).claims).toEqual(CLAIMS);
    expect(codeOf(() => before.authenticate(during.mint(CLAIMS)))).toBe("CREDENTIAL_NOT_AUTHENTIC");
  });

  it("marks the token with a hash of the key's id, and says the same for an unknown key and a wrong one", () => {
    const { identifier } = macaroonFromText(before.mint(CLAIMS));
    const tag = createHash("sha256").update("l402/macaroon/key-id/2026-05").digest("hex").slice(0, 32);
    expect(toHex(identifier.slice(50))).toBe(tag);

    const sameId = withKeys(macaroonFormat(), createKeyRing([{ id: old.id, secret: OTHER }]));
    for (const { authenticate } of [sameId, after]) {
      expect(codeOf(() => authenticate(before.mint(CLAIMS)))).toBe("CREDENTIAL_NOT_AUTHENTIC");
    }
  });

  it("does not let one key of the ring pass for another", () => {
    const minted = before.mint(CLAIMS);
    const tag = macaroonFromText(after.mint(CLAIMS)).identifier.slice(50);
    const { identifier } = macaroonFromText(minted);
    const moved = Uint8Array.of(...identifier.slice(0, 50), ...tag);
    expect(codeOf(() => during.authenticate(resign(minted, { identifier: moved })))).toBe("CREDENTIAL_NOT_AUTHENTIC");
    expect(during.authenticate(resign(minted, { identifier: moved }, OTHER)).claims).toEqual(CLAIMS);
  });
});
