// Writes docs/API.md from the comments of the public contract.
import { writeFileSync } from 'node:fs';
import { faultsOf } from './reference/faults.ts';
import { grpcStatuses } from './reference/grpc-statuses.ts';
import { INTRODUCTION, TITLE } from './reference/introduction.ts';
import { pageOf } from './reference/page.ts';
import { PAGE, readPublicContract } from './reference/public-contract.ts';

const contract = readPublicContract();
const statuses = grpcStatuses();
const faults = faultsOf(contract, statuses);
if (faults.length === 0) {
  writeFileSync(PAGE, pageOf({ contract, statuses, title: TITLE, introduction: INTRODUCTION }));
} else {
  console.error(faults.join('\n'));
  process.exitCode = 1;
}
