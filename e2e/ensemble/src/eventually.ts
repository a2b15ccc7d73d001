const PAUSE_MS = 25;
const PATIENCE_MS = 60_000;

/** Tries until it does not throw; a busy machine may need many times what a quiet one does. */
export async function eventually<T>(
  what: string,
  attempt: () => Promise<T> | T,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > deadline) {
        throw new Error(`not within ${patienceMs} ms: ${what}`, { cause: error });
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
