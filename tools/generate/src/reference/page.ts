// The page itself: what each call does and may be refused for, and every field, from the contract's own comments.
import type { Contract, Enumeration, Field, Message, Rpc, Service } from './contract.ts';
import { ERROR_CODE, errorCodesOf, shortCode } from './error-codes.ts';
import { namedErrors } from './faults.ts';
import { defaultOf, rangeOf } from './field-values.ts';
import { code, link, prose, table } from './markdown.ts';

/** What the page is made of. `statuses` are of gRPC, by the short name of the code. */
export interface PageSources {
  readonly contract: Contract;
  readonly statuses: ReadonlyMap<string, string>;
  /** Written by hand: the head of the page, and the sections that come first. */
  readonly title: readonly string[];
  readonly introduction: readonly string[];
}

export function pageOf(sources: PageSources): string {
  const { contract, title, introduction } = sources;
  const shown = shownWithCalls(contract);
  const messages = contract.messages.filter(({ name }) => !shown.has(name));
  const lines = [
    ...title,
    '',
    ...contents(contract, introduction, messages),
    ...introduction,
    '',
    ...contract.services.flatMap((it) => serviceSection(it, sources, shown)),
    ...(messages.length === 0 ? [] : ['## Messages', '']),
    ...messages.flatMap((it) => messageSection(it, '###', contract)),
    ...(contract.enums.length === 0 ? [] : ['## Enumerations', '']),
    ...contract.enums.flatMap((it) => enumSection(it, sources)),
  ];
  return lines.join('\n').trimEnd() + '\n';
}

/** Messages that one call alone is about stand with it. */
function shownWithCalls({ services, messages }: Contract): ReadonlySet<string> {
  const ofFields = new Set(messages.flatMap((it) => it.fields.map(({ type }) => type)));
  const ofCalls = services.flatMap(({ rpcs }) => rpcs.flatMap((it) => [it.request, it.response]));
  return new Set(
    ofCalls.filter((it) => !ofFields.has(it) && ofCalls.indexOf(it) === ofCalls.lastIndexOf(it)),
  );
}

function contents(
  { services, enums }: Contract,
  introduction: readonly string[],
  messages: readonly Message[],
): string[] {
  const written = introduction.filter((line) => line.startsWith('## '));
  return [
    ...written.map((line) => `- ${link(line.slice(3))}`),
    ...services.map(({ name, rpcs }) => {
      const calls = rpcs.map((it) => link(`${name}.${it.name}`).replace(`[${name}.`, '['));
      return `- ${link(name)}: ${calls.join(', ')}`;
    }),
    ...listed('Messages', messages),
    ...listed('Enumerations', enums),
    '',
  ];
}

function listed(heading: string, named: readonly { readonly name: string }[]): string[] {
  if (named.length === 0) return [];
  return [`- ${link(heading)}: ${named.map(({ name }) => link(name)).join(', ')}`];
}

function serviceSection(
  service: Service,
  sources: PageSources,
  shown: ReadonlySet<string>,
): string[] {
  return [
    `## ${service.name}`,
    '',
    prose(service.comment.text),
    '',
    ...service.rpcs.flatMap((it) => rpcSection(service, it, sources, shown)),
  ];
}

function rpcSection(
  service: Service,
  rpc: Rpc,
  { contract, statuses }: PageSources,
  shown: ReadonlySet<string>,
): string[] {
  const { messages } = contract;
  const own = [rpc.request, rpc.response].filter((it) => shown.has(it));
  return [
    `### ${service.name}.${rpc.name}`,
    '',
    prose(rpc.comment.text),
    '',
    `${streamed(rpc.requestStream, rpc.request)} → ${streamed(rpc.responseStream, rpc.response)}`,
    '',
    ...rpcErrors(rpc, contract, statuses),
    ...messages
      .filter(({ name }) => own.includes(name))
      .flatMap((it) => messageSection(it, '####', contract)),
  ];
}

function streamed(isStream: boolean, message: string): string {
  return isStream ? `stream of ${link(message)}` : link(message);
}

function rpcErrors(
  { comment }: Rpc,
  contract: Contract,
  statuses: ReadonlyMap<string, string>,
): string[] {
  const codes = errorCodesOf(contract);
  return table(
    ['error', 'gRPC status', 'why'],
    (comment.errors ?? []).map((it) => [
      errorLink(it),
      code(statuses.get(it) ?? 'UNKNOWN'),
      prose(codes.get(it)?.comment.text ?? ''),
    ]),
  );
}

function errorLink(name: string): string {
  return `[${code(name)}](#${name.toLowerCase()})`;
}

function messageSection(message: Message, level: string, contract: Contract): string[] {
  const { name, comment, fields, oneofs } = message;
  const single = fields.filter((it) => it.oneof === null);
  return [
    `${level} ${name}`,
    '',
    prose(comment.text),
    '',
    ...(fields.length === 0 ? ['It has no fields.', ''] : []),
    ...fieldTable('field', single, contract),
    ...oneofs.flatMap((oneof) => [
      `One of these, ${code(oneof.name)}: ${prose(oneof.comment.text)}${orErrors(oneof.comment.errors)}`,
      '',
      ...fieldTable(
        'member',
        fields.filter((it) => it.oneof === oneof.name),
        contract,
      ),
    ]),
  ];
}

function orErrors(errors: readonly string[] | null): string {
  return errors === null ? '' : ` Refused with ${errors.map(errorLink).join(', ')}.`;
}

function fieldTable(heading: string, fields: readonly Field[], contract: Contract): string[] {
  return table(
    ['#', heading, 'type', 'meaning', 'range and unit', 'default', 'errors'],
    fields.map((field) => [
      String(field.number),
      code(field.name),
      typeText(field, contract),
      prose(field.comment.text),
      prose(rangeOf(field) ?? '').replace(/\bpath\b/, '[path](#paths)'),
      field.oneof === null ? defaultOf(field, contract) : '',
      (field.comment.errors ?? []).map(errorLink).join(', '),
    ]),
  );
}

function typeText({ type, label }: Field, { messages, enums }: Contract): string {
  const isDeclared = [...messages, ...enums].some(({ name }) => name === type);
  const text = isDeclared ? link(type) : code(type);
  return label === 'single' ? text : `${label} ${text}`;
}

function enumSection(enumeration: Enumeration, sources: PageSources): string[] {
  const { name, comment, values } = enumeration;
  const isErrors = name === ERROR_CODE;
  const head = isErrors
    ? ['#', 'value', 'gRPC status', 'meaning', 'given by']
    : ['#', 'value', 'meaning'];
  const rows = values.map((value) => {
    const { number, comment: said } = value;
    if (!isErrors) return [String(number), code(value.name), prose(said.text)];
    const short = shortCode(value);
    const status = sources.statuses.get(short);
    return [
      String(number),
      `<a id="${short.toLowerCase()}"></a>${code(value.name)}`,
      status === undefined ? '' : code(status),
      prose(said.text),
      givers(short, sources.contract),
    ];
  });
  return [`### ${name}`, '', prose(comment.text), '', ...table(head, rows)];
}

/** By service and by message: `ZnodeService: Get, Set`. */
function givers(name: string, contract: Contract): string {
  const byOwner = new Map<string, string[]>();
  for (const { place, code: named } of namedErrors(contract)) {
    if (named !== name) continue;
    const [owner = '', member = ''] = place.split('.');
    byOwner.set(owner, [...(byOwner.get(owner) ?? []), member]);
  }
  return [...byOwner].map(([owner, members]) => `${link(owner)}: ${members.join(', ')}`).join('; ');
}
