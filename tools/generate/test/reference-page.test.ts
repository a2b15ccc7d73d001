// A small contract in, its page out.
import { describe, expect, it } from 'vitest';
import { readComment } from '../src/reference/comment.ts';
import { readContract } from '../src/reference/contract.ts';
import { contractCode } from '../src/reference/error-codes.ts';
import { faultsOf } from '../src/reference/faults.ts';
import { prose, table } from '../src/reference/markdown.ts';
import { pageOf } from '../src/reference/page.ts';

const CONTRACT = `syntax = "proto3";

package paddock.toy.v1;

// Keeps lamps.
service LampService {
  // Lights a lamp
  // for a time.
  // Errors: NO_LAMP,
  // BROKEN.
  rpc Light(LightRequest) returns (LightResponse);
  // Tells of every lamp.
  // Errors: BROKEN.
  rpc Follow(LightRequest) returns (stream Lamp);
}

// Asks for light.
message LightRequest {
  // The lamp.
  string path = 1;
  // How long.
  // Range: 1 to 2^31 - 1 milliseconds; -1 for ever.
  optional sint32 time_ms = 2;
  // The epoch from which on.
  fixed32 from_epoch = 3;
  // How it is to shine.
  Colour colour = 4;
}

// It shines.
message LightResponse {}

// One lamp.
message Lamp {
  // Its other lamps.
  repeated Lamp lamps = 1;
  // What is known of it.
  // Errors: BROKEN.
  oneof kind {
    // It shines | so.
    // Errors: NO_LAMP.
    Colour shining = 2;
    // Its name.
    // Errors: NO_LAMP.
    string dark = 3;
  }
}

// How a lamp shines.
enum Colour {
  // As COLOUR_RED.
  COLOUR_UNSPECIFIED = 0;
  // Red.
  COLOUR_RED = 1;
}

// Why not.
enum ErrorCode {
  // Never sent.
  ERROR_CODE_UNSPECIFIED = 0;
  // There is no lamp.
  ERROR_CODE_NO_LAMP = 1;
  // The lamp is broken.
  ERROR_CODE_BROKEN = 2;
}
`;

const STATUSES = new Map([
  ['NO_LAMP', 'NOT_FOUND'],
  ['BROKEN', 'INTERNAL'],
]);

const title = ['# Lamps'];
const introduction = ['## Before', '', 'By hand.'];

function page(text: string): string {
  const contract = readContract([text]);
  return pageOf({ contract, statuses: STATUSES, title, introduction });
}

function faults(from: string, to: string): string[] {
  expect(CONTRACT).toContain(from);
  return faultsOf(readContract([CONTRACT.replace(from, to)]), STATUSES);
}

describe('a comment', () => {
  it('is read as prose, a range and errors, wrapped or not', () => {
    expect(readComment('What\nit is.\nRange: 0\nto 9.\nErrors: A,\nB.')).toEqual({
      text: 'What it is.',
      range: '0 to 9',
      errors: ['A', 'B'],
    });
  });

  it('has neither where it names none', () => {
    expect(readComment('Range is what it is.')).toEqual({
      text: 'Range is what it is.',
      range: null,
      errors: null,
    });
    expect(readComment(null).text).toBe('');
  });
});

