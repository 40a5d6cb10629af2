import { describeAdapter } from "@l402/testing";
import { describe, it } from "vitest";
import { serve } from "./serve.ts";

describeAdapter({ describe, it }, { name: "Example", start: serve });
