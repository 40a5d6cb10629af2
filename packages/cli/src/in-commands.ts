import { BUDGET_VARIABLES } from "@l402/config";

/** Names the limits in an error of the client, which knows only its options, by the variables that set them. */
export const limitsInVariables = (message: string, perRequest: string): string =>
  Object.entries(BUDGET_VARIABLES).reduce(
    (text, [variable, limit]) => text.replace(`budget.${limit}`, limit === "perRequestSats" ? perRequest : variable),
    message,
  );

/** Names the command in a hint that says to call `forget`, and the payment, which the error's message names. */
export function forgetInCommands(hint: string, message: string, run: string): string {
  const [paymentHash = "<payment hash>"] = /\b[0-9a-f]{64}\b/.exec(message) ?? [];
  return hint.replace(/(call )?forget\(\{ paymentHash \}\)/, `${run} l402 tokens forget ${paymentHash}`);
}
