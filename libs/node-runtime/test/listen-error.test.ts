import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { assertPortFree } from '../src/listen-error.ts';

it('tells a port in use in one line, and takes a free one for no longer than the look', async () => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  const bound = holder.address();
  const port = bound !== null && typeof bound === 'object' ? bound.port : 0;
  const address = `127.0.0.1:${port}`;
  await expect(assertPortFree(address, '--grpc-port')).rejects.toThrow(
    `${address} is in use by another program: stop that one, or choose another with --grpc-port`,
  );
  await new Promise((resolve) => holder.close(resolve));
  await assertPortFree(address, '--grpc-port');
  await assertPortFree(address, '--grpc-port');
});
