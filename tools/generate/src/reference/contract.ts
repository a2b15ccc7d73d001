// The public contract as its .proto files declare it, with their comments.
import protobuf from 'protobufjs';
import { readComment, type Comment } from './comment.ts';

export interface Contract {
  readonly services: readonly Service[];
  readonly messages: readonly Message[];
  readonly enums: readonly Enumeration[];
}

export interface Service {
  readonly name: string;
  readonly comment: Comment;
  readonly rpcs: readonly Rpc[];
}

export interface Rpc {
  readonly name: string;
  readonly request: string;
  readonly requestStream: boolean;
  readonly response: string;
  readonly responseStream: boolean;
  readonly comment: Comment;
}

export interface Message {
  readonly name: string;
  readonly comment: Comment;
  /** In the order of their declaration, those of oneofs among them. */
  readonly fields: readonly Field[];
  readonly oneofs: readonly OneOf[];
}

export interface OneOf {
  readonly name: string;
  readonly comment: Comment;
}

export interface Field {
  readonly name: string;
  readonly number: number;
  readonly type: string;
  readonly label: 'single' | 'optional' | 'repeated';
  /** The name of the oneof that it belongs to. */
  readonly oneof: string | null;
  readonly comment: Comment;
}

export interface Enumeration {
  readonly name: string;
  readonly comment: Comment;
  readonly values: readonly EnumValue[];
}

export interface EnumValue {
  readonly name: string;
  readonly number: number;
  readonly comment: Comment;
}

/** From the texts of the files of one package, in the order in which a page is to have them. */
export function readContract(files: readonly string[]): Contract {
  const services: Service[] = [];
  const messages: Message[] = [];
  const enums: Enumeration[] = [];
  for (const text of files) {
    const root = new protobuf.Root();
    const options = { keepCase: true, alternateCommentMode: true };
    const parsed = protobuf.parse(text, root, options);
    const declared = root.lookup(parsed.package ?? '');
    if (!(declared instanceof protobuf.Namespace)) continue;
    for (const it of declared.nestedArray) {
      if (it instanceof protobuf.Service) services.push(serviceOf(it));
      else if (it instanceof protobuf.Type) messages.push(messageOf(it));
      else if (it instanceof protobuf.Enum) enums.push(enumerationOf(it));
    }
  }
  return { services, messages, enums };
}

function serviceOf({ name, comment, methodsArray }: protobuf.Service): Service {
  const rpcs = methodsArray.map((it) => ({
    name: it.name,
    request: it.requestType,
    requestStream: it.requestStream ?? false,
    response: it.responseType,
    responseStream: it.responseStream ?? false,
    comment: readComment(it.comment),
  }));
  return { name, comment: readComment(comment), rpcs };
}

function messageOf({ name, comment, fieldsArray, oneofsArray }: protobuf.Type): Message {
  return {
    name,
    comment: readComment(comment),
    fields: fieldsArray.map(fieldOf),
    oneofs: oneofsArray
      .filter((it) => !isOptional(it))
      .map((it) => ({ name: it.name, comment: readComment(it.comment) })),
  };
}

function fieldOf(field: protobuf.Field): Field {
  const { name, id, type, repeated, partOf, comment } = field;
  const optional = partOf !== null && isOptional(partOf);
  return {
    name,
    number: id,
    type: field instanceof protobuf.MapField ? `map<${field.keyType}, ${type}>` : type,
    label: repeated ? 'repeated' : optional ? 'optional' : 'single',
    oneof: partOf === null || optional ? null : partOf.name,
    comment: readComment(comment),
  };
}

/** An optional field is a oneof of its own, whose name nobody has written. */
function isOptional({ name, oneof }: protobuf.OneOf): boolean {
  return oneof.length === 1 && name === `_${oneof[0] ?? ''}`;
}

function enumerationOf({ name, comment, comments, values }: protobuf.Enum): Enumeration {
  return {
    name,
    comment: readComment(comment),
    values: Object.entries(values).map(([value, number]) => ({
      name: value,
      number,
      comment: readComment(comments[value] ?? null),
    })),
  };
}
