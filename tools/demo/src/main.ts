// `npm run demo`: worker processes that coordinate through plain znodes (paper 2.4), while one is killed.
import { PaddockError } from '@paddock/client';
import { Demo } from './demo.ts';
import { readServers } from './environment.ts';
import { DemoError, startService } from './service.ts';
import type { Service } from './service.ts';
import { Story } from './story.ts';

async function main(): Promise<number> {
  const story = new Story();
  const given = readServers();
  let service: Service | null = null;
  try {
    if (given === undefined) {
      story.heading('a service starts, on ports of its own, its data in a temporary directory');
      service = await startService();
    }
    const servers = given ?? service?.servers ?? '';
    story.tell('service', `serves at ${servers}`);
    await new Demo(story, servers).play();
    return 0;
  } catch (error) {
    if (!(error instanceof DemoError || error instanceof PaddockError)) throw error;
    process.stderr.write(`demo: ${error.message}\n`);
    return 1;
  } finally {
    await service?.stop();
  }
}

process.exitCode = await main();
