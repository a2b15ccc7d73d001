/** The four stages of a replica, in the order in which each one's neighbours are already there. */
export const STAGE_NAMES = [
  'zab-broadcaster',
  'replicated-database',
  'request-processor',
  'session-frontend',
] as const;

export type StageName = (typeof STAGE_NAMES)[number];

export function isStageName(text: string): text is StageName {
  return (STAGE_NAMES as readonly string[]).includes(text);
}
