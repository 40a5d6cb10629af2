import type { KVStore } from "lightningdevkit";
import type { Ldk } from "./load-ldk.ts";

/** Creates a store for LDK that keeps no data: the nodes of a regtest live as long as its process. */
export function createForgetfulStore(ldk: Ldk): KVStore {
  return ldk.KVStore.new_impl({
    write: () => ldk.Result_NoneIOErrorZ.constructor_ok(),
    remove: () => ldk.Result_NoneIOErrorZ.constructor_ok(),
    read: () => ldk.Result_CVec_u8ZIOErrorZ.constructor_err(ldk.IOError.LDKIOError_NotFound),
    list: () => ldk.Result_CVec_StrZIOErrorZ.constructor_ok([]),
  });
}
