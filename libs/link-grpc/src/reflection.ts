// grpc.reflection.v1 on any server, from the descriptors that were made with the messages.
import { status, type Server } from '@grpc/grpc-js';
import { fileDescriptors, ReflectionService } from '@paddock/contracts';
import type { FileDescriptor, grpc } from '@paddock/contracts';
import { addTypedService } from './typed-service.ts';

type Request = grpc.reflection.v1.ServerReflectionRequest;
type Answer = grpc.reflection.v1.ServerReflectionResponse.$Properties;

const byName = new Map<string, FileDescriptor>();
const bySymbol = new Map<string, FileDescriptor>();
for (const file of fileDescriptors) {
  byName.set(file.name, file);
  for (const symbol of file.symbols) bySymbol.set(symbol, file);
}

/** Lists the named services, and answers for every message of the contracts. */
export function addReflection(server: Server, services: readonly string[]): void {
  addTypedService(server, ReflectionService, {
    serverReflectionInfo: (call) => {
      call.on('error', () => undefined);
      call.on('data', (request: Request) => {
        const answered = {
          validHost: request.host,
          originalRequest: request,
          ...answer(request, services),
        };
        // One answer a question: a client that does not read is not read either.
        if (!call.write(answered)) {
          call.pause();
          call.once('drain', () => call.resume());
        }
      });
      call.on('end', () => call.end());
    },
  });
}

function answer(request: Request, services: readonly string[]): Answer {
  switch (request.messageRequest) {
    case 'listServices':
      return { listServicesResponse: { service: services.map((name) => ({ name })) } };
    case 'fileByFilename':
      return files(byName.get(request.fileByFilename ?? ''), request.fileByFilename);
    case 'fileContainingSymbol':
      return files(bySymbol.get(request.fileContainingSymbol ?? ''), request.fileContainingSymbol);
    case 'allExtensionNumbersOfType':
      return {
        allExtensionNumbersResponse: { baseTypeName: request.allExtensionNumbersOfType ?? '' },
      };
    default:
      return failed(status.UNIMPLEMENTED, 'there are no extensions here');
  }
}

/** The file and everything that it imports, which a client needs to make sense of it. */
function files(file: FileDescriptor | undefined, wanted: string | null | undefined): Answer {
  if (file === undefined) return failed(status.NOT_FOUND, `no "${wanted ?? ''}" here`);
  const found = new Set<FileDescriptor>();
  const collect = (it: FileDescriptor): void => {
    if (found.has(it)) return;
    found.add(it);
    for (const name of it.deps) {
      const imported = byName.get(name);
      if (imported !== undefined) collect(imported);
    }
  };
  collect(file);
  return {
    fileDescriptorResponse: { fileDescriptorProto: [...found].map((it) => it.bytes) },
  };
}

function failed(errorCode: status, errorMessage: string): Answer {
  return { errorResponse: { errorCode, errorMessage } };
}
