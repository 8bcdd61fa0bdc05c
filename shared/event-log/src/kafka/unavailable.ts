import { isSomaError, SomaError } from '@soma/memory';

export function unavailable(cause: unknown): SomaError {
  // A login that needed more than Kafka says itself what failed.
  const own = causesOf(cause).find(isSomaError);
  if (own !== undefined) return own;
  return new SomaError('event_log_unavailable', reasonOf(cause), { cause });
}

/** Names the setting to look at where Kafka's door is shut; never what is in it. */
function reasonOf(error: unknown): string {
  const chain = causesOf(error);
  if (chain.some(({ name }) => name === 'KafkaJSSASLAuthenticationError'))
    return 'Kafka refuses the login: look at SOMA_KAFKA_SASL_MECHANISM, SOMA_KAFKA_SASL_USERNAME and SOMA_KAFKA_SASL_PASSWORD';
  if (chain.some(({ message }) => /alert .*(certificate|unknown ca)/i.test(message)))
    return "Kafka refuses this process's certificate: look at SOMA_KAFKA_TLS_CERT_PATH and SOMA_KAFKA_TLS_KEY_PATH";
  if (chain.some(({ message }) => /certificate|altname/i.test(message)))
    return "the certificate of Kafka's broker cannot be verified: look at SOMA_KAFKA_TLS_CA_PATH, and at the names in the certificate";
  return 'Kafka does not answer, or not as it should';
}

const MAX_CAUSES = 10;

function causesOf(error: unknown): Error[] {
  const chain: Error[] = [];
  for (let at = error; at instanceof Error && chain.length < MAX_CAUSES; at = at.cause) chain.push(at);
  return chain;
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

const UNKNOWN = ['UNKNOWN_MEMBER_ID', 'NOT_COORDINATOR_FOR_GROUP'];

/**
 * The coordinator took the member for dead, or another broker coordinates the group now, which a member that keeps silent
 * does not learn; kafkajs wraps that when a commit hears of it.
 */
export function isUnknownMember(error: unknown): boolean {
  const { cause } = error as { cause?: unknown };
  return [error, cause].some((one) => UNKNOWN.includes(kafkaError(one).type ?? ''));
}
