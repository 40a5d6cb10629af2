// Follows the README to the letter, in a new clone, and says how long it took: npm run test:newcomer
//   --write   puts what was seen into docs/guide/first-ten-minutes.md
import { spawn } from "node:child_process";
import { once as event } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { codeBlocks } from "./docs/markdown.mjs";
import { openRegistryWithoutUs } from "./registry-without-us.mjs";
import { fail, root } from "./run.mjs";

const directory = mkdtempSync(`${tmpdir()}/l402-newcomer-`);
const running = [];
process.on("exit", () => {
  for (const child of running) stop(child);
  rmSync(directory, { recursive: true, force: true });
});

const transcript = [];
const clone = `${directory}/l402`;
const commandsSoFar = () => transcript.filter((line) => line.startsWith("$ ")).length;

await timed("git clone … l402 && cd l402", () => once(["git", "clone", "--quiet", root, clone], directory, /^/));
const readme = readFileSync(`${clone}/README.md`, "utf8");
const has = (command) => readme.includes(`\n    ${command}\n`) || fail(`The README does not say "${command}".`);

has("npm run demo");
const demo = await timed("npm run demo", () => until(["npm", "run", "demo"], / {3}⚡ paid 10 sats[\s\S]*?200 [^\n]*/));
stop(demo);
const commandsToPay = commandsSoFar();

const shopLines = save("shop.mjs");
has("npm run example shop.mjs");
has("curl -i http://localhost:3000/weather");
const shop = await timed("npm run example shop.mjs", () => until(["npm", "run", "example", "shop.mjs"], isListening));
await timed("curl -i http://localhost:3000/weather", () =>
  once(["curl", "-si", "http://localhost:3000/weather"], clone, /^HTTP\/1.1 402[^\r\n]*/),
);
await compareAnswer();
stop(shop);
// The clone, the shop and the question; the demo between them is not needed for it.
const commandsToSell = commandsSoFar() - 1;

const buyLines = save("buy.mjs");
has("npm run example buy.mjs");
await timed("npm run example buy.mjs", () =>
  once(["npm", "run", "-s", "example", "buy.mjs"], clone, /^200 .*10000 msat/m),
);

await useInProject();

if (commandsToPay > 2) fail(`${commandsToPay} commands to a paid request; 2 are promised.`);
if (commandsToSell > 3) fail(`${commandsToSell} commands to an endpoint that asks for payment; 3 are promised.`);
if (shopLines > 10 || buyLines > 10) fail(`shop.mjs has ${shopLines} lines and buy.mjs ${buyLines}; 10 are promised.`);
const summary = `${commandsToPay} commands to a paid request, ${commandsToSell} to an endpoint of ${shopLines} lines that asks for payment.`;
console.log(summary);
if (process.argv.includes("--write")) write(summary);

/** Packs for a project outside of the clone, and installs it there as a deploy does. */
async function useInProject() {
  const lines = /\n {4}(npm run pack -- \.\.\/([\w-]+)\/l402 .*)[\s\S]*?\n {4}(npm install \.\/l402\/\*\.tgz .*)\n/;
  const [, pack, name, install] = lines.exec(readme) ?? fail("The README does not say how to pack and install.");
  const project = `${directory}/${name}`;
  mkdirSync(project);
  const registry = await openRegistryWithoutUs();
  const settings = { registry: registry.url, loglevel: "notice", audit: "false", fund: "false" };
  const env = Object.fromEntries(Object.entries(settings).map(([name, value]) => [`npm_config_${name}`, value]));
  await timed(pack, () => once(pack.split(" "), clone, /^Building .*/m));
  await timed(`cd ../${name} && ${install}`, () => once(["sh", "-c", install], project, /added \d+ packages/, env));
  for (const file of ["shop.mjs", "buy.mjs"]) copyFileSync(`${clone}/${file}`, `${project}/${file}`);

  registry.takeAsked();
  const deploy = "rm -rf node_modules && npm ci";
  await timed(deploy, () => once(["sh", "-c", deploy], project, /added \d+ packages/, env));
  const asked = registry.takeAsked();
  if (asked.length > 0) fail(`npm ci asked the registry for ${asked.join(", ")}, where anybody may hold these names.`);
  registry.close();
  await timed("node buy.mjs", () => once(["node", "buy.mjs"], project, /^200 .*10000 msat/m));
}

/** The README shows an answer, shortened: fields are left out, and texts end with "…". */
async function compareAnswer() {
  const [, text] = /```http\n[^{]*(\{.*\})\n```/.exec(readme) ?? fail("The README shows no answer.");
  const answer = await (await fetch("http://localhost:3000/weather")).json();
  const isShown = (part, whole) =>
    typeof part === "object"
      ? Object.entries(part).every(([name, value]) => isShown(value, whole?.[name]))
      : String(whole).startsWith(String(part).replace("…", ""));
  if (!isShown(JSON.parse(text), answer)) fail(`The README shows ${text} for ${JSON.stringify(answer)}.`);
}

/** Saves the block of the README that shows a file, and answers how many lines of code it has. */
function save(name) {
  const block = codeBlocks(readme).find(({ kind, source }) => kind === "file" && source.endsWith(`/${name}`));
  writeFileSync(`${clone}/${name}`, block.code);
  return block.code.split("\n").filter((line) => line.trim() !== "" && !line.trim().startsWith("//")).length;
}

async function timed(command, work) {
  const started = performance.now();
  const { seen, child } = await work();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  transcript.push(
    `$ ${command}`,
    ...seen
      .split("\n")
      .filter(Boolean)
      .map((line) => `  ${line.trimEnd()}`),
    `  # ${seconds} s`,
  );
  console.log(transcript.slice(transcript.lastIndexOf(`$ ${command}`)).join("\n"));
  return child;
}

/** Runs a command to its end, and answers what it should have said. */
async function once([command, ...args], cwd, pattern, env = {}) {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) child[name].on("data", (chunk) => (output[name] += chunk));
  await event(child, "close");
  const seen = pattern.exec(output.stdout);
  if (!seen || child.exitCode !== 0)
    fail(`${command} ${args.join(" ")} did not say ${pattern}:\n${output.stdout}${output.stderr}`);
  return { seen: seen[0] };
}

/** Starts a command, and waits until it has said or done something. */
async function until([command, ...args], sign) {
  const child = spawn(command, args, { cwd: clone, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  running.push(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  for (let waited = 0; waited < 120_000; waited += 100) {
    const seen = typeof sign === "function" ? await sign() : sign.exec(output)?.[0];
    if (seen !== undefined) return { seen, child };
    if (child.exitCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return fail(`${command} ${args.join(" ")} did not come to its point:\n${output}`);
}

function isListening() {
  return fetch("http://localhost:3000/").then(
    () => "",
    () => undefined,
  );
}

/** With what it started itself. */
function stop(child) {
  try {
    process.kill(-child.pid, "SIGTERM");
  } catch {
    // It has ended.
  }
}

function write(summary) {
  const text = [
    "# The first ten minutes",
    "",
    "What a newcomer types and sees, in an empty folder, with Node and npm. A script follows the README to the letter:",
    "`npm run test:newcomer -- --write` wrote this page. Times are of one run.",
    "",
    "```",
    ...transcript,
    "```",
    "",
    summary,
    "",
  ];
  writeFileSync(`${root}/docs/guide/first-ten-minutes.md`, text.join("\n"));
}
