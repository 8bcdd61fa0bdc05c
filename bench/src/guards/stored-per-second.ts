import { makeDataDir, startStandalone } from '@soma/tests/system';
import { measureStored } from '../measure.js';
import { UNLIMITED } from '../profiles.js';

/*
 * One run of the checkout that this file is in: starts its standalone profile, writes, and prints how many writes a
 * second were stored. The guards' bench runs it in copies of the checkout.
 */

const dataDir = await makeDataDir();
try {
  const system = await startStandalone({ dataDir: dataDir.path, env: UNLIMITED });
  const { perSecond } = await measureStored(system);
  await system.stop();
  console.log(JSON.stringify({ stored_per_second: perSecond }));
} finally {
  await dataDir.remove();
}
