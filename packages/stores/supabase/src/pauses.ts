/** Pauses that can be cut short. */
interface Pauses {
  pause(milliseconds: number): Promise<void>;
  /** Ends all running pauses now. */
  end(): void;
}

export function createPauses(): Pauses {
  const running = new Set<() => void>();
  return {
    pause: (milliseconds) =>
      new Promise((resolve) => {
        const end = () => {
          clearTimeout(timer);
          running.delete(end);
          resolve();
        };
        const timer = setTimeout(end, milliseconds);
        running.add(end);
      }),
    end() {
      for (const end of running) end();
    },
  };
}
