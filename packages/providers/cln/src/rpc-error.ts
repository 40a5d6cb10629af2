import { type Answer, readFields } from "@l402/backend";

export interface RpcError {
  code: number;
  message: string;
}

/** Core Lightning's own error; nothing for an answer of somebody in between. */
export function rpcErrorIn(answer: Answer): RpcError | undefined {
  const { find } = readFields("CLN", answer);
  // Wrapped by the clnrest in Python, up to 24.11.
  for (const at of ["", "error."]) {
    const code = find(`${at}code`);
    if (Number.isInteger(code)) return { code: code as number, message: String(find(`${at}message`)) };
  }
  return undefined;
}
