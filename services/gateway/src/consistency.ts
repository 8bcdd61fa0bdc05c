import {
  decodeConsistencyToken,
  encodeConsistencyToken,
  mergePositions,
  type Installation,
  type PositionVector,
} from '@soma/ledger';
import { RequestRefused } from './refusal.js';

/** What a Soma-Consistency-Token header says; null without one. */
export function positionsOfToken(
  token: string | undefined,
  namespace: string,
  currentInstallation: () => Installation,
): PositionVector | null {
  if (token === undefined) return null;
  const decoded = decodeConsistencyToken(token, { installation: currentInstallation(), namespace });
  if (!decoded.ok) {
    throw new RequestRefused(
      'invalid_consistency_token',
      'the token is not one of this installation, namespace and log',
    );
  }
  return decoded.vector;
}

/** A token that covers what was just appended and, when there is one, what the request came with. */
export function tokenOf(
  appended: PositionVector,
  after: PositionVector | null,
  installation: Installation,
  namespace: string,
): string {
  const merged = after === null ? appended : mergePositions(after, appended);
  return encodeConsistencyToken(merged, { installation, namespace });
}
