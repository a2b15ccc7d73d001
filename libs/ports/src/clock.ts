/** The only sources of time. Sessions and timeouts use the monotonic one; the other only dates transactions. */
export interface Clock {
  /** Milliseconds since an arbitrary start; never goes back. */
  monotonicMs(): number;
  /** Milliseconds since 1970; may jump. */
  wallMs(): number;
}
