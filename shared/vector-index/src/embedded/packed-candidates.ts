import type { RecallFacts } from '@soma/memory';
import type { Candidate, IndexCandidates } from '../port.js';

/**
 * Candidates on their way from thread to thread, as values without names: copying the names of the fields of some
 * hundred objects took as long as half of what else is told of candidates.
 */
export interface PackedCandidates {
  dense: PackedCandidate[];
  sparse: PackedCandidate[];
  about: [key: string, terms: number[], ...PackedFacts][];
}

type PackedCandidate = [key: string, revision: number, score: number];
type PackedFacts =
  | []
  | [
      thread_id: string | null,
      speaker: string | null,
      occurred_at: number | null,
      updated_at: number | null,
      importance: number,
      asks: boolean,
      tells_time: boolean,
    ];

export function pack({ dense, sparse, about }: IndexCandidates): PackedCandidates {
  return {
    dense: dense.map(packCandidate),
    sparse: sparse.map(packCandidate),
    about: Array.from(about, ([key, { facts, terms }]) => [key, terms, ...packFacts(facts)]),
  };
}

export function unpack({ dense, sparse, about }: PackedCandidates): IndexCandidates {
  return {
    dense: dense.map(unpackCandidate),
    sparse: sparse.map(unpackCandidate),
    about: new Map(about.map(([key, terms, ...facts]) => [key, { terms, facts: unpackFacts(facts) }])),
  };
}

function packCandidate({ key, revision, score }: Candidate): PackedCandidate {
  return [key, revision, score];
}

function unpackCandidate([key, revision, score]: PackedCandidate): Candidate {
  return { key, revision, score };
}

function packFacts(facts: RecallFacts | null): PackedFacts {
  if (facts === null) return [];
  const { thread_id, speaker, occurred_at, updated_at, importance, asks, tells_time } = facts;
  return [thread_id, speaker, occurred_at, updated_at, importance, asks, tells_time];
}

function unpackFacts(facts: PackedFacts): RecallFacts | null {
  if (facts.length === 0) return null;
  const [thread_id, speaker, occurred_at, updated_at, importance, asks, tells_time] = facts;
  return { thread_id, speaker, occurred_at, updated_at, importance, asks, tells_time };
}
