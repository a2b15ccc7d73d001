import { runStageApp } from '@paddock/replica';

await runStageApp('session-frontend');
