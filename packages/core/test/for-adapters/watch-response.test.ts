import { EventEmitter } from "node:events";
import { expect, it } from "vitest";
import { type NodeResponse, watchResponse } from "../../src/index.ts";

it("a socket that does not show whether the client is there cannot tell that the app hung up first", () => {
  const response = Object.assign(new EventEmitter(), {
    headersSent: false,
    statusCode: 200,
    socket: {},
    getHeader() {},
    setHeader() {},
    writeHead() {},
    destroy: () => response.emit("close"),
  });
  const ends: unknown[] = [];
  watchResponse(response as NodeResponse, (end) => ends.push(end));
  response.destroy();
  expect(ends).toEqual([undefined]);
});
