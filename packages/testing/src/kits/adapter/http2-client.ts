import { type ClientHttp2Stream, connect, constants, type IncomingHttpHeaders } from "node:http2";
import { type HttpClient, type Outgoing, readFirstChunk } from "./http-client.ts";

/** A client on one HTTP/2 connection, which stays open when the client leaves a request. */
export function connectHttp2(url: string): HttpClient {
  const session = connect(url).on("error", () => {});
  const open = (path: string, { method = "GET", headers = {} }: Outgoing = {}) => {
    const stream = session.request({ ":path": path, ":method": method, ...headers }, { endStream: true });
    stream.setTimeout(10_000, () => stream.destroy(new Error("The server did not answer within 10 s.")));
    return stream;
  };
  return {
    async send(path, outgoing) {
      const stream = open(path, outgoing);
      const answer = await headOf(stream);
      let body = "";
      for await (const chunk of stream.setEncoding("utf8")) body += chunk;
      const lines = (name: string) => [answer[name.toLowerCase()] ?? []].flat();
      return { status: Number(answer[":status"]), lines, header: (name) => lines(name).join(", "), body };
    },
    async sendForFirstChunk(path, outgoing) {
      const stream = open(path, outgoing).on("error", () => {});
      return readFirstChunk(stream.setEncoding("utf8"), () => stream.close(constants.NGHTTP2_CANCEL));
    },
    sendAndLeave(path, outgoing) {
      const stream = open(path, outgoing).on("error", () => {});
      return () => {
        stream.close(constants.NGHTTP2_CANCEL);
        // Frames come in order: a server that answers this one has seen the end of the stream.
        return new Promise((resolve) => session.ping(() => resolve()));
      };
    },
    close: () => session.destroy(),
  };
}

const headOf = (stream: ClientHttp2Stream) =>
  new Promise<IncomingHttpHeaders>((resolve, reject) => stream.once("response", resolve).once("error", reject));
