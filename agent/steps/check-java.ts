// Checks that there is a Java that this version of the product starts on.
import { StepFailed } from '../../shared/errors.ts';
import { PRODUCTS } from '../products/index.ts';
import type { Step } from './step.ts';
import { looked } from './telling.ts';
import { leaving } from './waiting.ts';

/** `openjdk version "17.0.15" 2025-04-15` -> 17, `java version "1.8.0_402"` -> 8; null when it says something else. */
export function javaMajor(output: string): number | null {
  const found = /version "(?:1\.)?(\d+)/.exec(output);
  return found === null ? null : Number(found[1]);
}

export const checkJava: Step = {
  name: 'check-java',
  async *run(context) {
    const { host, input } = context;
    const majors = PRODUCTS[input.product].javaMajors(input.version);
    yield looked('java', `Checking for Java ${majors.join(' or ')}`, { resource: 'java' });
    const answer = await host
      .run(['java', '-version'], { withinMs: 30_000, signal: leaving(context) })
      .catch((cause) => {
        if (!(cause instanceof StepFailed) || cause.subtype !== 'program-not-found') throw cause;
        const message = `No java found; ${input.product} ${input.version} needs Java ${majors.join(' or ')}`;
        throw new StepFailed('java-not-found', message, {
          resource: 'java',
          detail: { needed: majors },
          cause,
        });
      });
    const text = `${answer.stderr}\n${answer.stdout}`;
    const major = javaMajor(text);
    if (major === null || !majors.includes(major)) {
      const found = major === null ? 'of an unknown version' : String(major);
      const needed = majors.join(' or ');
      throw new StepFailed(
        'java-unsupported',
        `${input.product} ${input.version} needs Java ${needed}; the one found is ${found}`,
        { resource: 'java', detail: { needed: majors, found: major, output: text.trim().slice(0, 500) } },
      );
    }
    yield looked('java', `Found Java ${major}`, { resource: 'java', after: { major } });
    return { major };
  },
};
