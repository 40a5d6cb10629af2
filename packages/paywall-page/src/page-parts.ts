import type { PageEngine } from "@l402/core";
import type { PageSettings } from "./options.ts";
import type { Proofs } from "./proof.ts";
import type { Seals } from "./seal.ts";
import type { createStatusBook } from "./status-book.ts";

/** The parts that all functions of one paywall's page share. */
export interface PageParts {
  engine: PageEngine;
  settings: PageSettings;
  seals: Seals;
  proofs: Proofs;
  statusOf: ReturnType<typeof createStatusBook>;
}
