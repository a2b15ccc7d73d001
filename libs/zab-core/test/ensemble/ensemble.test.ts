import { formatZxid } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { SimulatedEnsemble } from './simulated-ensemble.ts';

const SECONDS = 1000;

/** Everybody applies the same, as far as the leader has come. */
function untilEqual(ensemble: SimulatedEnsemble, withinMs = 30 * SECONDS): void {
  const isEqual = (): boolean => {
    const { leader } = ensemble;
    if (leader === undefined || ensemble.running.length < ensemble.replicas.length) return false;
    const { committed, lastProposed, term } = leader.core.status();
    return (
      term > 0 &&
      committed === lastProposed &&
      ensemble.running.every((it) => it.lastApplied === committed)
    );
  };
  if (!ensemble.time.run(ensemble.time.nowMs + withinMs, isEqual)) {
    const states = ensemble.running.map((it) => {
      const { role, phase, epoch, lastProposed, committed, mayNotStand } = it.core.status();
      const databases = it.core.status().databases.map((each) => each.state);
      return (
        `${it.replica}: ${role} ${phase} ${epoch} ${formatZxid(lastProposed)} ` +
        `${formatZxid(committed)} ${formatZxid(it.lastApplied)} ${databases.join()} ${mayNotStand ?? ''}`
      );
    });
    ensemble.violated(`not equal in time: ${states.join('; ')}`);
  }
}

describe('an ensemble of broadcasters', () => {
  it('founds itself, elects a leader and replicates', () => {
    const ensemble = new SimulatedEnsemble(1, { voters: 3 });
    if (process.env['TRACE'] !== undefined) ensemble.print = (line) => console.log(line);
    ensemble.startAll();
    untilEqual(ensemble);
    ensemble.leader?.propose(100);
    ensemble.time.run(ensemble.time.nowMs + 100);
    untilEqual(ensemble);
    expect(ensemble.violations).toEqual([]);
    expect(ensemble.history.size).toBeGreaterThan(100);
  });
});
