import { status } from '@grpc/grpc-js';
import { STATUS_OF_ERROR } from '@paddock/link-grpc';
import { contractCode } from './error-codes.ts';

/** The name of the gRPC status by the short name of the code, as unary calls are answered. */
export function grpcStatuses(): ReadonlyMap<string, string> {
  const found = Object.entries(STATUS_OF_ERROR);
  return new Map(found.map(([code, number]) => [contractCode(code), status[number]]));
}
