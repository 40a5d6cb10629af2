export { createLightningCharge, type LightningChargeOptions } from "./create-lightning-charge.ts";
