import type * as OpenTelemetry from '@opentelemetry/api';
import { formatSessionId, formatZxid } from '@paddock/model';
import { PaddockError } from './paddock-error.ts';
import { CONNECTS, REQUESTS } from './tracing.ts';
import type { ConnectTrace, RequestTrace } from './tracing.ts';

const NAME = '@paddock/client';

let api: Promise<typeof OpenTelemetry | null> | undefined;
let hasSubscribed = false;

/**
 * Where `@opentelemetry/api` is installed, and somebody has registered a provider by now, each `connect` is a span from
 * now on, and each call of a client, below whatever span is active at the call. They have no data of znodes. Without a
 * provider, whom nobody would hear, nothing is done for them.
 */
export async function traceByOpenTelemetry(): Promise<void> {
  api ??= import('@opentelemetry/api').catch(() => null);
  const installed = await api;
  if (installed === null || hasSubscribed || !hasProvider(installed)) return;
  hasSubscribed = true;
  subscribe(installed);
}

function hasProvider({ ProxyTracerProvider, trace }: typeof OpenTelemetry): boolean {
  const provider = trace.getTracerProvider();
  if (!(provider instanceof ProxyTracerProvider)) return true;
  return provider.getDelegateTracer(NAME) !== undefined;
}

function subscribe(installed: typeof OpenTelemetry): void {
  const connects = new Spans<ConnectTrace>(installed);
  CONNECTS.subscribe({
    ...connects.ends,
    start: (trace) => {
      connects.start(trace, 'connect', { 'server.address': trace.servers.join(',') });
    },
  });
  const requests = new Spans<RequestTrace>(installed);
  REQUESTS.subscribe({
    ...requests.ends,
    start: (trace) => {
      const { operation, path, session } = trace;
      requests.start(trace, operation, {
        ...{ 'db.operation.name': operation, 'paddock.path': path },
        ...(session === null ? {} : { 'paddock.session': formatSessionId(session) }),
      });
    },
  });
}

/** The spans of calls that are under way. */
class Spans<Trace extends { readonly zxid?: RequestTrace['zxid']; readonly error?: unknown }> {
  /** What tells of the end of a call, also of one that began before anybody listened. */
  readonly ends = {
    end: (): void => undefined,
    asyncStart: (): void => undefined,
    asyncEnd: (trace: Trace): void => this.#end(trace),
    error: (trace: Trace): void => this.#fail(trace),
  };
  readonly #api: typeof OpenTelemetry;
  readonly #tracer: OpenTelemetry.Tracer;
  readonly #spans = new WeakMap<Trace, OpenTelemetry.Span>();

  constructor(installed: typeof OpenTelemetry) {
    this.#api = installed;
    this.#tracer = installed.trace.getTracer(NAME);
  }

  start(trace: Trace, name: string, attributes: OpenTelemetry.Attributes): void {
    const kind = this.#api.SpanKind.CLIENT;
    const options = { kind, attributes: { 'db.system.name': 'paddock', ...attributes } };
    this.#spans.set(trace, this.#tracer.startSpan(`paddock ${name}`, options));
  }

  #end(trace: Trace): void {
    const span = this.#spans.get(trace);
    if (trace.zxid !== undefined) span?.setAttribute('paddock.zxid', formatZxid(trace.zxid));
    span?.end();
  }

  #fail(trace: Trace): void {
    const { error } = trace;
    const message = error instanceof Error ? error.message : String(error);
    this.#spans
      .get(trace)
      ?.setAttribute('error.type', error instanceof PaddockError ? error.code : '_OTHER')
      .setStatus({ code: this.#api.SpanStatusCode.ERROR, message });
  }
}
