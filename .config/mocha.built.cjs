// The suite on the built code, as npm test runs it: nothing focused and, as root, nothing skipped.
module.exports = {
  exit: true, // what is left open fails the last hook, and may not hold the run up as well
  'forbid-only': true,
  'forbid-pending': process.getuid?.() === 0,
  reporter: 'test/support/reporter.mjs',
  require: ['./dist/test/support/database.js', './dist/test/support/left-open.js'],
  timeout: 40_000,
};
