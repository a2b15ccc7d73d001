import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as contracts from '../src/index.ts';
import type { MethodKind } from '../src/index.ts';

const protos = fileURLToPath(new URL('../../../protos/', import.meta.url));

interface DeclaredMethod {
  readonly kind: MethodKind;
  readonly request: string;
  readonly response: string;
}

/** Every rpc of every .proto file, by path. */
function declaredMethods(): Map<string, DeclaredMethod> {
  const methods = new Map<string, DeclaredMethod>();
  for (const file of readdirSync(protos, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.proto') || file.includes('node_modules')) continue;
    const text = readFileSync(protos + file, 'utf8').replace(/\/\/.*$/gm, '');
    const name = /^package ([\w.]+);/m.exec(text)?.[1] ?? '';
    for (const [, service, body] of text.matchAll(/service (\w+) \{(.*?)\n\}/gs)) {
      const rpcs = /rpc (\w+)\((stream )?(\w+)\)\s+returns \((stream )?(\w+)\)/g;
      for (const [, rpc, up, request = '', down, response = ''] of (body ?? '').matchAll(rpcs)) {
        const kind = up === undefined ? (down === undefined ? 'unary' : 'serverStream') : 'bidi';
        methods.set(`/${name}.${service ?? ''}/${rpc ?? ''}`, { kind, request, response });
      }
    }
  }
  return methods;
}

const services = Object.entries(contracts).filter(([name]) => name.endsWith('Service'));
const methods = services.flatMap(([, service]): unknown[] => Object.values(service)) as {
  kind: MethodKind;
  path: string;
  request: { name: string };
  response: { name: string };
}[];

describe('the typed services', () => {
  it('have every method of protos/, by the same path and of the same kind', () => {
    const declared = declaredMethods();
    expect(declared.size).toBeGreaterThan(10);
    expect(methods.map((it) => it.path).sort()).toEqual([...declared.keys()].sort());
    for (const method of methods) {
      expect(method.kind, method.path).toBe(declared.get(method.path)?.kind);
      expect(method.request.name, method.path).toBe(declared.get(method.path)?.request);
      expect(method.response.name, method.path).toBe(declared.get(method.path)?.response);
    }
  });

  it('are all described for reflection', () => {
    const described = contracts.fileDescriptors.flatMap((file) => file.services);
    for (const method of methods) {
      expect(described).toContain(method.path.slice(1, method.path.lastIndexOf('/')));
    }
  });
});

describe('a generated oneof', () => {
  const { ClientMessage } = contracts.paddock.client.v1;

  it('names the last member on the wire', () => {
    const open = ClientMessage.encode({ open: { timeoutMs: 1 } }).finish();
    const heartbeat = ClientMessage.encode({ heartbeat: { number: 2 } }).finish();
    expect(ClientMessage.decode(open).kind).toBe('open');
    expect(ClientMessage.decode(Buffer.concat([open, heartbeat])).kind).toBe('heartbeat');
    expect(ClientMessage.decode(Buffer.concat([heartbeat, open])).kind).toBe('open');
  });

  it('has no name where nothing is set, and the set one where nothing was decoded', () => {
    expect(ClientMessage.decode(new Uint8Array(0)).kind).toBeUndefined();
    expect(ClientMessage.create({ heartbeat: { number: 1 } }).kind).toBe('heartbeat');
  });
});

describe('a 64-bit field', () => {
  it('takes a number and gives back the same one, up to the largest safe integer', () => {
    const { Heartbeat } = contracts.paddock.client.v1;
    for (const number of [0, 1, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
      expect(Number(Heartbeat.decode(Heartbeat.encode({ number }).finish()).number)).toBe(number);
    }
  });
});

describe('a message encoder', () => {
  it('writes one message after the other as their generated classes do', () => {
    const { Resume, Open } = contracts.paddock.client.v1;
    const resume = { session: 5, secret: new Uint8Array(200), watches: [{ path: '/a' }] };
    const encoder = new contracts.MessageEncoder();
    expect(encoder.encode(Resume, resume)).toEqual(Resume.encode(resume).finish());
    expect(encoder.encode(Open, { timeoutMs: 1 })).toEqual(Open.encode({ timeoutMs: 1 }).finish());
  });
});
