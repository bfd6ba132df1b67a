/** The pictures of a model's card: precision and recall, ROC, and how its probabilities hold. */
import { calibrationTable } from '../evaluation/calibration-table.ts'
import { lineChart, shareAxis } from '../evaluation/charts.ts'
import { levelsOf, prCurve, rocCurve } from '../evaluation/ranking.ts'
import { labelledOf } from './metrics.ts'
import type { Trained } from './train.ts'

/** By name of the file, SVG. Over the test rows. */
export function curvesOf({ test }: Pick<Trained, 'test'>): ReadonlyMap<string, string> {
  const events = labelledOf(test)
  const levels = levelsOf(test.probabilities, events)
  const line = { name: 'test', colour: 1 }
  const bins = calibrationTable(test.probabilities, events)?.bins ?? []
  const told = bins.flatMap(({ meanScore, fraudShare }) =>
    meanScore === null || fraudShare === null ? [] : [{ x: meanScore, y: fraudShare }],
  )
  const diagonal = [
    { x: 0, y: 0 },
    { x: 1, y: 1 },
  ] as const
  return new Map([
    [
      'precision-recall.svg',
      lineChart({
        title: 'Precision and recall',
        x: shareAxis('recall: share of fraud that is caught'),
        y: shareAxis('precision'),
        lines: [{ ...line, points: prCurve(levels) }],
      }),
    ],
    [
      'roc.svg',
      lineChart({
        title: 'ROC',
        x: shareAxis('share of honest events that is flagged'),
        y: shareAxis('recall'),
        lines: [{ ...line, points: rocCurve(levels) }],
        guide: diagonal,
      }),
    ],
    [
      'calibration.svg',
      lineChart({
        title: 'Calibration',
        x: shareAxis('probability that the model says'),
        y: shareAxis('share of fraud among these'),
        lines: [{ ...line, points: told, dots: true }],
        guide: diagonal,
      }),
    ],
  ])
}
