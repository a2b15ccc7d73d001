import { ACCESS_FAULTS } from './faults/access.ts';
import { BACKUP_FAULTS } from './faults/backup.ts';
import { BROADCASTER_FAULTS } from './faults/broadcaster.ts';
import { CLIENT_FAULTS } from './faults/client.ts';
import { DATABASE_FAULTS } from './faults/database.ts';
import { DISK_FAULTS } from './faults/disk.ts';
import { ELECTION_FAULTS } from './faults/election.ts';
import { FRONTEND_FAULTS } from './faults/frontend.ts';
import { LINE_RECIPE_FAULTS } from './faults/line-recipes.ts';
import { LIMIT_FAULTS } from './faults/limits.ts';
import { HISTORY_FAULTS } from './faults/history.ts';
import { PROCESSOR_FAULTS } from './faults/processor.ts';
import { READ_FAULTS } from './faults/reads.ts';
import { RECIPE_FAULTS } from './faults/recipes.ts';
import { VIEW_FAULTS } from './faults/views.ts';
import { TLS_FAULTS } from './faults/tls.ts';
import { MEMBERSHIP_FAULTS } from './faults/membership.ts';
import type { FaultGroup, PlantedFault } from './planted-fault.ts';
import { LOCAL_SESSION_FAULTS } from './faults/local-sessions.ts';
import { QUOTA_FAULTS } from './faults/quotas.ts';
import { SUBTREE_FAULTS } from './faults/subtrees.ts';
import { TOKEN_FAULTS } from './faults/tokens.ts';
import { TRANSACTION_FAULTS } from './faults/transactions.ts';

/** In the order of the page, and of running them. */
export const FAULT_GROUPS: readonly FaultGroup[] = [
  { title: 'Broadcast', faults: BROADCASTER_FAULTS },
  { title: 'Election and synchronization', faults: ELECTION_FAULTS },
  { title: 'Membership and leadership', faults: MEMBERSHIP_FAULTS },
  { title: 'Log and disk', faults: DISK_FAULTS },
  { title: 'Request processor', faults: PROCESSOR_FAULTS },
  { title: 'Transactions, and what goes by itself', faults: TRANSACTION_FAULTS },
  { title: 'Quotas', faults: QUOTA_FAULTS },
  { title: 'Limits', faults: LIMIT_FAULTS },
  { title: 'Access control', faults: [...ACCESS_FAULTS, ...TOKEN_FAULTS] },
  { title: 'Replicated database: state, outcomes, snapshots', faults: DATABASE_FAULTS },
  { title: 'Replicated database: reads, attaches, watches', faults: READ_FAULTS },
  { title: 'Replicated database: many znodes at once, watch streams', faults: SUBTREE_FAULTS },
  { title: 'Session front-end', faults: FRONTEND_FAULTS },
  { title: 'Local sessions', faults: LOCAL_SESSION_FAULTS },
  { title: 'The past, and copies of it', faults: [...HISTORY_FAULTS, ...BACKUP_FAULTS] },
  { title: 'Client', faults: CLIENT_FAULTS },
  { title: 'Recipes', faults: [...RECIPE_FAULTS, ...LINE_RECIPE_FAULTS, ...VIEW_FAULTS] },
  { title: 'TLS', faults: TLS_FAULTS },
];

export const ALL_FAULTS: readonly PlantedFault[] = FAULT_GROUPS.flatMap(({ faults }) => faults);

/** Rules that no fault breaks, and why. */
export const WITHOUT_FAULT: Readonly<Record<string, string>> = {};
