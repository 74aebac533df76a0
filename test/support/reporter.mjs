// Mocha's spec reporter plus one closing line that any reader of plain text understands.
import mocha from 'mocha';

/** Prints what `spec` prints, then `N passed, N failed, N skipped` alone on the last line. */
export default class ClosingLineReporter extends mocha.reporters.Spec {
  epilogue() {
    super.epilogue();
    const { passes, failures, pending } = this.stats;
    process.stdout.write(`${passes} passed, ${failures} failed, ${pending} skipped\n`);
  }
}
