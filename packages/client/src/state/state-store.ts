import { type ClientStore, isL402Error, L402Error } from "@l402/core";
import { type ClientState, emptyState } from "./client-state.ts";

/** The client's state, kept as a text in a store. */
export interface StateStore {
  /** Reads the state, which must not be changed. */
  read(): Promise<ClientState>;
  /** Changes the state while no other process does, or not at all if `change` throws. May call `change` repeatedly. */
  update<Result>(change: (state: ClientState) => Result): Promise<Result>;
}

export function openStateStore(store: ClientStore): StateStore {
  let known: { text: string | undefined; state: ClientState } | undefined;

  function stateOf(text: string | undefined): ClientState {
    if (!known || known.text !== text) known = { text, state: parse(text) };
    return known.state;
  }

  return {
    async read() {
      try {
        return stateOf(await store.read());
      } catch (error) {
        return fail(error);
      }
    },

    async update<Result>(change: (state: ClientState) => Result) {
      let outcome: { result: Result } | { refusal: unknown } | undefined;
      try {
        await store.update((text) => {
          const state = parse(text);
          try {
            outcome = { result: change(state) };
          } catch (refusal) {
            outcome = { refusal };
            throw refusal;
          }
          // The next `read` need not parse it.
          const newText = JSON.stringify(state);
          known = { text: newText, state };
          return newText;
        });
      } catch (error) {
        if (!outcome || "result" in outcome) fail(error);
      }
      // A store that never called `change` has stored nothing.
      if (!outcome) return fail(undefined);
      // As it was thrown, whatever the store has made of it.
      if ("refusal" in outcome) throw outcome.refusal;
      return outcome.result;
    },
  };
}

/** Reads a state. Throws if the text is none, and never starts anew: the text may be the only trace of a payment. */
function parse(text: string | undefined): ClientState {
  if (text === undefined) return emptyState();
  try {
    const state = JSON.parse(text) as ClientState;
    const { credentials, pending, spent } = state;
    const parts = [credentials, pending, spent.originsMsat, spent.minutesMsat];
    const isWhole = parts.every((part) => typeof part === "object" && part !== null);
    if (state.version === 1 && isWhole && Number.isFinite(spent.totalMsat)) return { ...emptyState(), ...state };
  } catch {}
  throw unavailable("The client store holds no valid state.");
}

/** SECURITY: an error of another store may contain the secret that opens it (client.secrets.test.ts, "store"). */
function fail(error: unknown): never {
  throw isL402Error(error) ? error : unavailable("The client store failed.");
}

const unavailable = (message: string) =>
  new L402Error("STORE_UNAVAILABLE", message, {
    hint: "Check the store. Do not empty it: it may hold an open payment.",
    retryable: false,
  });
