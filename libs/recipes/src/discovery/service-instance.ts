import { decodeText, validated } from '@paddock/client';
import type { Parsed, StandardSchema } from '@paddock/client';

/** A process that offers a service, as Curator's x-discovery writes it: JSON with all of these fields. */
export interface ServiceInstance<P> {
  readonly name: string;
  /** Unique among those of the name. */
  readonly id: string;
  readonly address: string | null;
  readonly port: number | null;
  readonly sslPort: number | null;
  readonly payload: P | null;
  /** Milliseconds since 1970. */
  readonly registrationTimeUTC: number;
  readonly serviceType: string;
  /** False: it is not to be used for now. */
  readonly enabled: boolean;
}

/** Jackson keeps the class of a payload in it, where that is an object. */
const CLASS = '@class';

/** `payloadClass`: the class that a Java program takes the payload for; without it it is a map to that. */
export function encodeInstance<P>(instance: ServiceInstance<P>, payloadClass?: string): string {
  const { name, id, address, port, sslPort, payload } = instance;
  const { registrationTimeUTC, serviceType, enabled } = instance;
  const isObject = typeof payload === 'object' && payload !== null && !Array.isArray(payload);
  const named =
    isObject && payloadClass !== undefined ? { [CLASS]: payloadClass, ...payload } : payload;
  return JSON.stringify({
    ...{ name, id, address, port, sslPort, payload: named, registrationTimeUTC, serviceType },
    ...{ uriSpec: null, enabled },
  });
}

export async function decodeInstance<P>(
  schema: StandardSchema<unknown, P>,
  data: Uint8Array,
): Promise<Parsed<ServiceInstance<P>>> {
  const fields = fieldsOf(data);
  if (fields === null) return { ok: false, reason: 'it is no JSON object' };
  const name = textOf(fields['name']);
  const id = textOf(fields['id']);
  if (name === null || id === null) return { ok: false, reason: 'it has no name, or no id' };
  const payload = await payloadOf(schema, fields['payload']);
  if (!payload.ok) return { ok: false, reason: `payload: ${payload.reason}` };
  const value = {
    ...{ name, id, address: textOf(fields['address']), payload: payload.value },
    ...{ port: numberOf(fields['port']), sslPort: numberOf(fields['sslPort']) },
    registrationTimeUTC: numberOf(fields['registrationTimeUTC']) ?? 0,
    serviceType: textOf(fields['serviceType']) ?? 'DYNAMIC',
    enabled: fields['enabled'] !== false,
  };
  return { ok: true, value };
}

/** Null stands for none, and passes no schema. */
async function payloadOf<P>(
  schema: StandardSchema<unknown, P>,
  written: unknown,
): Promise<Parsed<P | null>> {
  if (written === null || written === undefined) return { ok: true, value: null };
  if (!isRecord(written)) return validated(schema, written);
  const { [CLASS]: _, ...payload } = written;
  return validated(schema, payload);
}

function fieldsOf(data: Uint8Array): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(decodeText(data));
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
