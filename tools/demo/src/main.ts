// `npm run demo`: worker processes that coordinate through plain znodes (paper 2.4), while the replica that leads is
// killed, and then one of them.
import { PaddockError } from '@paddock/client';
import { Demo } from './demo.ts';
import { readServers } from './environment.ts';
import { DemoError, Service } from './service.ts';
import { Story } from './story.ts';

async function main(): Promise<number> {
  const story = new Story();
  const given = readServers();
  let service: Service | null = null;
  try {
    if (given === undefined) {
      story.heading('a service starts, on ports of its own, its data in a temporary directory');
      service = await Service.start();
    }
    const servers = given ?? service?.servers ?? '';
    const led = service === null ? '' : `; replica ${service.leader.replica} leads`;
    story.tell('service', `serves at ${servers}${led}`);
    await new Demo(story, servers, service).play();
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
