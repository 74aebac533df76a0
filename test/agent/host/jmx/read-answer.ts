// Reads a whole answer of JMX without a connection, as one piece or pair by pair.
import { JavaBytes, StreamEndsTooSoon } from '../../../../agent/host/jmx/java-bytes.ts';
import { JavaReader, type TakePair } from '../../../../agent/host/jmx/java-reader.ts';
import type { JavaValue } from '../../../../agent/host/jmx/java-value.ts';
import { readReturn } from '../../../../agent/host/jmx/jrmp-wire.ts';

/**
 * @param each the bytes come in parts of so many
 * @throws StreamEndsTooSoon when these are not all
 */
export function readAnswer(answer: Buffer, take: TakePair | null = null, each = answer.length) {
  const bytes = new JavaBytes();
  const steps = readReturn(bytes, true, take);
  let used = 0;
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done) return { ...step.value, used: used - bytes.left };
    if (step.value === 'on') continue;
    if (used >= answer.length) throw new StreamEndsTooSoon('this was all');
    bytes.add([answer.subarray(used, used + each)]);
    used = Math.min(used + each, answer.length);
  }
}

/** What is written in an object stream. */
export const readObject = (stream: Buffer): JavaValue => new JavaReader(new JavaBytes(stream)).object();
