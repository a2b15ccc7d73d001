import { defaultAddress } from '@paddock/node-runtime';

/** Of the replicas that an ensemble has by default. */
export const DEFAULT_ADMINS = [1, 2, 3].map((replica) => defaultAddress('admin', replica));
