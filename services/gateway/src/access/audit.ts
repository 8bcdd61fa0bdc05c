import type { ActOutcome, AuditLog, NewAct } from '@soma/access';
import { isSomaError, type ErrorCode } from '@soma/memory';
import type { Logger } from 'pino';
import { PROBLEMS, publicCode } from '../problem.js';
import type { Answer } from '../route.js';

/** Leaves a trace of what operators do: in the store, and as a line of the log. */
export class Audit {
  readonly #log: AuditLog;
  readonly #logger: Logger;

  constructor({ audit, logger }: { audit: AuditLog; logger: Logger }) {
    this.#log = audit;
    this.#logger = logger;
  }

  /** Nothing is begun before it is written down. @throws SomaError store_unavailable, and what `work` throws */
  async recorded(act: NewAct, work: () => Promise<Answer>): Promise<Answer> {
    const id = await this.#log.begin(act);
    try {
      const answer = await work();
      await this.#ended(id, act, { status: answer.status, code: null, target: answer.target ?? null });
      return answer;
    } catch (error) {
      const code: ErrorCode = publicCode(isSomaError(error) ? error.code : 'internal');
      await this.#ended(id, act, { status: PROBLEMS[code].status, code, target: null });
      throw error;
    }
  }

  /** The act is done: that its end cannot be written down changes nothing about it. */
  async #ended(id: number, act: NewAct, outcome: ActOutcome): Promise<void> {
    const target = outcome.target ?? act.target;
    this.#logger.info({ audit: { id, ...act, ...outcome, target } }, 'an operator acted');
    await this.#log.end(id, outcome).catch((error: unknown) => {
      this.#logger.error({ err: error, audit_id: id }, 'how an act ended could not be written down');
    });
  }
}
