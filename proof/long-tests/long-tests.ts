// The test files that `npm test` has no time for, run as it runs the others.
import { runTap } from '../../scripts/tap-run.ts'
import { useTestFolder } from '../../scripts/test-folder.ts'
import { LEFT_TO_PROOF } from '../../scripts/test-schedule.ts'
import type { Proof } from '../proof.ts'

export const longTests: Proof = {
  about:
    'the tests that npm test leaves out: alerts live and in stories, kills, mutations, each bench once through',
  defaultCount: LEFT_TO_PROOF.length,
  async run({ count }) {
    useTestFolder()
    const { passed, failed, skipped, failedFiles } = await runTap(LEFT_TO_PROOF.slice(0, count))
    return {
      figures: [`${passed} assertions passed, ${failed} failed, ${skipped.length} skipped`],
      problems: failedFiles.map((file) => `${file} failed`),
      evidence: [],
    }
  },
}
