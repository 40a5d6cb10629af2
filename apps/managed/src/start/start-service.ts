import { randomBytes } from "node:crypto";
import { providerFrom, walletFrom } from "@l402/config";
import { createAdmin } from "../admin/create-admin.ts";
import { createService } from "../create-service.ts";
import { claimNetwork } from "../database/claim-network.ts";
import { openDatabase } from "../database/open-database.ts";
import { createApi } from "../http/create-api.ts";
import { listen } from "../http/listen.ts";
import { createRequestMetrics } from "../http/request-metrics.ts";
import type { Environment, StartSettings } from "./read-environment.ts";
import { type RegtestLightning, startRegtestLightning } from "./regtest-lightning.ts";

export interface Running {
  url: string;
  adminUrl: string;
  adminKey: string;
  databaseName: string;
  payoutThresholdSats: number;
  close(): Promise<void>;
}

/** On regtest nobody wants to wait. */
const IMPATIENT = { payoutThresholdMsat: 100_000, payoutIntervalSeconds: 5, balanceRootSeconds: 10 };

/** Opens everything, and serves. */
export async function startService(settings: StartSettings, env: Environment): Promise<Running> {
  const { host, port, adminHost, adminPort, network, isRegtest, limits, trustProxy } = settings;
  const adminKey = settings.adminKey ?? randomBytes(24).toString("hex");
  const regtest: RegtestLightning | undefined = isRegtest ? await startRegtestLightning() : undefined;
  const lightning = regtest ?? { provider: await providerFrom(env), wallet: await walletFrom(env) };
  const database = await openDatabase(settings.database);
  await claimNetwork(database, network);
  const { provider, wallet } = lightning;
  const service = createService({
    ...{ database, provider, wallet, network },
    ...(regtest && {
      ...IMPATIENT,
      allowPrivateHosts: true,
      nodeId: regtest.nodeId,
      nodeBalanceMsat: regtest.nodeBalanceMsat,
    }),
    ...limits,
    onAlarm: (text) => console.error(`! ${text}`),
  });

  if (settings.payoutsPaused)
    await service.switches.turnOn("payouts_paused", "The service was started with payouts paused.");

  const metrics = createRequestMetrics();
  const onError = (error: Error) => console.error(`! ${error.stack ?? error.message}`);
  const api = createApi(service, { trustProxy, onError }, metrics);
  if (regtest) api.route("/", regtest.neighbours(service.settlement.hint));
  const open = await listen(api.fetch, host, port);
  const admin = await listen(createAdmin(service, { adminKey, metrics, onError }).fetch, adminHost, adminPort);
  const stop = service.start();
  return {
    url: open.url,
    adminUrl: admin.url,
    adminKey,
    databaseName: database.name,
    payoutThresholdSats: service.settings.payoutThresholdMsat / 1_000,
    async close() {
      await Promise.all([open.close(), admin.close()]);
      await stop();
      regtest?.close();
      await database.close();
    },
  };
}
