import base from "/work/main/vitest.config.ts";
const sdk = "/tmp/albyt/s8/node_modules/@getalby/sdk/dist/esm/nwc.js";
export default { ssr: (base as any).ssr, resolve: { alias: { "@getalby/sdk/nwc": sdk } }, test: { ...(base as any).test, projects: undefined, root: "/work/main/packages/providers/alby" } };
