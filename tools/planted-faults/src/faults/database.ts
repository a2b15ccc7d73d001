import type { PlantedFault } from '../planted-fault.ts';

const TRANSACTIONS = 'libs/tree-core/src/transactions.ts';
const SESSIONS = 'libs/tree-core/src/sessions/session-table.ts';

export const DATABASE_FAULTS: readonly PlantedFault[] = [
  {
    id: 'old-time-of-change',
    fault: 'a set of data keeps the old time of change',
    breaks: ['P1', 'P7'],
    file: 'libs/tree-core/src/znodes/znode-store.ts',
    find: `rows.setDouble(row, MTIME, time);
    this.#digest.addSelf(rows, row);`,
    replace: 'this.#digest.addSelf(rows, row);',
  },
  {
    id: 'outcome-before-events',
    fault: 'the outcome of a set of data goes before the events of the same zxid',
    breaks: ['H4', 'P4'],
    file: TRANSACTIONS,
    find: 'this.#settle(transaction, this.#setData(change, transaction, out), out);',
    replace: `const late = [];
        const push = (link, it) => late.push([link, it]);
        this.#settle(transaction, this.#setData(change, transaction, { frontends: { push } }), out);
        for (const [link, it] of late) out.frontends.push(link, it);`,
  },
  {
    id: 'outcome-not-recorded',
    fault: 'the outcome of a write is told and not recorded',
    breaks: ['P5', 'H3'],
    file: SESSIONS,
    find: `this.#pushOutcome(session, outcome);
    const { window } = session;`,
    replace: 'const { window } = session;',
  },
];
