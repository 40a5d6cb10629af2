import { type Answer, readFields } from "@l402/backend";

interface RpcError {
  code: number;
  message: string;
}

/** Core Lightning's own error; `undefined` for an answer of a proxy. */
export function rpcErrorIn(answer: Answer): RpcError | undefined {
  const { find } = readFields("CLN", answer);
  // Up to 24.11, the clnrest in Python wraps the error in another object.
  for (const at of ["", "error."]) {
    const code = find(`${at}code`);
    if (Number.isInteger(code)) return { code: code as number, message: String(find(`${at}message`)) };
  }
  return undefined;
}
