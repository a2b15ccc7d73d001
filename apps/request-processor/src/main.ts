import { runStageApp } from '@paddock/replica';

await runStageApp('request-processor');
