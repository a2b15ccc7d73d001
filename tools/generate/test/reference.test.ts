// docs/API.md, held in step with the contract, and the contract held to saying what the page has to have.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorCodesOf } from '../src/reference/error-codes.ts';
import { faultsOf } from '../src/reference/faults.ts';
import { grpcStatuses } from '../src/reference/grpc-statuses.ts';
import { INTRODUCTION, TITLE } from '../src/reference/introduction.ts';
import { anchorOf } from '../src/reference/markdown.ts';
import { pageOf } from '../src/reference/page.ts';
import { PAGE, readPublicContract } from '../src/reference/public-contract.ts';

const contract = readPublicContract();
const statuses = grpcStatuses();
const page = pageOf({ contract, statuses, title: TITLE, introduction: INTRODUCTION });

describe('the public contract', () => {
  const codes = errorCodesOf(contract);

  it('says of every call of ZnodeService which errors it may be refused with', () => {
    const rpcs = contract.services.find(({ name }) => name === 'ZnodeService')?.rpcs ?? [];
    expect(rpcs.length).toBeGreaterThan(5);
    const silent = rpcs.filter(({ comment }) => (comment.errors ?? []).length === 0);
    expect(silent.map(({ name }) => name)).toEqual([]);
    expect(rpcs.flatMap(({ comment }) => comment.errors ?? []).filter(isUnknown)).toEqual([]);
  });

  it.each(['Operation', 'TransactionStep'])('says the same of every %s', (message) => {
    const fields = contract.messages.find(({ name }) => name === message)?.fields ?? [];
    expect(fields.length).toBeGreaterThan(5);
    const silent = fields.filter(({ comment }) => (comment.errors ?? []).length === 0);
    expect(silent.map(({ name }) => name)).toEqual([]);
    expect(fields.flatMap(({ comment }) => comment.errors ?? []).filter(isUnknown)).toEqual([]);
  });

  it('leaves out nothing that the page is to have', () => {
    expect(faultsOf(contract, statuses)).toEqual([]);
  });

  it('has a code for each status that is answered, and no status is of a code that it has not', () => {
    expect([...statuses.keys()].sort()).toEqual([...codes.keys()].sort());
  });

  function isUnknown(code: string): boolean {
    return !codes.has(code);
  }
});

describe('docs/API.md', () => {
  it('is what the contract says now: npx nx run generate:reference', () => {
    expect(readFileSync(PAGE, 'utf8')).toBe(page);
  });

  it('has every call, message, field and value', () => {
    const { services, messages, enums } = contract;
    const headings = [
      ...services.flatMap(({ name, rpcs }) => rpcs.map((rpc) => `${name}.${rpc.name}`)),
      ...[...messages, ...enums].map(({ name }) => name),
    ];
    expect(headings.filter((it) => !new RegExp(`^###+ ${it}$`, 'm').test(page))).toEqual([]);
    const cells = [...messages.flatMap((it) => it.fields), ...enums.flatMap((it) => it.values)];
    expect(cells.filter(({ name }) => !page.includes(`\`${name}\``))).toEqual([]);
  });

  it('leads each of its own links to one place', () => {
    const headings = [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));
    const anchors = [...page.matchAll(/<a id="(\w+)">/g)].map(([, id = '']) => id);
    const places = [...headings, ...anchors];
    expect(places.filter((it, index) => places.indexOf(it) !== index)).toEqual([]);
    const links = [...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, target = '']) => target);
    expect(links.length).toBeGreaterThan(100);
    expect(links.filter((it) => !places.includes(it))).toEqual([]);
  });
});
