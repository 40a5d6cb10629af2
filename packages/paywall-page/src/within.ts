/** Waits for a value, but at most `ms`. After that, resolves with `undefined`. */
export async function within<Value>(ms: number, value: Promise<Value> | Value): Promise<Value | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  try {
    return await Promise.race([value, end]);
  } finally {
    clearTimeout(timer);
  }
}
