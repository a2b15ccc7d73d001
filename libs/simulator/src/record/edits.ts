import type { Change, ZnodeEdit } from '@paddock/model';

/** What a transaction changes of the tree, in order; but for the ephemerals that a session's end takes along. */
export function editsOf(change: Change): readonly ZnodeEdit[] {
  switch (change.kind) {
    case 'createZnode':
    case 'setZnodeData':
    case 'deleteZnode':
    case 'setZnodeAcl':
      return [change];
    case 'transaction':
      return change.steps.flatMap((step) => ('edits' in step ? step.edits : []));
    default:
      return [];
  }
}
