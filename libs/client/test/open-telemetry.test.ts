import { SpanStatusCode, trace } from '@opentelemetry/api';
import type { Attributes, Span, SpanOptions, SpanStatus, Tracer } from '@opentelemetry/api';
import { hasSubscribers } from 'node:diagnostics_channel';
import { afterAll, describe, expect, it } from 'vitest';
import { connect } from '../src/connect.ts';
import { MemoryService } from './memory-service.ts';

/** What a span has come to. */
class RecordedSpan implements Span {
  readonly name: string;
  readonly attributes: Attributes;
  status: SpanStatus = { code: SpanStatusCode.UNSET };
  hasEnded = false;

  constructor(name: string, { attributes = {} }: SpanOptions = {}) {
    this.name = name;
    this.attributes = { ...attributes };
  }

  spanContext(): ReturnType<Span['spanContext']> {
    return { traceId: '1'.repeat(32), spanId: '1'.repeat(16), traceFlags: 1 };
  }

  setAttribute(key: string, value: Attributes[string]): this {
    this.attributes[key] = value;
    return this;
  }

  setStatus(status: SpanStatus): this {
    this.status = status;
    return this;
  }

  end(): void {
    this.hasEnded = true;
  }

  setAttributes = (): this => this;
  addEvent = (): this => this;
  addLink = (): this => this;
  addLinks = (): this => this;
  updateName = (): this => this;
  isRecording = (): boolean => true;
  recordException = (): void => undefined;
}

const spans: RecordedSpan[] = [];
const tracer: Tracer = {
  startSpan: (name, options) => {
    const span = new RecordedSpan(name, options);
    spans.push(span);
    return span;
  },
  startActiveSpan: () => {
    throw new Error('no span is made the active one');
  },
};

afterAll(() => trace.disable());

describe('where the API of OpenTelemetry is there', () => {
  it('nothing is traced for nobody: without a provider calls cost what they do without it', async () => {
    const client = await connect({ dialer: new MemoryService() });
    await client.close();
    expect(hasSubscribers('tracing:paddock:request:start')).toBe(false);
  });

  it('a connect and each call are spans, without the data', async () => {
    trace.setGlobalTracerProvider({ getTracer: () => tracer });
    const client = await connect({ dialer: new MemoryService(), servers: 'a:1' });
    await client.create('/a', 'secret');
    await client.get('/no').catch(() => undefined);
    await client.close();
    expect(spans.map(({ name, hasEnded }) => [name, hasEnded])).toEqual([
      ['paddock connect', true],
      ['paddock create', true],
      ['paddock getData', true],
    ]);
    const [connected, created, failed] = spans;
    expect(connected?.attributes).toMatchObject({ 'server.address': 'a:1' });
    expect(created?.attributes).toMatchObject({
      'db.system.name': 'paddock',
      'db.operation.name': 'create',
      'paddock.path': '/a',
      'paddock.zxid': expect.stringMatching(/^[0-9a-f]+\.[0-9a-f]+$/u) as unknown,
    });
    expect(failed?.attributes).toMatchObject({ 'error.type': 'noNode' });
    expect(failed?.status.code).toBe(SpanStatusCode.ERROR);
    expect(JSON.stringify(spans)).not.toContain('secret');
  });
});
