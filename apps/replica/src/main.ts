import { runStageApp } from '@paddock/replica';

await runStageApp(undefined);
