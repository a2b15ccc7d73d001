import { decodeText, step } from '@paddock/client';
import { queue } from '@paddock/recipes';
import type { Job } from '@paddock/recipes';
import { describe, expect, it } from 'vitest';
import { failure } from './failure.ts';
import { QuietEnsemble } from './quiet-ensemble.ts';

const PATH = '/mail';

function textsOf(jobs: readonly Job[]): readonly string[] {
  return jobs.map(({ data }) => decodeText(data));
}

describe('a queue', () => {
  it('has its jobs taken by priority, and then in the order in which they were put', async () => {
    const ensemble = await QuietEnsemble.start();
    const mail = queue(ensemble.application().client, PATH);
    await ensemble.until(mail.put('b'));
    await ensemble.until(mail.put('c'));
    await ensemble.until(mail.put('a', { priority: 1 }));
    await ensemble.until(mail.put('d', { priority: 999 }));
    const taken: string[] = [];
    const consuming = (async () => {
      for await (const job of mail) {
        taken.push(decodeText(job.data));
        await job.ack();
        if (taken.length === 4) return;
      }
    })();
    await ensemble.until(consuming);
    expect(taken).toEqual(['a', 'b', 'c', 'd']);
    expect(await ensemble.until(mail.size())).toBe(0);
  });

  it('wakes one of a hundred consumers where a job is put, the one who has waited longest', async () => {
    const ensemble = await QuietEnsemble.start();
    const [producer, ...consumers] = ensemble.applications(101);
    if (producer === undefined) throw new Error();
    const mail = queue(producer.client, PATH);
    await ensemble.until(mail.put('first'));
    await ensemble.until((await ensemble.until(mail.take())).ack());
    const served: string[] = [];
    for (const application of consumers) {
      void queue(application.client, PATH)
        .take()
        .then(() => served.push(application.name));
      await ensemble.pass(20);
    }
    await ensemble.pass(2000);
    const before = ensemble.eventsTold;
    await ensemble.until(mail.put('second'));
    await ensemble.pass(2000);
    expect(served).toEqual(['application 2']);
    // The job and its lease, to the first in line; its place, to the next one, and what that one looks at.
    expect(ensemble.eventsTold - before).toBeLessThanOrEqual(6);
  });

  it('delivers a job again whose consumer has died, and to nobody before', async () => {
    const ensemble = await QuietEnsemble.start();
    const [first, second] = ensemble.applications(2);
    if (first === undefined || second === undefined) throw new Error();
    await ensemble.until(queue(first.client, PATH).put('once'));
    const job = await ensemble.until(queue(first.client, PATH).take());
    const next = queue(second.client, PATH).take();
    await ensemble.pass(1000);
    first.vanish();
    const again = await ensemble.until(next);
    expect(job.isHeld).toBe(false);
    expect([textsOf([job, again]), job.deliveries, again.deliveries]).toEqual([
      ['once', 'once'],
      1,
      2,
    ]);
  });

  it('refuses the acknowledgement of who has lost the job, and what was to be done with it', async () => {
    const ensemble = await QuietEnsemble.start();
    const [first, second] = ensemble.applications(2);
    if (first === undefined || second === undefined) throw new Error();
    await ensemble.until(queue(first.client, PATH).put('pay'));
    const job = await ensemble.until(queue(first.client, PATH).take());
    // The session lives, and somebody has taken the job away from it.
    await ensemble.until(second.client.delete(job.path));
    const again = await ensemble.until(queue(second.client, PATH).take());
    const late = failure(job.ack([step.create('/paid')]));
    expect(await ensemble.until(late)).toBe('guardFailed');
    expect((await ensemble.until(first.client.exists('/paid'))).stat).toBe(null);
    // To give back what is lost takes nothing from who has it.
    await ensemble.until(job.release());
    expect(again.isHeld).toBe(true);
    await ensemble.until(again.ack([step.create('/paid')]));
    expect((await ensemble.until(first.client.exists('/paid'))).stat).not.toBe(null);
  });

  it('has a job again that was given back, or whose acknowledgement was refused', async () => {
    const ensemble = await QuietEnsemble.start();
    const mail = queue(ensemble.application().client, PATH);
    await ensemble.until(mail.put('again'));
    const job = await ensemble.until(mail.take());
    const refused = failure(job.ack([step.create('/no/such/parent')]));
    expect(await ensemble.until(refused)).toBe('noNode');
    expect(job.isHeld).toBe(true);
    await ensemble.until(job.release());
    const next = await ensemble.until(mail.take());
    expect(next.deliveries).toBe(2);
    await ensemble.until(next.ack());
    await ensemble.until(next.release());
    expect(await ensemble.until(mail.tryTake())).toBe(null);
  });

  it('puts a job aside that nobody gets done', async () => {
    const ensemble = await QuietEnsemble.start();
    const mail = queue(ensemble.application().client, PATH, { deliveriesMax: 2 });
    await ensemble.until(mail.put('poison'));
    await ensemble.until(mail.put('good'));
    const taken: string[] = [];
    for (let i = 0; i < 3; i++) {
      const job = await ensemble.until(mail.take());
      taken.push(decodeText(job.data));
      await ensemble.until(job.release());
    }
    expect(taken).toEqual(['poison', 'poison', 'good']);
    const [dead] = await ensemble.until(mail.dead());
    expect(decodeText(dead?.data ?? new Uint8Array())).toBe('poison');
    expect(await ensemble.until(mail.size())).toBe(1);
  });

  it('gives back what was taken for somebody who has stopped waiting', async () => {
    const ensemble = await QuietEnsemble.start();
    const application = ensemble.application();
    const mail = queue(application.client, PATH);
    const stop = new AbortController();
    const taken: string[] = [];
    const consuming = (async () => {
      for await (const job of mail.consume({ signal: stop.signal })) {
        taken.push(decodeText(job.data));
      }
    })();
    await ensemble.pass(1000);
    const putting = mail.put('late');
    stop.abort();
    await ensemble.until(Promise.all([putting, consuming]));
    await ensemble.pass(1000);
    expect(taken).toEqual([]);
    const { paths } = await ensemble.until(application.client.ephemerals(PATH));
    expect(paths).toEqual([]);
    expect(await ensemble.until(mail.size())).toBe(1);
  });
});
