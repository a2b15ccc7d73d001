import { runStageApp } from '@paddock/replica';

await runStageApp('zab-broadcaster');
