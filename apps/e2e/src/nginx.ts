import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.ts";

interface NginxOptions {
  /** What is in the block `location /`. */
  location: string;
  /** What is in the block `http`; gets nginx's own directory. */
  http?: (directory: string) => string;
}

/** Starts nginx, whose settings are its defaults where the options say nothing else. */
export async function startNginx({ location, http = () => "" }: NginxOptions) {
  const directory = mkdtempSync(join(tmpdir(), "l402-nginx-"));
  const port = await freePort();
  writeFileSync(
    join(directory, "nginx.conf"),
    `${process.getuid?.() === 0 ? "user root;" : ""} daemon off; pid ${directory}/pid; error_log ${directory}/error.log; events {}
     http {
       access_log off; client_body_temp_path ${directory}/body; proxy_temp_path ${directory}/proxy;
       fastcgi_temp_path ${directory}/f; uwsgi_temp_path ${directory}/u; scgi_temp_path ${directory}/s;
       ${http(directory)}
       server { listen 127.0.0.1:${port}; location / { ${location} } }
     }`,
  );
  const nginx = spawn("nginx", ["-p", directory, "-c", "nginx.conf", "-e", `${directory}/error.log`], {
    stdio: "ignore",
  });
  async function close() {
    nginx.kill();
    await once(nginx, "exit");
    rmSync(directory, { recursive: true, force: true });
  }
  const url = `http://127.0.0.1:${port}`;
  for (let attempt = 0; attempt < 100; attempt++) {
    const isUp = await fetch(`${url}/free`).then(
      () => true,
      () => false,
    );
    if (isUp) return { url, close };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await close();
  throw new Error("nginx did not start");
}
