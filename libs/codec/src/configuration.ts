import type {
  EnsembleConfiguration,
  ReplicaLife,
  ReplicaMember,
  ReplicaRole,
} from '@paddock/model';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';

/** On disk for good: a number is never used again for another role. */
const ROLES = { voter: 1, observer: 2 } as const;

/** Two numbers, a role and the length of an address. */
const MEMBER_MIN_BYTES = 8 + 8 + 1 + 4;

const LIFE_BYTES = 8 + 8;

/** The payload of a `configuration` entry; base records carry it too (H11). */
export function encodeConfiguration(configuration: EnsembleConfiguration): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(256);
  writer.text(configuration.clusterId);
  writer.u32(configuration.formatLevel);
  writer.u32(configuration.members.length);
  for (const member of configuration.members) {
    writer.f64(member.replica);
    writer.f64(member.incarnation);
    writer.u8(ROLES[member.role]);
    writer.text(member.address);
  }
  writer.f64(configuration.version);
  writer.u32(configuration.removed.length);
  for (const { replica, incarnation } of configuration.removed) {
    writer.f64(replica);
    writer.f64(incarnation);
  }
  return writer.take();
}

/** Throws CodecError. */
export function decodeConfiguration(payload: Uint8Array): EnsembleConfiguration {
  const reader = new ByteReader(payload);
  const clusterId = reader.text();
  const formatLevel = reader.u32();
  const count = reader.count(MEMBER_MIN_BYTES);
  const members: ReplicaMember[] = [];
  for (let i = 0; i < count; i++) members.push(readMember(reader));
  const version = reader.safeInteger();
  const removedCount = reader.count(LIFE_BYTES);
  const removed: ReplicaLife[] = [];
  for (let i = 0; i < removedCount; i++) {
    removed.push({ replica: reader.safeInteger(), incarnation: reader.safeInteger() });
  }
  reader.expectEnd();
  return { clusterId, formatLevel, version, members, removed };
}

function readMember(reader: ByteReader): ReplicaMember {
  return {
    replica: reader.safeInteger(),
    incarnation: reader.safeInteger(),
    role: readRole(reader),
    address: reader.text(),
  };
}

function readRole(reader: ByteReader): ReplicaRole {
  const role = reader.u8();
  if (role === ROLES.voter) return 'voter';
  if (role === ROLES.observer) return 'observer';
  return reader.unknownKind('replica role', role);
}
