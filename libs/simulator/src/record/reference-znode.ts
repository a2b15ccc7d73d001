import { parseZnodePath } from '@paddock/model';
import type {
  Acl,
  ClientOperation,
  ClientZnodeRead,
  ErrorCode,
  ReadResult,
  SessionId,
  Stat,
  ZnodeKind,
  ZnodeReadResult,
  Zxid,
} from '@paddock/model';

export interface Znode {
  data: Uint8Array;
  czxid: Zxid;
  mzxid: Zxid;
  pzxid: Zxid;
  ctime: number;
  mtime: number;
  version: number;
  cversion: number;
  creates: number;
  owner: SessionId;
  kind: ZnodeKind;
  ttlMs: number;
  acl: Acl;
  aversion: number;
  readonly children: Set<string>;
}

type Page = Extract<ClientOperation, { readonly kind: 'getChildrenPage' }>;

export function failed(code: ErrorCode) {
  return { kind: 'failed', code, reason: '' } as const;
}

export function statOf(znode: Znode): Stat {
  const { czxid, mzxid, pzxid, ctime, mtime, version, cversion, owner, kind, ttlMs } = znode;
  return {
    czxid,
    mzxid,
    pzxid,
    ctime,
    mtime,
    version,
    cversion,
    ephemeralOwner: owner,
    dataLength: znode.data.length,
    numChildren: znode.children.size,
    kind,
    ttlMs,
    aversion: znode.aversion,
  };
}

export function pageOf(znode: Znode, { after, limit }: Page): ReadResult {
  if (after !== '' && !parseZnodePath(`/${after}`).ok) return failed('badArguments');
  const behind = [...znode.children].sort().filter((it) => it > after);
  const children = behind.slice(0, limit === 0 ? behind.length : limit);
  const more = children.length < behind.length;
  return { kind: 'childrenPage', children, more, stat: statOf(znode) };
}

export function readOf(kind: ClientZnodeRead['kind'], znode: Znode): ZnodeReadResult {
  const stat = statOf(znode);
  switch (kind) {
    case 'getData':
      return { kind: 'data', data: znode.data, stat };
    case 'exists':
      return { kind: 'stat', stat };
    case 'getChildren':
      return { kind: 'children', children: [...znode.children].sort(), stat };
  }
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
