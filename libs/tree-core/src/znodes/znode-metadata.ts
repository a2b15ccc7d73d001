// What a row says of its znode, beside name and data.
import { trustedZxid } from '@paddock/model';
import type { Access, Stat, ZnodeRecord } from '@paddock/model';
import { OPEN } from './access-table.ts';
import { kindOfLife, ownerOfLife, ttlOfLife } from './znode-life.ts';
import {
  ACCESS,
  CHILDREN,
  CREATES,
  CTIME,
  CVERSION,
  CZXID,
  DATA_LENGTH,
  LIFE,
  MTIME,
  MZXID,
  PZXID,
  VERSION,
} from './znode-rows.ts';
import type { ZnodeTable } from './znode-table.ts';

export function statOf(table: ZnodeTable, row: number): Stat {
  const { rows } = table;
  const life = rows.double(row, LIFE);
  return {
    czxid: trustedZxid(rows.double(row, CZXID)),
    mzxid: trustedZxid(rows.double(row, MZXID)),
    pzxid: trustedZxid(rows.double(row, PZXID)),
    ctime: rows.double(row, CTIME),
    mtime: rows.double(row, MTIME),
    version: rows.integer(row, VERSION),
    cversion: rows.integer(row, CVERSION),
    ephemeralOwner: ownerOfLife(life),
    dataLength: rows.integer(row, DATA_LENGTH),
    numChildren: rows.integer(row, CHILDREN),
    kind: kindOfLife(life),
    ttlMs: ttlOfLife(life),
    aversion: accessOf(table, row).version,
  };
}

/** What a processor needs to know. */
export function recordOf(table: ZnodeTable, row: number): ZnodeRecord {
  const { rows } = table;
  const life = rows.double(row, LIFE);
  return {
    version: rows.integer(row, VERSION),
    cversion: rows.integer(row, CVERSION),
    creates: rows.integer(row, CREATES),
    numChildren: rows.integer(row, CHILDREN),
    dataLength: rows.integer(row, DATA_LENGTH),
    ephemeralOwner: ownerOfLife(life),
    kind: kindOfLife(life),
    ttlMs: ttlOfLife(life),
    mtime: rows.double(row, MTIME),
    czxid: trustedZxid(rows.double(row, CZXID)),
    mzxid: trustedZxid(rows.double(row, MZXID)),
    access: rows.integer(row, ACCESS) === OPEN ? undefined : accessOf(table, row),
  };
}

export function accessOf(table: ZnodeTable, row: number): Access {
  return table.accesses.access(table.rows.integer(row, ACCESS));
}