describe('the page', () => {
  const lines = page(CONTRACT).split('\n');

  it('begins with what is written by hand, and a list of what is there', () => {
    expect(lines.slice(0, 10)).toEqual([
      '# Lamps',
      '',
      '- [Before](#before)',
      '- [LampService](#lampservice): [Light](#lampservicelight), [Follow](#lampservicefollow)',
      '- [Messages](#messages): [LightRequest](#lightrequest), [Lamp](#lamp)',
      '- [Enumerations](#enumerations): [Colour](#colour), [ErrorCode](#errorcode)',
      '',
      '## Before',
      '',
      'By hand.',
    ]);
  });

  it('has of a call what it does, takes and gives, and its errors with their status', () => {
    const start = lines.indexOf('### LampService.Light');
    expect(lines.slice(start + 2, start + 10)).toEqual([
      'Lights a lamp for a time.',
      '',
      '[LightRequest](#lightrequest) → [LightResponse](#lightresponse)',
      '',
      '| error | gRPC status | why |',
      '| --- | --- | --- |',
      '| [`NO_LAMP`](#no_lamp) | `NOT_FOUND` | There is no lamp. |',
      '| [`BROKEN`](#broken) | `INTERNAL` | The lamp is broken. |',
    ]);
    expect(lines).toContain('[LightRequest](#lightrequest) → stream of [Lamp](#lamp)');
  });

  it('shows a message with its call where no other has it', () => {
    expect(lines).toContain('#### LightResponse');
    expect(lines).toContain('It has no fields.');
    expect(lines).toContain('### LightRequest');
  });

  it('has of a field its number, type, meaning, range with unit, and default', () => {
    const start = lines.indexOf('### LightRequest');
    expect(lines.slice(start + 4, start + 10)).toEqual([
      '| # | field | type | meaning | range and unit | default |',
      '| --- | --- | --- | --- | --- | --- |',
      '| 1 | `path` | `string` | The lamp. | a [path](#paths) | empty |',
      '| 2 | `time_ms` | optional `sint32` | How long. | 1 to 2³¹ − 1 milliseconds; −1 for ever | absent |',
      '| 3 | `from_epoch` | `fixed32` | The epoch from which on. | 0 to 2²¹ − 1 | 0 |',
      '| 4 | `colour` | [Colour](#colour) | How it is to shine. |  | `COLOUR_UNSPECIFIED` |',
    ]);
  });

  it('keeps the members of a oneof together, with the errors of each', () => {
    const start = lines.indexOf('### Lamp');
    expect(lines.slice(start + 6, start + 13)).toEqual([
      '| 1 | `lamps` | repeated [Lamp](#lamp) | Its other lamps. | any number | none |',
      '',
      'One of these, `kind`: What is known of it. Refused with [`BROKEN`](#broken).',
      '',
      '| # | member | type | meaning | range and unit | errors |',
      '| --- | --- | --- | --- | --- | --- |',
      String.raw`| 2 | ${'`shining`'} | [Colour](#colour) | It shines \| so. |  | [${'`NO_LAMP`'}](#no_lamp) |`,
    ]);
  });

  it('has the values of an enumeration, and of the error codes who gives them', () => {
    expect(lines).toContain('| 1 | `COLOUR_RED` | Red. |');
    expect(lines.at(-2)).toBe(
      '| 2 | <a id="broken"></a>`ERROR_CODE_BROKEN` | `INTERNAL` | The lamp is broken. | ' +
        '[LampService](#lampservice): Light, Follow; [Lamp](#lamp): kind |',
    );
  });
});

describe('what is left out of a contract is a fault', () => {
  it('and there is none in one that says everything', () => {
    expect(faults('Red.', 'Red.')).toEqual([]);
  });

  it.each([
    [
      'errors of a call',
      '  // Errors: BROKEN.\n  rpc',
      '  rpc',
      'LampService.Follow has no line "Errors: …".',
    ],
    [
      'errors of a member',
      '    // Errors: NO_LAMP.\n    Colour',
      '    Colour',
      'Lamp.shining has no line "Errors: …".',
    ],
    [
      'an error',
      'NO_LAMP,',
      'NO_BULB,',
      'LampService.Light names the error NO_BULB, which does not exist.',
    ],
    [
      'a range',
      '  // Range: 1 to 2^31 - 1 milliseconds; -1 for ever.\n',
      '',
      'LightRequest.time_ms has no line "Range: …".',
    ],
    [
      'a unit',
      'milliseconds',
      'seconds',
      'LightRequest.time_ms does not say in its range that it is of milliseconds.',
    ],
    [
      'a status',
      'ERROR_CODE_BROKEN = 2',
      'ERROR_CODE_BROKEN = 2;\n// New.\nERROR_CODE_NEW = 3',
      'NEW has no gRPC status.',
    ],
    ['a comment', '// Red.', '', 'Colour.COLOUR_RED has no comment.'],
  ])('%s', (_, from, to, fault) => {
    expect(faults(from, to)).toEqual([fault]);
  });
});

describe('the words of the page', () => {
  it('print powers and minus signs', () => {
    expect(prose('from -1 to 2^40 - 1, and `a-b`')).toBe('from −1 to 2⁴⁰ − 1, and `a-b`');
  });

  it('name codes as the contract does', () => {
    expect(contractCode('noChildrenForEphemerals')).toBe('NO_CHILDREN_FOR_EPHEMERALS');
  });

  it('leave out a column that says nothing', () => {
    expect(
      table(
        ['a', 'b'],
        [
          ['1', ''],
          ['2', ''],
        ],
      ),
    ).toEqual(['| a |', '| --- |', '| 1 |', '| 2 |', '']);
    expect(table(['a'], [])).toEqual([]);
  });
});
