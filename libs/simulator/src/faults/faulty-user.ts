/** Somebody outside whose process and connections fail. */
export interface FaultyUser {
  /** Null between two sessions. */
  readonly client: FaultyClient | null;
}

export interface FaultyClient {
  /** Its connections break; it does not know why. */
  cut(): void;
  /** Stands still: nothing is sent, nothing is heard. */
  pause(durationMs: number): void;
}
