import { cpus } from 'node:os';
import { measureBareParts } from './bare-parts.js';
import { reportCluster, reportStandalone, whyNoCluster, type ProfileReport } from './profiles.js';
import { reportText } from './report.js';

/*
 * npm run bench: both profiles and the bare parts on this machine, one after the other, in a few minutes.
 * Read the ratios: the absolute numbers are the machine's.
 */

console.log(`${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}`);
console.log('bare parts …');
const bare = await measureBareParts();
const profiles: ProfileReport[] = [];
console.log('standalone …');
profiles.push(await reportStandalone());
const missing = whyNoCluster();
if (missing === undefined) {
  console.log('cluster …');
  profiles.push(await reportCluster());
} else {
  console.log(`cluster left out: ${missing}`);
}
console.log(reportText(profiles, bare));
