// Loaded into every process that a command starts: writes down which Node runs which program, and ends
// the programs of this repository before they begin. Plain, for the Node that comes first may be old.
import { appendFileSync } from 'node:fs';

const program = process.argv[1] ?? '';
const report = { version: process.version, program };
appendFileSync(process.env.PADDOCK_VERSION_REPORT, `${JSON.stringify(report)}\n`);
if (/(apps|tools)\/(?!generate\/)[^/]+\/src\/main\.ts$/.test(program)) process.exit(0);
