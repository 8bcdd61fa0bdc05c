import type { Topic } from '@soma/events';
import type { KafkaMessage } from 'kafkajs';
import type { LogRecord } from '../port.js';

/** Headers that other producers repeat count by their last value. */
export function toRecord(topic: Topic, partition: number, message: KafkaMessage): LogRecord {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers ?? {})) {
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last !== undefined) headers[name] = last.toString();
  }
  return {
    topic,
    partition,
    position: Number(message.offset),
    key: message.key === null ? null : message.key.toString(),
    value: message.value,
    headers,
    timestamp: Number(message.timestamp),
  };
}
