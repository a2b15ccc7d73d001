// The messages that are written and read without their generated classes, held against those classes.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WireError } from '../src/wire/wire-error.ts';
import { DIRECTIONS, type Direction } from './message-directions.ts';
import { addUnknown, fieldsOf, joined, nested } from './wire-fields.ts';

const RUNS = { numRuns: 80 };

/** A batch that begins with a field that nobody knows is left to its generated class. */
const UNKNOWN_FIELD = Uint8Array.of(0x78, 0x01);

/** What is read, or why it is refused. */
function outcome(of: Direction, bytes: Uint8Array): unknown {
  try {
    return of.read(bytes);
  } catch (error) {
    if (error instanceof WireError) return error.message;
    throw error;
  }
}

function expectSameAsGenerated(of: Direction, bytes: Uint8Array): void {
  const generated = outcome(of, Uint8Array.of(...UNKNOWN_FIELD, ...bytes));
  expect(outcome(of, bytes)).toEqual(generated);
}

describe.each(DIRECTIONS)('$name', (of) => {
  it('are written as their generated class writes them', () => {
    fc.assert(
      fc.property(of.bytes, (bytes) => {
        const generated = of.batch.encode(of.batch.decode(bytes)).finish();
        // What a batch has beside its messages stands first, but is written last by the generated class.
        const inOrder = fieldsOf(bytes).sort((a, b) => a.tag - b.tag);
        expect(Uint8Array.from(generated)).toEqual(joined(inOrder));
      }),
      RUNS,
    );
  });

  it('are read as their generated class reads them', () => {
    fc.assert(
      fc.property(of.bytes, (bytes) => {
        expectSameAsGenerated(of, bytes);
      }),
      RUNS,
    );
  });

  it('with fields that are not known yet are read without them', () => {
    fc.assert(
      fc.property(of.bytes, fc.nat({ max: 30 }), (bytes, place) => {
        const batch = of.batch.decode(bytes);
        addUnknown(batch.messages, place);
        expect(outcome(of, of.batch.encode(batch).finish())).toEqual(outcome(of, bytes));
      }),
      RUNS,
    );
  });

  it('with their fields in another order, or twice, are read as their generated class reads them', () => {
    fc.assert(
      fc.property(of.bytes, fc.boolean(), (bytes, twice) => {
        const messages = fieldsOf(bytes).map((message) => {
          if (!message.isNested) return message;
          const fields = fieldsOf(message.content).map((it) =>
            it.isNested ? nested(it.tag, joined(fieldsOf(it.content).reverse())) : it,
          );
          return nested(message.tag, joined(twice ? [...fields, ...fields] : fields.reverse()));
        });
        expectSameAsGenerated(of, joined(messages));
      }),
      RUNS,
    );
  });

  it('that are damaged are read or refused as by their generated class, for a field', () => {
    const edit = fc.record({
      kind: fc.constantFrom('replace', 'insert', 'remove', 'cut'),
      place: fc.nat(),
      byte: fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff)),
    });
    fc.assert(
      fc.property(of.bytes, fc.array(edit, { minLength: 1, maxLength: 3 }), (bytes, edits) => {
        const damaged = [...bytes];
        for (const { kind, place, byte } of edits) {
          const at = place % (damaged.length + 1);
          if (kind === 'replace') damaged[at] = byte;
          else if (kind === 'insert') damaged.splice(at, 0, byte);
          else if (kind === 'remove') damaged.splice(at, 1);
          else damaged.length = at;
        }
        expectSameAsGenerated(of, Uint8Array.from(damaged));
      }),
      { numRuns: 200 },
    );
  });
});
