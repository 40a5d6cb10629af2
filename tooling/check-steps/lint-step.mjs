import { runTool } from "../check-tools.mjs";

runTool("biome", ["check", "--error-on-warnings", "."], {
  quiet: true,
  advice: "Most of it mends itself: npm run format",
});
