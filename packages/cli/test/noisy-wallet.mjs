// The wallet of the tests, with a library that writes wherever it can, and what nobody should read.
import { wallet as quiet } from "./remote-wallet.mjs";

const CANARY = "c4n4ry5ec2e7";

function say() {
  process.stdout.write(`${CANARY}\n`);
  console.log(CANARY);
  console.error(CANARY);
}

say();
export const wallet = {
  ...quiet,
  feeReserveMsat() {
    if (process.env.TEST_FAULT === "bug") throw new Error(CANARY);
    return Number(process.env.TEST_RESERVE_MSAT ?? 0);
  },
  async payInvoice(input) {
    say();
    if (process.env.TEST_FAULT === "mute") {
      const paid = await quiet.payInvoice(input);
      return { ...paid, preimage: "0".repeat(64) };
    }
    if (process.env.TEST_FAULT === "throws") throw new Error(CANARY);
    return quiet.payInvoice(input);
  },
};
