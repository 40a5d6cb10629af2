import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { brotliCompressSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import type { Io } from "../src/io.ts";
import { readArguments } from "../src/read-arguments.ts";
import { isUsageError, USAGE } from "../src/usage.ts";
import { dir, l402, root } from "./l402-process.ts";
import { openLightningShop } from "./lightning-shop.ts";

/** Says what it was asked. */
const server = createServer(async (request, response) => {
  const { method, url = "", headers } = request;
  if (url === "/hangs") return;
  if (url === "/from") return response.writeHead(302, { location: "/to" }).end();
  if (url === "/late") writeFileSync(`${dir}/late`, "");
  if (url === "/gone" || url === "/late") return response.writeHead(410).end("no longer here");
  if (url === "/removed") rmSync(`${dir}/removed`);
  const bytes = Buffer.concat(await request.toArray());
  if (url === "/bytes") return response.end(bytes);
  const body = bytes.toString();
  const answer = JSON.stringify({ method, url, agent: headers["user-agent"], body });
  response.writeHead(200, { "content-encoding": "br", "x-own": "yes" }).end(brotliCompressSync(answer));
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const run = (args: string) => l402(args.replaceAll("URL", url).split(" "));
const asked = async (args: string) => JSON.parse((await run(args)).stdout);

describe.concurrent("what people type because curl has it", () => {
  it.each(["-sL", "-sSfL --compressed"])("%s follows, decompresses and prints, as it always does", async (flags) => {
    expect(await asked(`fetch ${flags} URL/from`)).toMatchObject({ method: "GET", url: "/to" });
  });

  it("--data-raw sends a @ as it is, --data-binary and -d read files, in the order that was typed", async () => {
    writeFileSync(`${dir}/secret`, "from a file");
    expect(await asked("fetch --data-raw @x URL/")).toMatchObject({ method: "POST", body: "@x" });
    expect(await asked("fetch -d a=1 --data-raw @b -d c URL/")).toMatchObject({ body: "a=1&@b&c" });
    expect(await asked(`fetch --data-raw @${dir}/secret URL/`)).toMatchObject({ body: `@${dir}/secret` });
    expect(await asked(`fetch --data-binary @${dir}/secret URL/`)).toMatchObject({ body: "from a file" });
  });

  it("-d with files, several of them, and -o - are what they are in curl", async () => {
    writeFileSync(`${dir}/lines`, "line1\r\nline2\n\xff\n", "latin1");
    const file = `@${dir}/lines`;
    const bytesOf = async (...data: string[]) => {
      const { json } = await l402(["fetch", "--json", "-o", `${dir}/${data.length}`, ...data, `${url}/bytes`], {
        stdin: "in\n",
      });
      expect(json().status).toBe(200);
      return readFileSync(`${dir}/${data.length}`, "latin1");
    };
    // Printed by curl 7.88.1.
    expect(await bytesOf("-d", file)).toBe("line1line2\xff");
    expect(await bytesOf("-d", "a=1", "-d", file)).toBe("a=1&line1line2\xff");
    expect(await bytesOf("--data-binary", file, "-d", file, "-d", "b")).toBe("line1\r\nline2\n\xff\n&line1line2\xff&b");
    expect(await bytesOf("-d", "@-", "--data-raw", file, "-d", "", "-d", "x")).toBe(`in&${file}&&x`);
    expect((await run("fetch -d @- -d @- URL/")).stderr).toContain("Stdin can be read only once");
    expect((await run(`fetch -d a -d @${dir}/none URL/`)).stderr).toContain(`The file ${dir}/none cannot be read`);

    expect(await asked("fetch -o - -d x URL/")).toMatchObject({ body: "x" });
    expect((await run("fetch --json -o - URL/gone")).json()).toMatchObject({ body: "no longer here" });
    expect(existsSync(`${root}/-`)).toBe(false);
  });

  it("-A names the client, but not over a header that does", async () => {
    expect(await asked("fetch -A mine/1 URL/")).toMatchObject({ agent: "mine/1" });
    expect(await asked("fetch -A mine/1 -H User-Agent:yours URL/")).toMatchObject({ agent: "yours" });
    expect((await l402(["fetch", "-A", "a\nb: c", url])).code).toBe(2);
  });

  it("a header without a value is not sent, but one for Authorization keeps the command from paying", async () => {
    expect(await asked("fetch -H Expect: -H User-Agent: -d x URL/")).toMatchObject({ body: "x", agent: "node" });
    const { request } = await readArguments(["fetch", "-H", "X-Own:", "-H", "Authorization: ", url], { env: {} } as Io);
    expect(request.headers).toEqual([["Authorization", ""]]);
  });

  it("-I asks for the headers and prints them", async () => {
    const { code, stdout } = await run("fetch -sI URL/");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^HTTP 200 OK\n(.+\n)*x-own: yes\n(.+\n)*\n$/);
    expect((await run("fetch -I -d x URL/")).stderr).toContain("A HEAD request cannot send data.");
  });

  it("-f prints no body of an error, and says so by its exit code", async () => {
    const { code, stdout, stderr } = await run("fetch -f URL/gone");
    expect({ code, stdout, stderr }).toEqual({
      code: 7,
      stdout: "",
      stderr: "The server answered with HTTP 410 Gone.\n",
    });
    expect((await run("fetch -fi URL/gone")).stdout).toMatch(/^HTTP 410 Gone\n(.+: .+\n)+\n$/);
    const [saved, fresh] = [`${dir}/saved`, `${dir}/fresh`];
    writeFileSync(saved, "from yesterday");
    for (const to of ["", ` -o ${saved}`, ` -o ${fresh}`]) {
      const { code, json } = await run(`fetch -f --json${to} URL/gone`);
      expect([code, json()]).toEqual([7, { status: 410, headers: expect.any(Object) }]);
    }
    expect(readFileSync(saved, "utf8")).toBe("from yesterday");
    expect(existsSync(fresh)).toBe(false);
  });

  it("-o leaves the answers of other commands for the same file alone, and writes its own in any case", async () => {
    // Another command has made it meanwhile, and waits for its answer.
    expect((await run(`fetch -f -o ${dir}/late URL/late`)).code).toBe(7);
    expect(existsSync(`${dir}/late`)).toBe(true);
    writeFileSync(`${dir}/removed`, "");
    expect((await run(`fetch -o ${dir}/removed URL/removed`)).code).toBe(0);
    expect(readFileSync(`${dir}/removed`, "utf8")).toContain("/removed");
    rmSync(`${dir}/removed`);
    execFileSync("mkfifo", [`${dir}/removed`]);
    const [read] = await Promise.all([readFile(`${dir}/removed`, "utf8"), run(`fetch -o ${dir}/removed URL/removed`)]);
    expect(read).toContain("/removed");
  });

  it("--max-time ends what takes longer", async () => {
    const { code, stderr } = await run("fetch --max-time 0.2 URL/hangs");
    expect(code).toBe(7);
    expect(stderr).toBe(
      "NETWORK The request was not complete in time.\n→ Check the URL and your internet connection. Then run the command again.\nNothing was paid.\n",
    );
    expect((await run("quote -m 0.2 URL/hangs")).code).toBe(7);
    expect((await run("fetch -m 20 URL/to")).code).toBe(0);
    for (const wrong of ["0", "soon", "1e3", "99999999"]) {
      expect((await run(`fetch -m ${wrong} URL/to`)).stderr).toContain("--max-time needs a number of seconds");
    }
  });

  it.each([
    ["-k", "NODE_EXTRA_CA_CERTS="],
    ["-sk", "NODE_EXTRA_CA_CERTS="],
    ["--insecure", "NODE_EXTRA_CA_CERTS="],
    ["-u me:c4n4ry", "needs the Authorization header"],
    ["-ume:c4n4ry", "needs the Authorization header"],
    ["--user=me:c4n4ry", "needs the Authorization header"],
    ["-v", "Use -i to print"],
    ["-O", "-o <file>"],
    ["-F a=b", "-d"],
    ["-b a=b", '-H "Cookie: '],
    ["-G", "into the URL"],
    ["-w %{http_code}", "--json"],
    ["-c jar", "--json"],
    ["--cacert ca.pem", "NODE_EXTRA_CA_CERTS="],
    ["-T file", "-X PUT --data-binary @"],
    ["--data-urlencode a=b", "-d"],
    ["-H Host:other.example", "The host is the one of the URL"],
    ["-H Expect:100-continue", "-H cannot set Expect"],
    ["-d -5", "use '--data=-XYZ' or '-d-XYZ'."],
  ])("%s is refused, with the way that there is", async (flags, way) => {
    const error = await readArguments(["fetch", ...flags.split(" "), url], { env: {} } as Io).catch((reason) => reason);
    expect(isUsageError(error) && error.message).toContain(way);
    expect(error.message).not.toContain("c4n4ry");
  });

  it("--json with data, as newer curls have it, is told from --json", async () => {
    expect((await l402(["fetch", "--json", '{"a":1}', url])).json().error.message).toContain("-d");
  });

  it("are all in the help", () => {
    for (const flag of ["-L", "-S", "--compressed", "--data-raw", "--data-binary", "-A", "-I", "-f", "--max-time"])
      expect(USAGE).toContain(flag);
  });
});

describe("-f", () => {
  it("tells an error that was paid for from one that was not", async () => {
    const shop = await openLightningShop();
    const { code, stdout, stderr } = await l402(["fetch", "-f", `${shop.url}/gone`], { env: shop.env });
    expect({ code, stdout }).toEqual({ code: 6, stdout: "" });
    expect(stderr).toContain("Paid 10 sats");
    const unpaid = await l402(["fetch", "-f", "-H", "Authorization: x", `${shop.url}/weather`], { env: shop.env });
    expect({ code: unpaid.code, stdout: unpaid.stdout }).toEqual({ code: 4, stdout: "" });
  });
});
