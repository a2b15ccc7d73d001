/** LONG=1 asks for the long variants: more kills, five replicas, a hundred thousand transactions. */
export const isLong = process.env['LONG'] === '1';
