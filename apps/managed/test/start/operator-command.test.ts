import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { operatorCommand } from "../../src/start/operator-command.ts";

it("a command that the service got, and did not answer, may still be carried out: it does not say that there is no service", async () => {
  let got = "";
  const server = createServer((request) => {
    got = `${request.method} ${request.url}`;
    request.socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const env = {
    MANAGED_ADMIN_KEY: "a key",
    MANAGED_ADMIN_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  };
  const unanswered = await operatorCommand(["wind-down"], env);
  expect(got).toBe("POST /wind-down");
  expect(unanswered).toEqual({ exitCode: 1, text: expect.stringContaining("It may still carry it out") });
  await new Promise((resolve) => server.close(resolve));
  expect((await operatorCommand(["wind-down"], env)).text).toContain("No service answers");
});
