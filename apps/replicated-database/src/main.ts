import { runStageApp } from '@paddock/replica';

await runStageApp('replicated-database');
