import { fakeLightning } from "@l402/testing";

export const { provider, wallet } = fakeLightning();
