// Creates, reads, changes and watches a znode: npx node docs/examples/typescript/first-steps.ts [HOST:PORT,…]
import { connect, decodeText, DEFAULT_SERVERS, PaddockError } from '@paddock/client';

const client = await connect({ servers: process.argv[2] ?? DEFAULT_SERVERS });

try {
  await client.create('/greeting', 'hello');
} catch (error) {
  if (!(error instanceof PaddockError) || error.code !== 'nodeExists') throw error;
}

// A one-shot watch: it fires before any answer that shows the change.
const { data, stat } = await client.get('/greeting', {
  watch: (event) => console.log('event', event.kind, event.path),
});
console.log('read', decodeText(data), 'at version', stat.version);

// Calls may be pipelined: they take effect, and settle, in the order in which they were made.
const [set, member, members] = await Promise.all([
  client.set('/greeting', 'hello again', { version: stat.version }),
  client.create('/member-', '', { mode: 'ephemeralSequential' }),
  client.list('/'),
]);
console.log('set, now at version', set.stat.version);
console.log('created', member.path, 'among', members.children);

// Ends the session, and with it its ephemeral znodes.
await client.close();
