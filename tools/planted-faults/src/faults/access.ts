import type { PlantedFault } from '../planted-fault.ts';

const ANSWERS = 'libs/tree-core/src/frontends/read-answer.ts';
const VALIDATION = 'libs/processor-core/src/validation.ts';
const TRANSACTIONS = 'libs/processor-core/src/transaction-validation.ts';
const WATCHES = 'libs/tree-core/src/watches/watch-table.ts';
const OF_READS = 'libs/tree-core/test/access.test.ts';
const OF_WRITES = 'libs/processor-core/test/access.test.ts';

const BY_PERMISSION = '1.8: decides about a ';
const OF_STEPS = 'is checked for what a transaction compares, and for what it reads';

export const ACCESS_FAULTS: readonly PlantedFault[] = [
  {
    id: 'acl-of-reads-unchecked',
    fault: 'whoever asks may read',
    breaks: [],
    file: ANSWERS,
    find: `  if (!permits(acl, 'read', identities)) return missingPermission(path, 'read', identities);
  switch (operation.kind) {`,
    replace: '  switch (operation.kind) {',
    test: { file: OF_READS, name: '1.8: decides who may read: ' },
  },
  {
    id: 'acl-read-by-anybody',
    fault: 'whoever asks is told the ACL',
    breaks: [],
    file: ANSWERS,
    find: `  if (!permits(acl, 'read', identities)) return missingPermission(path, 'read', identities);
  return { kind: 'acl'`,
    replace: "  return { kind: 'acl'",
    test: { file: OF_READS, name: '1.8: decides who may read: ' },
  },
  {
    id: 'hashes-shown',
    fault: 'who may read an ACL sees the hashes of passwords',
    breaks: [],
    file: ANSWERS,
    find: 'acl: withoutHashes(acl)',
    replace: 'acl',
    test: {
      file: OF_READS,
      name: '1.8: is shown with its version, and without hashes to who may only read it',
    },
  },
  {
    id: 'ephemerals-of-others',
    fault: 'a list of ephemerals names those that one may not read',
    breaks: [],
    file: ANSWERS,
    find: "return isOwn || permits(znodes.access(znodes.find(it)).acl, 'read', identities);",
    replace: 'return isOwn || it !== path;',
    test: { file: OF_READS, name: 'hides the ephemerals of others that one may not read' },
  },
  {
    id: 'quotas-of-others',
    fault: 'a list of quotas names znodes that one may not read',
    breaks: [],
    file: ANSWERS,
    find: 'uses.filter((it) => mayRead(it.path))',
    replace: 'uses.filter((it) => mayRead(it.path) || it.path !== path)',
    test: { file: OF_READS, name: 'hides quotas of what one may not read' },
  },
  {
    id: 'watches-tell-anybody',
    fault: 'the event of a watch is told to a session that may not read the znode',
    breaks: [],
    file: WATCHES,
    find: "  if (!permits(acl, 'read', session.identities)) return;\n",
    replace: '',
    test: {
      file: OF_READS,
      name: 'is asked when a watch fires, of who the session was when it set the watch',
    },
  },
  {
    id: 'acl-of-the-deleted-forgotten',
    fault: 'of a znode that is gone the ACL of its parent decides who is told',
    breaks: [],
    file: 'libs/tree-core/src/watches/event-acl.ts',
    find: 'if (last !== undefined) return last;',
    replace: '',
    test: { file: OF_READS, name: 'is asked of each event that a session has missed' },
  },
  {
    id: 'sessionless-watches-tell-anybody',
    fault: 'a watch without a session is told what its caller may not read',
    breaks: [],
    file: WATCHES,
    find: "if (permits(acl, 'read', it.identities)) this.tellStream(it, event, out);",
    replace: 'this.tellStream(it, event, out);',
    test: { file: OF_READS, name: 'is asked of a watch without a session, ' },
  },
  {
    id: 'the-past-tells-anybody',
    fault: 'a watch without a session is told of the past what its caller may not read',
    breaks: [],
    file: 'libs/tree-core/src/frontends/stream-watches.ts',
    find: "if (!permits(aclOfPath(this.#state, event.path), 'read', identities)) continue;",
    replace: '',
    test: { file: OF_READS, name: 'is asked of a watch without a session, ' },
  },
  {
    id: 'missed-events-tell-anybody',
    fault: 'an attach is told the missed events of znodes that its session may not read',
    breaks: [],
    file: 'libs/tree-core/src/frontends/attached-sessions.ts',
    find: `      if (!permits(aclOfPath(this.#state, event.path), 'read', live.identities)) continue;
`,
    replace: '',
    test: { file: OF_READS, name: 'is asked of each event that a session has missed' },
  },
  {
    id: 'acl-outside-the-digest',
    fault: 'a digest says nothing of ACLs',
    breaks: ['P10'],
    file: 'libs/tree-core/src/znodes/tree-digest.ts',
    find: 'if (access !== OPEN) this.#word(this.#accesses.hash(access));',
    replace: '',
    test: { file: OF_READS, name: 'are in its digest' },
  },
  {
    id: 'acl-of-later-in-a-snapshot',
    fault: 'a snapshot has the ACL that was set behind it',
    breaks: ['H12'],
    file: 'libs/tree-core/src/znodes/znode-snapshot.ts',
    find: `rows.double(row, PZXID) <= this.zxid &&
      this.#table.accesses.azxid(rows.integer(row, ACCESS)) <= this.zxid`,
    replace: 'rows.double(row, PZXID) <= this.zxid',
    test: {
      file: OF_READS,
      name: 'are in a snapshot as they were when it began, and set once however often they change (H12)',
    },
  },
  {
    id: 'acl-of-creations-unchecked',
    fault: 'whoever asks may create below a znode',
    breaks: [],
    file: VALIDATION,
    find: "return refusalByAcl(parent, 'create', identities);",
    replace: 'return null;',
    test: { file: OF_WRITES, name: BY_PERMISSION },
  },
  {
    id: 'acl-of-writes-unchecked',
    fault: 'whoever asks may set the data of a znode',
    breaks: [],
    file: VALIDATION,
    find: "refusalByAcl(znode, 'write', identities);",
    replace: 'null;',
    test: { file: OF_WRITES, name: BY_PERMISSION },
  },
  {
    id: 'acl-of-deletions-unchecked',
    fault: 'whoever asks may delete a znode',
    breaks: [],
    file: VALIDATION,
    find: "refusalByAcl(parent, 'delete', identities);",
    replace: 'null;',
    test: { file: OF_WRITES, name: BY_PERMISSION },
  },
  {
    id: 'acl-of-acls-unchecked',
    fault: 'whoever asks may set the ACL of a znode',
    breaks: [],
    file: VALIDATION,
    find: "refusalByAcl(znode, 'admin', identities);",
    replace: 'null;',
    test: { file: OF_WRITES, name: BY_PERMISSION },
  },
  {
    id: 'auth-stays-auth',
    fault: 'an entry of the scheme auth is kept as it is',
    breaks: [],
    file: 'libs/processor-core/src/permissions.ts',
    find: 'if (entries !== null) return internedAcl(entries);',
    replace: 'if (entries !== null) return internedAcl(acl);',
    test: {
      file: OF_WRITES,
      name: '1.8: is in the transaction that creates it, with its creator in place of auth',
    },
  },
  {
    id: 'inherits-more-than-said',
    fault:
      "an entry of the scheme parent takes the permissions of the parent's entries, whatever its own are",
    breaks: [],
    file: 'libs/model/src/acl-check.ts',
    find: 'const permissions = it.permissions & entry.permissions;',
    replace: 'const { permissions } = it;',
    test: {
      file: 'libs/model/test/acl.test.ts',
      name: 'takes of each what its own permissions allow',
    },
  },
  {
    id: 'acl-of-checks-unchecked',
    fault: 'a transaction checks the version of a znode that its writer may not read',
    breaks: [],
    file: TRANSACTIONS,
    find: `    const refusal = refusalByAcl(znode, 'read', this.#identities);
    if (refusal !== null) return refusal;
`,
    replace: '',
    test: { file: OF_WRITES, name: OF_STEPS },
  },
  {
    id: 'acl-of-compared-unchecked',
    fault: 'a transaction compares a znode that its writer may not read',
    breaks: [],
    file: TRANSACTIONS,
    find: '    if (unreadable !== null) return unreadable;\n',
    replace: '',
    test: { file: OF_WRITES, name: OF_STEPS },
  },
  {
    id: 'acl-of-reads-within-unchecked',
    fault: 'a transaction reads a znode that its writer may not read',
    breaks: [],
    file: TRANSACTIONS,
    find: "const isDenied = znode.exists && refusalByAcl(znode, 'read', this.#identities) !== null;",
    replace: 'const isDenied = false;',
    test: { file: OF_WRITES, name: OF_STEPS },
  },
  {
    id: 'acl-below-unchecked',
    fault: 'who may delete a znode may delete all below it',
    breaks: [],
    file: TRANSACTIONS,
    find: '      if (denied !== null) return denied;\n',
    replace: '',
    test: {
      file: OF_WRITES,
      name: 'of every znode with children is checked where a whole tree is deleted',
    },
  },
  {
    id: 'sessions-listed-to-anybody',
    fault: 'whoever asks is told the sessions of the ensemble',
    breaks: [],
    file: ANSWERS,
    find: 'return mayOperate(state, identities)',
    replace: 'return operation.limit > 0',
    test: { file: OF_READS, name: 'of the root decides who sees the sessions of the ensemble' },
  },
  {
    id: 'own-quota-lifted',
    fault: 'whoever asks may set the quota of a znode',
    breaks: [],
    file: VALIDATION,
    find: "refusalByAcl(above, 'admin', identities);",
    replace: 'null;',
    test: {
      file: OF_WRITES,
      name: 'of its parent decides about its quota, so that nobody lifts a limit of his own',
    },
  },
  {
    id: 'log-told-to-anybody',
    fault: 'whoever asks is told the past of a znode',
    breaks: [],
    file: 'libs/replica/src/permitted-history.ts',
    find: "result.kind === 'permitted' && result.permitted",
    replace: "result.kind === 'permitted'",
    test: {
      file: 'libs/replica/test/history/permitted-history.test.ts',
      name: 'is not told to others',
    },
  },
  {
    id: 'empty-acl-is-open',
    fault: 'an ACL without entries is sent, and leaves the znode open',
    breaks: [],
    file: 'libs/client-core/src/argument-check.ts',
    find: "if (acl.length === 0) return 'an ACL without entries allows nobody anything';",
    replace: '',
    test: {
      file: 'libs/client-core/test/client-core.test.ts',
      name: 'refuses an ACL without entries, which the wire would carry as an open one',
    },
  },
];
