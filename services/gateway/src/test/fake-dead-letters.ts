import type {
  DeadLetterEntry,
  DeadLetterQuery,
  DeadLetterSettlement,
  KeptDeadLetter,
  Ledger,
  LinkIdentity,
  MemoryIdentity,
  Standing,
} from '@soma/ledger';

type Methods = Pick<Ledger, 'deadLetters' | 'deadLetter' | 'settleDeadLetter' | 'standing'>;

/** The ledger's dead letters in memory. */
export abstract class FakeDeadLetters implements Methods {
  /** In the order of their ids. */
  readonly letters: KeptDeadLetter[] = [];

  abstract standing(of: MemoryIdentity | LinkIdentity): Promise<Standing | undefined>;

  /** A refused command at the next position of memory.commands, with what a test says of it. */
  addLetter(changes: Partial<KeptDeadLetter> = {}): KeptDeadLetter {
    const id = this.letters.length + 1;
    const letter: KeptDeadLetter = {
      id,
      group: 'writer',
      topic: 'memory.commands',
      generation: 1,
      partition: 0,
      position: id,
      key: 'default/m',
      value: Buffer.from('no JSON'),
      headers: {},
      code: 'schema_mismatch',
      message: 'it does not fit',
      attempts: 1,
      first_failed_at: 1_700_000_000_000,
      recorded_at: 1_700_000_000_000,
      command_id: '4b1c9f6e-7a52-4d0e-9c3b-0d1e2f3a4b5c',
      namespace: 'default',
      coord: 'm',
      memory_key: 'm',
      status: 'open',
      changed_at: null,
      changed_by: null,
      redriven_to: null,
      erased_at: null,
      ...changes,
    };
    this.letters.push(letter);
    return letter;
  }

  deadLetters(query: DeadLetterQuery): Promise<DeadLetterEntry[]> {
    const { before, limit, ...filters } = query;
    const fits = (letter: KeptDeadLetter) =>
      (before === null || letter.id < before) &&
      Object.entries(filters).every(
        ([name, wanted]) => wanted === null || letter[name as keyof typeof filters] === wanted,
      );
    return Promise.resolve(this.letters.filter(fits).reverse().slice(0, limit));
  }

  deadLetter(id: number): Promise<KeptDeadLetter | undefined> {
    return Promise.resolve(this.letters.find((letter) => letter.id === id));
  }

  async settleDeadLetter({ id, by, redriven_to, force }: DeadLetterSettlement): Promise<boolean> {
    const letter = await this.deadLetter(id);
    if (letter === undefined || (letter.status !== 'open' && !force)) return false;
    const status = redriven_to === null ? 'discarded' : 'redriven';
    Object.assign(letter, { status, changed_at: Date.now(), changed_by: by, redriven_to });
    return true;
  }
}
