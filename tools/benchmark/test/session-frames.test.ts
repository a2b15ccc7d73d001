import { paddock } from '@paddock/contracts';
import { describe, expect, it } from 'vitest';
import { encodeOperation, operationsFrame, ResultCount } from '../src/driver/session-frames.ts';

const { SessionRequest, SessionResponse } = paddock.client.v1;
const NO_NODE = paddock.client.v1.ErrorCode.ERROR_CODE_NO_NODE;

describe('a request that is put together', () => {
  it.each([1, 127, 128, 300, 2 ** 31, 2 ** 45])(
    'is what the contract reads, with the sequence %d',
    (sequence) => {
      const data = new Uint8Array(100).fill(7);
      const set = encodeOperation({ setData: { path: '/a', data } });
      const frame = operationsFrame(
        Array.from({ length: 200 }, () => set),
        sequence,
        sequence - 1,
      );
      const [message] = SessionRequest.decode(frame).messages;
      const { operations } = message ?? {};
      expect(Number(operations?.firstSequence)).toBe(sequence);
      expect(Number(operations?.ackedThrough)).toBe(sequence - 1);
      expect(operations?.operations).toHaveLength(200);
      expect(operations?.operations?.[199]?.setData?.path).toBe('/a');
      expect(operations?.operations?.[199]?.setData?.data).toHaveLength(100);
    },
  );
});

describe('answers', () => {
  it('are counted without being decoded, the refused ones too', () => {
    const bytes = SessionResponse.encode({
      messages: [
        {
          results: {
            results: [
              { zxidEpoch: 1, zxidCounter: 2, getData: { data: new Uint8Array(300) } },
              { zxidEpoch: 1, zxidCounter: 2, failed: { code: NO_NODE } },
            ],
          },
        },
        { results: { results: [{ setData: { stat: { version: 3 } } }] } },
      ],
    }).finish();
    const count = new ResultCount();
    count.read(bytes);
    expect(count).toMatchObject({ results: 3, failed: 1, hasOther: false });
  });

  it('say that they hold something else', () => {
    const count = new ResultCount();
    count.read(SessionResponse.encode({ messages: [{ heartbeat: { acknowledged: 3 } }] }).finish());
    expect(count).toMatchObject({ results: 0, hasOther: true });
  });

  it('that are cut off are refused', () => {
    const bytes = SessionResponse.encode({ messages: [{ results: { results: [{}] } }] }).finish();
    expect(() => new ResultCount().read(bytes.subarray(0, 3))).toThrow(RangeError);
  });
});
