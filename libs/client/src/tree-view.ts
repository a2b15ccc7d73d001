import type { ClientWatchEvent } from '@paddock/client-core';
import { isSequential, isWithin, parseZnodePath, ROOT, trustedPath } from '@paddock/model';
import type {
  BatchedResult,
  ClientOperation,
  Failed,
  OperationResult,
  TransactionOperation,
  TransactionResult,
  TransactionStep,
  ZnodePath,
} from '@paddock/model';
import { PaddockError } from './paddock-error.ts';

/**
 * The tree as a client sees it: all of it, or what is below a root of its own. The one place where paths are mapped,
 * those that are asked with and those that are told.
 */
export class TreeView {
  /** Of the service's tree. */
  readonly root: ZnodePath;
  readonly #rootInText: RegExp;

  private constructor(root: ZnodePath) {
    this.root = root;
    const literal = root.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
    // A path of a reason: what comes before and behind it is no part of another name.
    this.#rootInText = new RegExp(String.raw`(?<=^|[\s"'(])${literal}(?=$|[/\s"',;:)])(/?)`, 'g');
  }

  static readonly whole = new TreeView(ROOT);

  /** Fails as `badArguments` where that is no path. */
  below(path: string): TreeView {
    const parsed = parseZnodePath(path);
    if (!parsed.ok) throw new PaddockError('badArguments', path, `chroot: ${parsed.reason}`);
    if (parsed.path === ROOT) return this;
    return new TreeView(trustedPath(this.absolute(parsed.path)));
  }

  /** Whatever is below the root comes before this. */
  get #end(): string {
    return `${this.root}0`;
  }

  get isWhole(): boolean {
    return this.root === ROOT;
  }

  /** Of what is no absolute path, that itself: the service refuses it, as it does for the whole tree. */
  absolute(path: string): string {
    if (this.isWhole || !path.startsWith('/')) return path;
    return path === '/' ? this.root : `${this.root}${path}`;
  }

  /** Of a path at the root or below; undefined of any other. */
  seen(path: string): ZnodePath | undefined {
    const trusted = trustedPath(path);
    if (this.isWhole) return trusted;
    if (!isWithin(trusted, this.root)) return undefined;
    return path === this.root ? ROOT : trustedPath(path.slice(this.root.length));
  }

  /** Of a path that is at the root or below. */
  shown(path: string): ZnodePath {
    return this.seen(path) ?? trustedPath(path);
  }

  operation(operation: ClientOperation): ClientOperation {
    if (this.isWhole) return operation;
    switch (operation.kind) {
      case 'transaction':
        return this.#transaction(operation);
      case 'create':
        return { ...operation, path: this.#created(operation) };
      case 'readMany': {
        const reads = operation.reads.map((it) => ({ ...it, path: this.absolute(it.path) }));
        return { ...operation, reads };
      }
      case 'getWatches': {
        const { path, after } = operation;
        // Behind the root come the siblings of it whose names begin alike, and then what is below it.
        const behind = after === '/' ? `${this.root}/` : this.absolute(after);
        return { ...operation, path: this.absolute(path), after: behind };
      }
      case 'listSessions':
      case 'closeSession':
      case 'sync':
      case 'addAuth':
      case 'whoAmI':
      case 'unknown':
        return operation;
      default:
        return { ...operation, path: this.absolute(operation.path) };
    }
  }

  result(result: OperationResult): OperationResult {
    if (this.isWhole) return result;
    switch (result.kind) {
      case 'failed':
        return this.#failed(result);
      case 'created':
        return { ...result, path: this.shown(result.path) };
      case 'transacted':
        return { ...result, results: result.results.map((it) => this.#ofStep(it)) };
      case 'many':
        return { ...result, results: result.results.map((it) => this.#ofRead(it)) };
      case 'ephemerals':
        return { ...result, paths: result.paths.flatMap((it) => this.seen(it) ?? []) };
      case 'watches': {
        const { watches, more } = result;
        const last = watches.at(-1)?.path ?? '';
        return { ...result, watches: this.#within(watches), more: more && last < this.#end };
      }
      case 'quotas':
        return { ...result, quotas: this.#within(result.quotas) };
      default:
        return result;
    }
  }

  event(event: ClientWatchEvent): ClientWatchEvent {
    return this.isWhole ? event : { ...event, path: this.shown(event.path) };
  }

  /** What a person is told, with the paths of the view; one above its root stays as it is. */
  reason(text: string): string {
    if (this.isWhole) return text;
    return text.replace(this.#rootInText, (_, slash: string) => (slash === '' ? '/' : slash));
  }

  #transaction(operation: TransactionOperation<string>): TransactionOperation<string> {
    const { guard, compare, then, otherwise } = operation;
    const stepOf = (it: TransactionStep<string>): TransactionStep<string> =>
      it.kind === 'create'
        ? { ...it, path: this.#created(it) }
        : { ...it, path: this.absolute(it.path) };
    return {
      ...operation,
      guard: guard && { ...guard, path: this.absolute(guard.path) },
      compare: compare.map((it) => ({ ...it, path: this.absolute(it.path) })),
      then: then.map(stepOf),
      otherwise: otherwise.map(stepOf),
    };
  }

  /** A sequential znode of the root is below it, and not beside it. */
  #created({
    mode,
    path,
  }: Pick<Extract<ClientOperation, { kind: 'create' }>, 'mode' | 'path'>): string {
    return path === '/' && isSequential(mode) ? `${this.root}/` : this.absolute(path);
  }

  #ofStep(result: TransactionResult): TransactionResult {
    if (result.kind === 'created') return { ...result, path: this.shown(result.path) };
    return result.kind === 'failed' ? this.#failed(result) : result;
  }

  #ofRead(result: BatchedResult): BatchedResult {
    return result.kind === 'failed' ? this.#failed(result) : result;
  }

  #within<T extends { readonly path: ZnodePath }>(uses: readonly T[]): readonly T[] {
    return uses.flatMap((it) => {
      const path = this.seen(it.path);
      return path === undefined ? [] : [{ ...it, path }];
    });
  }

  #failed(failure: Failed): Failed {
    const { step, limit } = failure;
    return {
      ...failure,
      reason: this.reason(failure.reason),
      ...(step && { step: { ...step, path: this.shown(step.path) } }),
      // The quota may be that of a znode above the root, which has no path here.
      ...(limit && { limit: { ...limit, path: this.seen(limit.path) ?? '' } }),
    };
  }
}
