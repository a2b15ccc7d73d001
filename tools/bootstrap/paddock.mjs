#!/usr/bin/env node
// `npx paddock`, in a clone that may not have been installed yet.
import { launch, main } from './prepare.mjs';

await main(() => launch('apps/cli/src/main.ts', process.argv.slice(2)));
