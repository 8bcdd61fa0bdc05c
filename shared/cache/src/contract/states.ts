import { DEFAULT_ATTRIBUTES, type Memory, type Operation, type Tombstone } from '@soma/memory';

let namespaces = 0;

/** Suites share servers, so each test has a namespace of its own. */
export function freshNamespace(): string {
  namespaces += 1;
  return `cache-${process.pid}-${Date.now()}-${namespaces}`;
}

export function memoryAt(namespace: string, key: string, revision: number, note = 'a note'): Memory {
  return {
    ...DEFAULT_ATTRIBUTES,
    deleted: false,
    namespace,
    key,
    coord: key,
    payload: { note, revision, nested: { list: [1, null, 'ä€😀'] } },
    text: note,
    text_given: false,
    version: 1,
    revision,
    expires_at: null,
    created_at: 1_700_000_000_000,
    updated_at: 1_700_000_000_000,
  };
}

export function tombstoneAt(namespace: string, key: string, revision: number): Tombstone {
  return { deleted: true, namespace, key, coord: key, version: 2, revision, updated_at: 1_700_000_000_000 };
}

export function operationOf(id: string): Operation {
  return {
    operation_id: id,
    namespace: 'default',
    topic: 'memory.commands',
    partition: 3,
    position: 17,
    generation: 0,
    coord: '1,2',
    status: 'stored',
    deleted: null,
    created: true,
    version: 1,
    revision: 17,
    memory_type: 'episodic',
    error: null,
    index_error: null,
    request_hash: null,
    issuer: 'test',
    accepted_at: 1_700_000_000_000,
    finished_at: 1_700_000_000_001,
  };
}
