/**
 * Who has which part: the same for whoever asks with the same members and parts, in whatever order. Nobody has more
 * than one more than an even share, and who comes or goes moves few parts but those that have to move: each member is
 * ranked for each part by a hash of both (rendezvous hashing), and a part goes to the first that has room.
 */
export function assignmentOf(
  parts: readonly string[],
  members: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const most = Math.ceil(parts.length / Math.max(1, members.length));
  const assigned = new Map<string, string[]>(members.map((member) => [member, []]));
  for (const part of parts.toSorted()) {
    let best: { readonly rank: number; readonly member: string; readonly has: string[] } | null =
      null;
    for (const [member, has] of assigned) {
      if (has.length >= most) continue;
      const rank = hashOf(`${part}/${member}`);
      const isBetter =
        best === null || rank > best.rank || (rank === best.rank && member < best.member);
      if (isBetter) best = { rank, member, has };
    }
    best?.has.push(part);
  }
  return assigned;
}

/** FNV-1a, 32 bits, with a last stir: it has to be the same everywhere, and even. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
