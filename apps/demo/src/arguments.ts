import { parseArgs } from "node:util";

/** What the demo was asked to do. */
interface DemoArguments {
  /** Do the tour and end. */
  once: boolean;
  /** Print steps as JSON, one a line. */
  json: boolean;
  port: number;
  /** A backend to use in place of the regtest: its name, or a module. */
  provider: string | undefined;
}

const USAGE = `Usage: npm run demo [-- options]

  --once         do the tour and end; without it, the demo goes on with a web page
  --json         print every step as a line of JSON
  --provider <name or file>
                 use your own backend, with the money of its network: a name such as lnd,
                 with the variables of @l402/config, L402_WALLET for the buyer among them,
                 as no node pays itself; or a module, such as ./mine.mjs, that exports
                 provider, wallet and network
  --port <n>     where the web page is; 4020 if that is free
  --help         show this`;

/** Reads the command line. Answers a text to show instead, and the exit code for it, when there is nothing to do. */
export function readArguments(args: readonly string[]): DemoArguments | { text: string; exitCode: number } {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        once: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        port: { type: "string", default: "4020" },
        provider: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) return { text: USAGE, exitCode: 0 };
    const port = Number(values.port);
    if (!/^\d+$/.test(values.port) || port > 65_535) throw new Error(`--port ${values.port} is not a port.`);
    return { once: values.once, json: values.json, port, provider: values.provider };
  } catch (error) {
    const [reason] = (error as Error).message.split("\n");
    return { text: `${reason}\n\n${USAGE}`, exitCode: 2 };
  }
}
