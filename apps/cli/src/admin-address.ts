import { DEFAULT_PORTS, LOOPBACK } from '@paddock/node-runtime';

export const DEFAULT_ADMIN = `${LOOPBACK}:${DEFAULT_PORTS.admin}`;
