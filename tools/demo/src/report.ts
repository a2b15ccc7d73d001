import { z } from 'zod';

/** What a worker tells the narrator, over its process channel. */
export const reportSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('joined'), session: z.string() }),
  z.object({ kind: z.literal('follows'), predecessor: z.string() }),
  z.object({ kind: z.literal('leads') }),
  z.object({ kind: z.literal('configured'), text: z.string(), version: z.number() }),
  z.object({ kind: z.literal('counted'), value: z.number() }),
  z.object({ kind: z.literal('counting ended') }),
  z.object({ kind: z.literal('state'), state: z.string() }),
]);

export type Report = z.infer<typeof reportSchema>;
