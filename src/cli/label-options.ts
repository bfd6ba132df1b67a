/** `--labels` and `--unreviewed`: verdicts in place of a recording's own labels. */
import { type Command, Option } from 'commander'
import { type LabelFile, readLabelFile, type Unreviewed } from '../recording/label-file.ts'
import { usageError } from './exit.ts'

export interface LabelOptions {
  readonly labels?: string
  readonly unreviewed?: Unreviewed
}

export const labelText = `
Labels: what record --reviews wrote, or CSV or JSON lines of eventKey, verdict (fraud, legitimate,
inconclusive), kind and at; the newest verdict of an event counts. They replace the recording's own.
Verdicts mostly come from what was flagged. Left out, the rest is not judged at all: right for
asking how good flagging is, as precision. --unreviewed legitimate is right where fraud that was
missed comes in by other ways, such as complaints or chargebacks that are in the file too, or is
rare: else missed fraud is taught as honest, and every recall is too good.
`

export function addLabelOptions(command: Command): Command {
  return command
    .option('--labels <FILE>', 'verdicts in place of the labels of the recording')
    .addOption(
      new Option('--unreviewed <AS>', 'events without a verdict (default: left-out)').choices([
        'left-out',
        'legitimate',
      ]),
    )
}

/** Null without --labels. Throws CommandError. */
export async function givenLabels(options: LabelOptions): Promise<LabelFile | null> {
  const { labels, unreviewed } = options
  if (labels !== undefined) return readLabelFile(labels, unreviewed ?? 'left-out')
  if (unreviewed !== undefined) throw usageError('--unreviewed: goes with --labels')
  return null
}
