// A request that was refused or failed, in words for people, with the fields at fault.
import type { FieldProblem } from '../../../shared/errors.ts';

export class ApiError extends Error {
  /** 0: no answer came */
  readonly status: number;
  readonly problems: readonly FieldProblem[];
  readonly requestId: string | null;

  constructor(status: number, message: string, problems: readonly FieldProblem[], requestId: string | null) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.problems = problems;
    this.requestId = requestId;
  }

  /** Of a write: whether it was done is not known, or not yet. */
  get mayBeDone(): boolean {
    const isUnderWay = this.problems.some(({ pointer }) => pointer === '/idempotency-key');
    return this.status === 0 || this.status >= 500 || (this.status === 409 && isUnderWay);
  }
}
