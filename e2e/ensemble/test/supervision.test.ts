import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@paddock/client';
import { STAGE_NAMES } from '@paddock/node-runtime';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { listing } from '../src/directory-listing.ts';
import { Ensemble, TOPOLOGIES } from '../src/ensemble.ts';
import { eventually } from '../src/eventually.ts';
import { isRunning } from '../src/processes.ts';

const healthSchema = z.object({ serving: z.boolean(), waitingFor: z.array(z.string()) });
const listeningSchema = z.looseObject({ msg: z.literal('listening'), admin: z.string() });

async function health(admin: string): Promise<{ code: number; waitingFor: readonly string[] }> {
  const response = await fetch(`http://${admin}/health`);
  const { waitingFor } = healthSchema.parse(await response.json());
  return { code: response.status, waitingFor };
}

/** Where each stage of a split ensemble answers for itself, as its log says. */
function stageAdmins(ensemble: Ensemble): readonly string[] {
  return ensemble.log
    .join('')
    .split('\n')
    .filter((line) => line.includes('"msg":"listening"'))
    .map((line) => listeningSchema.parse(JSON.parse(line)).admin);
}

async function untilGone(pids: readonly number[]): Promise<void> {
  await eventually('every process is gone', () => {
    const left = pids.filter(isRunning);
    if (left.length > 0) throw new Error(`${left.join()} still run`);
  });
}

describe.each(TOPOLOGIES)('paddock serve, %s,', (topology) => {
  it('ends with 0 at Ctrl-C, and leaves neither process nor lock', async () => {
    const data = mkdtempSync(join(tmpdir(), 'paddock-e2e-'));
    const ensemble = await Ensemble.start({ topology, data });
    expect(ensemble.pids).toHaveLength(topology === 'split' ? 4 : 1);
    const client = await connect({ servers: ensemble.address });
    await client.create('/here');
    expect(await ensemble.stopAndKeep('SIGINT')).toBe(0);
    expect(ensemble.pids.filter(isRunning)).toEqual([]);
    expect(listing(data).filter((line) => line.includes('lock'))).toEqual([]);
    client.abandon('its service has stopped');
    rmSync(data, { recursive: true, force: true });
  });

  it('takes its processes along when it is killed, and serves the same data again', async () => {
    const data = mkdtempSync(join(tmpdir(), 'paddock-e2e-'));
    const first = await Ensemble.start({ topology, data });
    await first.stopAndKeep('SIGKILL');
    await untilGone(first.pids);
    const second = await Ensemble.start({ topology, data });
    expect(await second.stop()).toBe(0);
    rmSync(data, { recursive: true, force: true });
  });
});

describe('paddock serve, split,', () => {
  it('starts a process that dies again, each time later, and says so', async () => {
    const ensemble = await Ensemble.start({ topology: 'split' });
    const pids = [];
    for (let time = 0; time < 3; time++) {
      pids.push(await ensemble.stagePid('request-processor'));
      await ensemble.killStage('request-processor');
      await eventually('the new process listens', () => {
        if (ensemble.events('servesAgain').length <= time) throw new Error('not yet');
      });
    }
    const name = 'replica 1 request-processor';
    const died = ensemble.events('died');
    for (const event of died) expect(event).toMatchObject({ name, description: 'SIGKILL' });
    const delays = died.map((event) => Number(event['restartInMs']));
    expect(delays).toHaveLength(3);
    expect(delays[0]).toBe(100);
    // A process that has lived long starts anew without waiting; on any machine these have not.
    expect(Math.max(...delays)).toBeGreaterThan(100);
    const again = ensemble.events('servesAgain');
    for (const event of again) expect(event['name']).toBe(name);
    expect(again[2]?.['pid']).toBe(await ensemble.stagePid('request-processor'));
    expect(new Set([...pids, again[2]?.['pid']]).size).toBe(4);
    await ensemble.untilServing();
    const restarts = (await ensemble.status()).replicas[0]?.stages;
    expect(restarts?.['request-processor']?.restarts).toBe(3);
    expect(restarts?.['session-frontend']?.restarts).toBe(0);
    expect(await ensemble.stop()).toBe(0);
  });

  it("leaves a process that died alone with --no-restart; everyone's health names it", async () => {
    const ensemble = await Ensemble.start({ topology: 'split', args: ['--no-restart'] });
    const admins = stageAdmins(ensemble);
    expect(admins).toHaveLength(STAGE_NAMES.length);
    for (const admin of [ensemble.admin, ...admins]) {
      expect(await health(admin)).toEqual({ code: 200, waitingFor: [] });
    }
    process.kill(await ensemble.stagePid('replicated-database'), 'SIGKILL');
    await eventually('the death is told', () => {
      expect(ensemble.events('died')).toMatchObject([
        { name: 'replica 1 replicated-database', description: 'SIGKILL', restartInMs: null },
      ]);
    });
    const [broadcaster, , processor, frontend] = admins;
    for (const admin of [ensemble.admin, broadcaster, processor, frontend]) {
      await eventually(`${admin ?? ''} names the database`, async () => {
        const { code, waitingFor } = await health(admin ?? '');
        expect(code).toBe(503);
        expect(waitingFor.join()).toContain('replicated-database');
      });
    }
    expect(ensemble.events('servesAgain')).toEqual([]);
    expect(await ensemble.stop()).toBe(0);
  });
});
