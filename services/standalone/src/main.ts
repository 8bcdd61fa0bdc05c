import { runServices } from '@soma/service';
import { buildStandalone } from './build.js';
import { standaloneSettings } from './config.js';

await runServices({ name: 'standalone', settings: standaloneSettings, build: buildStandalone });
