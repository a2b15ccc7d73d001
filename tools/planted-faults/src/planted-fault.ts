/** One change of one place, after which a rule or a promise is broken. */
export interface PlantedFault {
  /** Unique: the fault in a few words. */
  readonly id: string;
  /** What the product does with it. */
  readonly fault: string;
  /** Rules of the protocol (H1 to H25) and promises (P1 to P10) that it breaks. */
  readonly breaks: readonly string[];
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
  /** The recipe whose users the seeds are of; absent: the seeds are of the whole service. */
  readonly recipe?: string;
  /** A test that fails with the fault; needed where no seed shows it. */
  readonly test?: ScriptedTest;
  /** Why seeds do not show it, where they do not. */
  readonly unseen?: string;
}

export interface ScriptedTest {
  readonly file: string;
  /** As vitest's `-t` takes it, not as an expression: the name of the test or a part of it. */
  readonly name: string;
}

export interface FaultGroup {
  readonly title: string;
  readonly faults: readonly PlantedFault[];
}

/** Where the fault cannot be planted any more. */
export class PlantingError extends Error {
  override readonly name = 'PlantingError';
}

/** The source with the fault in it. */
export function plant(fault: PlantedFault, source: string): string {
  const places = source.split(fault.find).length - 1;
  if (places !== 1) {
    throw new PlantingError(
      `${fault.id}: what it replaces stands ${places} times in ${fault.file}, and should once: ${fault.find}`,
    );
  }
  return source.replace(fault.find, () => fault.replace);
}
