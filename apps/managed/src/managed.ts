import { explainFailure } from "./start/explain-failure.ts";
import { operatorCommand } from "./start/operator-command.ts";
import { readEnvironment } from "./start/read-environment.ts";
import { startService } from "./start/start-service.ts";
import { welcome } from "./start/welcome.ts";

const args = process.argv.slice(2);
if (args.length > 0) {
  const { text, exitCode } = await operatorCommand(args, process.env);
  console[exitCode ? "error" : "log"](text);
  process.exit(exitCode);
}

try {
  const settings = readEnvironment(process.env);
  const running = await startService(settings, process.env);
  console.log(welcome(settings, running));
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      running.close().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    });
  }
} catch (error) {
  console.error(explainFailure(error));
  process.exit(1);
}
