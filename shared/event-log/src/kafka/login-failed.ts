import { SomaError } from '@soma/memory';
import kafkajs from 'kafkajs';

/**
 * A login that went wrong after it had begun. To kafkajs the connection failed: it makes a new one then and tries again.
 * After another error it would go on with the one in the midst of the login, and Kafka refuse whatever comes next on it.
 */
export class LoginFailed extends kafkajs.KafkaJSConnectionError {
  override readonly cause: SomaError;

  constructor(reason: string) {
    super(reason, { broker: '', code: '' });
    this.cause = new SomaError('event_log_unavailable', reason);
  }
}
