// The API reference, from the comments in the sources: one page for each entry point of a package.
import { published } from "../packages.mjs";
import { root } from "../run.mjs";

const ENTRIES = published
  .filter(({ name }) => name !== "cli")
  .flatMap(({ path, manifest }) =>
    Object.entries(manifest.exports).flatMap(([entry, { "@l402/source": source }]) =>
      source ? { title: manifest.name + entry.slice(1), source: `${path}/${source.slice(2)}` } : [],
    ),
  );

export const references = () => ENTRIES.map(({ title }) => ({ title, path: `api/${title}` }));

export async function writeReference() {
  const { Application } = await import(`${root}/website/node_modules/typedoc/dist/index.js`);
  const app = await Application.bootstrapWithPlugins({
    entryPoints: ENTRIES.map(({ source }) => `${root}/${source}`),
    tsconfig: `${root}/tsconfig.json`,
    plugin: [`${root}/website/node_modules/typedoc-plugin-markdown/dist/index.js`],
    readme: "none",
    disableSources: true,
    excludeInternal: true,
    excludeExternals: true,
    skipErrorChecking: true,
    outputFileStrategy: "modules",
    hidePageHeader: true,
    hideBreadcrumbs: true,
    useCodeBlocks: true,
    useHTMLAnchors: true,
    parametersFormat: "table",
    interfacePropertiesFormat: "table",
    typeDeclarationFormat: "table",
    // The types of a package that is not documented here are no reason to stop.
    validation: false,
    logLevel: "Warn",
  });
  const project = await app.convert();
  if (!project) throw new Error("The API reference could not be written.");
  // TypeDoc names a module after its file, below the folder that all have in common.
  for (const module of project.children) {
    const entry = ENTRIES.find(({ source }) => source.replace(/(\/index)?\.ts$/, "").endsWith(`/${module.name}`));
    if (entry) module.name = entry.title;
  }
  await app.outputs.writeOutput({ name: "markdown", path: `${root}/website/pages/api` }, project);
}
