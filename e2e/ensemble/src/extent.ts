/** LONG=1 asks for the long variants: more kills, five voters, split replicas where only fused ones run otherwise. */
export const isLong = process.env['LONG'] === '1';
