// Starts a case of server.mjs and speaks with it.
import { fork } from "node:child_process";
import { once } from "node:events";

const running = new Set();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export async function startServer(file, framework, variant) {
  const child = fork(file, [framework, variant], { execArgv: ["--expose-gc"], stdio: "inherit" });
  running.add(child);
  const [{ port, headers }] = await Promise.race([
    once(child, "message"),
    once(child, "exit").then(() => Promise.reject(new Error(`The server ${framework} ${variant} does not start.`))),
  ]);
  return {
    name: `${framework} ${variant}`,
    port,
    headers,
    async usage(collect = false) {
      child.send({ collect });
      return (await once(child, "message"))[0];
    },
    end() {
      running.delete(child);
      child.kill("SIGKILL");
    },
  };
}
