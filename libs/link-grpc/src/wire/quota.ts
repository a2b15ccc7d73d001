// Quotas: protos/paddock/client/v1/quota.proto, the same between stages.
import { paddock } from '@paddock/contracts';
import type { OperationResult, Quota, QuotaUse, WriteOperation } from '@paddock/model';
import { count64Of, stagePathOf, type Field } from './fields.ts';

type WireQuota = paddock.client.v1.Quota.$Properties;
type WireUse = paddock.client.v1.QuotaUse.$Properties;
type SetQuota = Pick<Extract<WriteOperation, { kind: 'setQuota' }>, 'quota'> & { path: string };
type Quotas = Extract<OperationResult, { kind: 'quotas' }>;

/** Absent it has no limits. */
export function readQuota(wire: Field<WireQuota>): Quota {
  return {
    countHard: count64Of(wire?.countHard, 'count hard'),
    countSoft: count64Of(wire?.countSoft, 'count soft'),
    bytesHard: count64Of(wire?.bytesHard, 'bytes hard'),
    bytesSoft: count64Of(wire?.bytesSoft, 'bytes soft'),
  };
}

export function encodeSetQuota({ path, quota }: SetQuota): Uint8Array {
  return paddock.client.v1.SetQuota.encode({ path, quota }).finish();
}

export function readStageSetQuota(
  wire: paddock.client.v1.SetQuota.$Properties,
): Extract<WriteOperation, { kind: 'setQuota' }> {
  const path = stagePathOf(wire.path, 'quota path');
  return { kind: 'setQuota', path, quota: readQuota(wire.quota) };
}

export function decodeStageSetQuota(bytes: Uint8Array): ReturnType<typeof readStageSetQuota> {
  return readStageSetQuota(paddock.client.v1.SetQuota.decode(bytes));
}

export function writeUses(uses: readonly QuotaUse[]): WireUse[] {
  return uses.map(({ path, quota, count, bytes }) => ({ path, quota, count, bytes }));
}

export function readUses(wire: Field<readonly WireUse[]>): QuotaUse[] {
  return (wire ?? []).map((it) => ({
    path: stagePathOf(it.path, 'quota path'),
    quota: readQuota(it.quota),
    count: count64Of(it.count, 'quota count'),
    bytes: count64Of(it.bytes, 'quota bytes'),
  }));
}

export function encodeQuotas({ quotas }: Quotas): Uint8Array {
  return paddock.client.v1.Quotas.encode({ quotas: writeUses(quotas) }).finish();
}

export function decodeQuotas(bytes: Uint8Array): Quotas {
  return { kind: 'quotas', quotas: readUses(paddock.client.v1.Quotas.decode(bytes).quotas) };
}
