import type { SessionTouch, Zxid } from '@paddock/model';
import type { ClientSession } from './client-session.ts';
import type { SessionFrontendEffects } from './frontend-effects.ts';
import type { ProcessorLink } from './processor-link.ts';

/** Rounds that may be on their way; the processor's link keeps their order, so more of them tell nothing new. */
const ROUNDS_IN_FLIGHT_MAX = 4;

interface TouchRound {
  readonly round: number;
  readonly sessions: readonly ClientSession[];
  /** The newest heartbeat of each session when the round left. */
  readonly heartbeats: readonly number[];
}

/** Signs of life on their way to the leader's processor, which alone can acknowledge them (H17). */
export class TouchRounds {
  #next = 1;
  #inFlight: TouchRound[] = [];
  /** Monotonic ms before which nobody could have acknowledged. */
  #graceMs = 0;

  /** One round of all sessions that showed life, cut into messages of at most `sessionsMax`. */
  send(
    sessions: Iterable<ClientSession>,
    nowMs: number,
    sessionsMax: number,
    processor: ProcessorLink,
    out: SessionFrontendEffects,
  ): void {
    const canSend = processor.isReady && this.#inFlight.length < ROUNDS_IN_FLIGHT_MAX;
    let gathered: ClientSession[] = [];
    for (const session of sessions) {
      if (!isTouched(session)) continue;
      // The client cannot be heard while its socket is not read: the front-end speaks for it (H16 c).
      if (session.isOwn || session.pausedHere || session.pausedByDriver) session.alive = true;
      // Nor while it waits for its first answer, which may take longer than its timeout where the log is slow.
      if (session.phase !== 'live') session.alive = true;
      if (!session.alive) continue;
      if (session.touchSinceMs === 0) session.touchSinceMs = nowMs;
      if (!canSend) continue;
      session.alive = false;
      gathered.push(session);
      if (gathered.length === sessionsMax) {
        this.#sendRound(gathered, processor, out);
        gathered = [];
      }
    }
    if (gathered.length > 0) this.#sendRound(gathered, processor, out);
  }

  /** Tells each client that is concerned how far its heartbeats are acknowledged. */
  acknowledged(round: number, applied: Zxid, out: SessionFrontendEffects): void {
    let count = 0;
    for (const sent of this.#inFlight) {
      if (sent.round > round) break;
      count++;
      acknowledge(sent, applied, out);
    }
    this.#inFlight.splice(0, count);
  }

  /** What was on its way to a processor that is gone: these sessions are touched again. */
  lost(): void {
    for (const sent of this.#inFlight) {
      for (const session of sent.sessions) session.alive = true;
    }
    this.#inFlight = [];
  }

  /** From here on a processor has its time to acknowledge: a term began, or this front-end itself stood still. */
  graceFrom(nowMs: number): void {
    this.#graceMs = nowMs;
  }

  /** True where a sign of life has been unacknowledged for longer than a third of the session's timeout (H17 a). */
  isOverdue(session: ClientSession, nowMs: number): boolean {
    if (session.touchSinceMs === 0) return false;
    return nowMs - Math.max(session.touchSinceMs, this.#graceMs) > session.timeoutMs / 3;
  }

  #sendRound(
    sessions: ClientSession[],
    processor: ProcessorLink,
    out: SessionFrontendEffects,
  ): void {
    const round = this.#next++;
    const touches: SessionTouch[] = [];
    const heartbeats: number[] = [];
    for (const session of sessions) {
      touches.push({ session: session.session, attachment: session.attachment });
      heartbeats.push(session.heartbeat);
    }
    this.#inFlight.push({ round, sessions, heartbeats });
    processor.send({ kind: 'touch', round, touches }, out);
  }
}

/**
 * The attachment of an opening or a resume under way was sent before the touch that names it: the touch counts from the
 * assignment on, and gives an attachment that was refused or replaced no power (H3).
 */
function isTouched({ phase, scope }: ClientSession): boolean {
  if (scope === 'local') return false;
  return phase === 'live' || phase === 'opening' || phase === 'resuming' || phase === 'attaching';
}

function acknowledge(sent: TouchRound, applied: Zxid, out: SessionFrontendEffects): void {
  const { sessions, heartbeats } = sent;
  for (let i = 0; i < sessions.length; i++) {
    const session = sessions[i];
    const heartbeat = heartbeats[i];
    if (session === undefined || heartbeat === undefined || session.phase === 'ended') continue;
    session.touchSinceMs = 0;
    if (heartbeat <= session.heartbeatAcknowledged) continue;
    session.heartbeatAcknowledged = heartbeat;
    const covered = session.covered(applied);
    out.clients.push(session.link, { kind: 'heartbeat', acknowledged: heartbeat, covered });
  }
}
