import { isSomaError, SomaError } from '@soma/memory';

export function unavailable(cause: unknown): SomaError {
  if (isSomaError(cause)) return cause;
  return new SomaError('event_log_unavailable', 'Kafka does not answer, or not as it should', { cause });
}

export async function orUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw unavailable(error);
  }
}

/** Kafka's name of an error, kafkajs's name of it, or nothing. */
export function kafkaError(error: unknown): {
  type: string | undefined;
  name: string | undefined;
  retriable: boolean;
} {
  if (typeof error !== 'object' || error === null)
    return { type: undefined, name: undefined, retriable: false };
  const { type, name, retriable } = error as { type?: string; name?: string; retriable?: boolean };
  return { type, name, retriable: retriable ?? false };
}

/** A group whose coordinator cannot be found, as on a cluster that has just begun: kafkajs gives up, though it passes. */
export function isCoordinatorMissing(error: Error): boolean {
  return error.name === 'KafkaJSGroupCoordinatorNotFound';
}

/** The coordinator took the member for dead; kafkajs wraps that when a commit hears of it. */
export function isUnknownMember(error: unknown): boolean {
  const { cause } = error as { cause?: unknown };
  return [error, cause].some((one) => kafkaError(one).type === 'UNKNOWN_MEMBER_ID');
}
