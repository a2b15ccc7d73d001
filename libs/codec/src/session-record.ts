import { makeFrontendIncarnation } from '@paddock/model';
import type { Attachment, SessionRow } from '@paddock/model';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';

export function writeAttachment(writer: ByteWriter, attachment: Attachment): void {
  writer.f64(attachment.frontend);
  writer.f64(attachment.connection);
  writer.f64(attachment.attempt);
}

export function readAttachment(reader: ByteReader): Attachment {
  const frontend = reader.safeInteger();
  if (frontend === 0) reader.fail('not a front-end incarnation', 8);
  return {
    frontend: makeFrontendIncarnation(frontend),
    connection: reader.safeInteger(),
    attempt: reader.safeInteger(),
  };
}

export function writeSessionRow(writer: ByteWriter, row: SessionRow): void {
  writer.f64(row.session);
  writer.f64(row.timeoutMs);
  writer.bytes(row.secretHash);
  writeAttachment(writer, row.attachment);
  writer.f64(row.lastSequence);
  writer.f64(row.ephemeralBytes);
}

export function readSessionRow(reader: ByteReader): SessionRow {
  return {
    session: reader.sessionId(),
    timeoutMs: reader.safeInteger(),
    secretHash: reader.bytes(),
    attachment: readAttachment(reader),
    lastSequence: reader.safeInteger(),
    ephemeralBytes: reader.safeInteger(),
  };
}
