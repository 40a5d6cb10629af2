import { describeUseStore } from "@l402/testing";
import { describe, expect, it } from "vitest";
import { createExampleUseStore } from "../src/index.ts";
import { connect } from "./example-server.ts";

describeUseStore(
  { describe, it },
  {
    name: "Example",
    create: async () => createExampleUseStore({ client: await connect() }),
    createPeer: async () => createExampleUseStore({ client: await connect() }),
    // Give breakBackend too: it stops the server, and returns a function that starts it again.
    time: "real",
  },
);

it("createExampleUseStore refuses a missing client", () => {
  expect(() => createExampleUseStore({} as never)).toThrow("client");
});
