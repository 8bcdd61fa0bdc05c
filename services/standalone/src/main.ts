import { KNOWN_SETTINGS } from '@soma/composition';
import { runServices } from '@soma/service';
import { buildStandalone } from './build.js';
import { standaloneSettings } from './config.js';

await runServices({
  name: 'standalone',
  settings: standaloneSettings,
  knownSettings: KNOWN_SETTINGS,
  build: buildStandalone,
});
