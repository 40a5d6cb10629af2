// The pages of the documentation site. Most of them are documents that are read on their own, too: they stay where they
// belong, and are copied from there.
import { packages } from "../packages.mjs";

const page = (title, path, source) => ({ title, path, source });
const guide = (title, name) => page(title, `guide/${name}`, `docs/guide/${name}.md`);

const packagesIn = (group, section, except = []) =>
  packages
    .filter(({ path, name }) => path.startsWith(`packages/${group}/`) && !except.includes(name))
    .map(({ name, path }) => page(`@l402/${name}`, `${section}/${name}`, `${path}/README.md`));

export const SECTIONS = [
  {
    title: "Start",
    pages: [
      page("What it is", "start/overview", "README.md"),
      guide("The first ten minutes", "first-ten-minutes"),
      guide("Sell", "sell"),
      guide("Buy", "buy"),
      guide("For agents", "agents"),
      page("The l402 command", "start/cli", "packages/cli/README.md"),
    ],
  },
  {
    title: "Frameworks",
    pages: [
      page("What all of them do", "frameworks/overview", "packages/adapters/README.md"),
      ...packagesIn("adapters", "frameworks"),
    ],
  },
  {
    title: "Backends",
    pages: [guide("Choose a backend", "backends"), ...packagesIn("providers", "backends")],
  },
  {
    title: "Guides",
    pages: [
      guide("Stores and many servers", "scaling"),
      ...packagesIn("stores", "stores"),
      guide("Passes and N-use tokens", "passes"),
      guide("Delegation", "delegation"),
      page("The page people see", "guide/page", "packages/paywall-page/README.md"),
      guide("Test your app", "testing"),
      guide("Production checklist", "production"),
      page("Run the managed service", "guide/managed", "apps/managed/README.md"),
      guide("From l402-kit", "from-l402-kit"),
      guide("From l402-js", "from-l402-js"),
      guide("Questions", "questions"),
    ],
  },
  {
    title: "Reference",
    pages: [
      page("All documents, and their words", "guide/overview", "docs/guide/README.md"),
      guide("Protocol and interop", "protocol"),
      page("Errors", "reference/errors", "docs/errors.md"),
      page("Security", "reference/security", "SECURITY.md"),
      page("Performance", "reference/performance", "docs/performance.md"),
      page("Under load", "reference/load-test", "docs/load-test.md"),
      page("Architecture", "reference/architecture", "ARCHITECTURE.md"),
      page("Contributing", "reference/contributing", "CONTRIBUTING.md"),
    ],
  },
];
