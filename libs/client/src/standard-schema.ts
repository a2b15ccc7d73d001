import { decodeText } from '@paddock/model';

/**
 * What validates values: the interface that zod, valibot, arktype and others have in common (standardschema.dev,
 * version 1).
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => Validated<Output> | Promise<Validated<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

export type Validated<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a value comes to by a schema, or why it is none, for people. */
export type Parsed<Output> =
  | { readonly ok: true; readonly value: Output }
  | { readonly ok: false; readonly reason: string; readonly issues?: readonly SchemaIssue[] };

export async function validated<Output>(
  schema: StandardSchema<unknown, Output>,
  value: unknown,
): Promise<Parsed<Output>> {
  const result = await schema['~standard'].validate(value);
  if (result.issues === undefined) return { ok: true, value: result.value };
  return unfit(result.issues);
}

/** The data of a znode that has JSON. */
export async function parsedJson<Output>(
  schema: StandardSchema<unknown, Output>,
  data: Uint8Array,
): Promise<Parsed<Output>> {
  let value: unknown;
  try {
    value = JSON.parse(decodeText(data));
  } catch (error) {
    return unfit([{ message: error instanceof Error ? error.message : String(error) }]);
  }
  return validated(schema, value);
}

function unfit(issues: readonly SchemaIssue[]): Parsed<never> {
  return { ok: false, reason: issues.map(describeIssue).join('; '), issues };
}

function describeIssue({ message, path = [] }: SchemaIssue): string {
  const keys = path.map((it) => String(typeof it === 'object' ? it.key : it));
  return keys.length === 0 ? message : `${keys.join('.')}: ${message}`;
}
