// Prints "N passed, N failed" from vitest's report. A run that failed otherwise (build, lint, coverage, a test file that
// did not load) counts as one failure.
import { readFileSync } from 'node:fs';

function counts() {
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync('coverage/results.json', 'utf8'));
    return { passed: numPassedTests, failed: numFailedTests };
  } catch {
    return { passed: 0, failed: 0 };
  }
}

const { passed, failed } = counts();
const status = Number(process.argv[2] ?? 0);
const all = status !== 0 && failed === 0 ? 1 : failed;
console.log(`${passed} passed, ${all} failed`);
process.exit(all === 0 && passed > 0 ? 0 : 1);
