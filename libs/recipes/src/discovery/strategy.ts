/** How one of several instances is chosen. */
export type StrategyName = 'roundRobin' | 'random' | 'sticky' | 'leastOutstanding';

export interface Choice {
  readonly id: string;
  /** Calls of this pool that it has not answered. */
  readonly outstanding: number;
}

/** Chooses among what is there at the time, by what it has chosen before. `random` is from 0 on, below 1. */
export type Strategy = (choices: readonly Choice[]) => Choice | undefined;

export function strategyOf(name: StrategyName, random: () => number): Strategy {
  switch (name) {
    case 'roundRobin':
      return roundRobin();
    case 'random':
      return (choices) => oneOf(choices, random);
    case 'sticky':
      return sticky(random);
    case 'leastOutstanding':
      return (choices) => leastOutstanding(choices, random);
  }
}

/** Those in the order of their ids, one after the other, whoever comes or goes. */
function roundRobin(): Strategy {
  let last = '';
  return (choices) => {
    const ordered = choices.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const next = ordered.find(({ id }) => id > last) ?? ordered[0];
    last = next?.id ?? last;
    return next;
  };
}

/** The same one for as long as it is there. */
function sticky(random: () => number): Strategy {
  let chosen = '';
  return (choices) => {
    const next = choices.find(({ id }) => id === chosen) ?? oneOf(choices, random);
    chosen = next?.id ?? '';
    return next;
  };
}

/** By lot among those of which none has less to answer, so that not all clients choose the same. */
function leastOutstanding(choices: readonly Choice[], random: () => number): Choice | undefined {
  const least = Math.min(...choices.map(({ outstanding }) => outstanding));
  return oneOf(
    choices.filter(({ outstanding }) => outstanding === least),
    random,
  );
}

function oneOf(choices: readonly Choice[], random: () => number): Choice | undefined {
  return choices[Math.floor(random() * choices.length)];
}
