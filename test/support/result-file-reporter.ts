/**
 * Prints why tests skipped themselves, and writes the counts of a test run to .drydock/test-results.json, for .ci/run. A file that could not be loaded, and an error
 * outside of any test, count as failed: a run must not look green because a file was never run.
 */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Reporter, SerializedError, TestModule, TestRunEndReason } from 'vitest/node';

const RESULT_FILE = fileURLToPath(new URL('../../.drydock/test-results.json', import.meta.url));

export interface RunCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export default class ResultFileReporter implements Reporter {
  onTestRunStart(): void {
    rmSync(RESULT_FILE, { force: true });
  }

  onTestRunEnd(
    modules: readonly TestModule[],
    unhandledErrors: readonly SerializedError[],
    reason: TestRunEndReason,
  ): void {
    const tests = countTests(modules, unhandledErrors.length);
    mkdirSync(dirname(RESULT_FILE), { recursive: true });
    const draft = `${RESULT_FILE}.${process.pid}`;
    writeFileSync(draft, `${JSON.stringify({ tests, reason, files: modules.length }, null, 2)}\n`);
    renameSync(draft, RESULT_FILE);
    for (const line of skipReasons(modules)) process.stdout.write(`${line}\n`);
  }
}

/** Why each test that skipped itself did. */
function skipReasons(modules: readonly TestModule[]): string[] {
  return modules
    .flatMap((module) => [...module.children.allTests()])
    .flatMap((test) => {
      const result = test.result();
      const name = [test.project.name, test.fullName].filter((part) => part !== '').join(': ');
      return result.state === 'skipped' && result.note ? [`skipped: ${name}: ${result.note}`] : [];
    });
}

function countTests(modules: readonly TestModule[], unhandledErrors: number): RunCounts {
  const counts = { passed: 0, failed: unhandledErrors, skipped: 0 };
  for (const module of modules) {
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'passed') counts.passed += 1;
      else if (state === 'skipped') counts.skipped += 1;
      else counts.failed += 1;
    }
    // Its own errors, and those of its suites' hooks: of tests that never came to run.
    counts.failed += module.errors().length;
    for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
  }
  return counts;
}
