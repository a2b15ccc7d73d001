import { describe, expect, it } from 'vitest';
import { startAdminServer } from '../src/admin-server.ts';

describe('the admin server', () => {
  it('answers health with 200 when serving and 503 with what is missing when not', async () => {
    let waitingFor: string[] = ['zab-broadcaster at 127.0.0.1:2391'];
    const admin = await startAdminServer('127.0.0.1:0', {
      health: () => ({ serving: waitingFor.length === 0, waitingFor }),
      status: () => ({ replica: 1 }),
    });
    const missing = await fetch(`http://${admin.address}/health`);
    expect(missing.status).toBe(503);
    expect(await missing.json()).toEqual({ serving: false, waitingFor });
    waitingFor = [];
    expect((await fetch(`http://${admin.address}/health`)).status).toBe(200);
    expect(await (await fetch(`http://${admin.address}/status`)).json()).toEqual({ replica: 1 });
    expect((await fetch(`http://${admin.address}/nothing`)).status).toBe(404);
    expect((await fetch(`http://${admin.address}/health`, { method: 'POST' })).status).toBe(405);
    admin.close();
  });

  it('says in one line that its port is in use', async () => {
    const handlers = { health: () => ({ serving: true, waitingFor: [] }), status: () => ({}) };
    const first = await startAdminServer('127.0.0.1:0', handlers);
    await expect(startAdminServer(first.address, handlers)).rejects.toThrow(
      `${first.address} is in use by another program`,
    );
    first.close();
  });
});
