// What the comments of the contract leave out that the page is to have.
import type { Contract, Field, Message } from './contract.ts';
import { errorCodesOf } from './error-codes.ts';
import { rangeOf } from './field-values.ts';

/** One sentence each, with the place; none where the page can say everything. */
export function faultsOf(contract: Contract, statuses: ReadonlyMap<string, string>): string[] {
  const codes = errorCodesOf(contract);
  return [
    ...contract.services.flatMap(({ name, rpcs }) =>
      rpcs
        // A call that streams both ways refuses by messages of its own.
        .filter((it) => !it.requestStream && it.comment.errors === null)
        .map((it) => `${name}.${it.name} has no line "Errors: …".`),
    ),
    ...contract.messages.flatMap((it) => faultsOfMessage(it)),
    ...namedErrors(contract)
      .filter(({ code }) => !codes.has(code))
      .map(({ place, code }) => `${place} names the error ${code}, which does not exist.`),
    ...[...codes.keys()]
      .filter((code) => !statuses.has(code))
      .map((code) => `${code} has no gRPC status.`),
    ...withoutText(contract).map((place) => `${place} has no comment.`),
  ];
}

function faultsOfMessage({ name, fields }: Message): string[] {
  return fields.flatMap((field) => {
    const place = `${name}.${field.name}`;
    const range = rangeOf(field);
    if (range === null) return [`${place} has no line "Range: …".`];
    if (field.name.endsWith('_ms') && !range.includes('milliseconds')) {
      return [`${place} does not say in its range that it is of milliseconds.`];
    }
    return lacksErrors(field, fields) ? [`${place} has no line "Errors: …".`] : [];
  });
}

/** Where one member of a oneof names its errors, each is something that can be refused. */
function lacksErrors({ oneof, comment }: Field, fields: readonly Field[]): boolean {
  if (oneof === null || comment.errors !== null) return false;
  return fields.some((it) => it.oneof === oneof && it.comment.errors !== null);
}

/** Every code that a comment names, and where. */
export function namedErrors(
  contract: Contract,
): { readonly place: string; readonly code: string }[] {
  const commented = [
    ...contract.services.flatMap((service) =>
      service.rpcs.map((it) => ({ ...it, place: `${service.name}.${it.name}` })),
    ),
    ...contract.messages.flatMap((message) =>
      [...message.fields, ...message.oneofs].map((it) => ({
        comment: it.comment,
        place: `${message.name}.${it.name}`,
      })),
    ),
  ];
  return commented.flatMap(({ place, comment }) =>
    (comment.errors ?? []).map((code) => ({ place, code })),
  );
}

function withoutText({ services, messages, enums }: Contract): string[] {
  const places = [...services, ...messages, ...enums].flatMap((it) => {
    const parts =
      'rpcs' in it ? it.rpcs : 'values' in it ? it.values : [...it.fields, ...it.oneofs];
    const below = parts.map(({ name, comment }) => ({ place: `${it.name}.${name}`, comment }));
    return [{ place: it.name, comment: it.comment }, ...below];
  });
  return places.filter(({ comment }) => comment.text === '').map(({ place }) => place);
}
