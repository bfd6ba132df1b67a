/**
 * What stands beside a model's forest: which features it looks at and that they mean the same, how
 * its output is read, what it was trained on, how good it was, and what its features looked like
 * then. No clock is in it: equal training gives equal bytes.
 */
import { z } from 'zod'

const share = z.number().min(0).max(1)
const binsSchema = z.object({
  edges: z.array(z.number()),
  shares: z.array(share),
})

export const manifestSchema = z.object({
  format: z.literal(1),
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'is no name of a model'),
  /** A random forest was grown here; the others elsewhere, by what they are named after. */
  kind: z.enum(['random-forest', 'xgboost', 'lightgbm']),
  /** Of the forest: its file beside this one, and the SHA-256 of that, in hexadecimal. */
  file: z.enum(['model.json', 'model.txt']),
  checksum: z.string().regex(/^[0-9a-f]{64}$/, 'is no SHA-256'),
  /** Signals, in the order of the forest's features, and the hash of what they mean. */
  features: z.array(z.string()).min(1),
  featuresHash: z.string(),
  calibration: z.object({ from: z.array(z.number()).min(1), to: z.array(share).min(1) }),
  /** Probabilities from which an event is reviewed or blocked, where a playbook names none. */
  thresholds: z.object({ reviewAt: share, blockAt: share }),
  /** What its labels stood for. */
  target: z.string().default('fraud'),
  training: z.object({
    recordings: z.array(z.object({ name: z.string(), sha256: z.string() })),
    /** Null where the recordings' own labels were used. */
    labels: z
      .object({
        name: z.string(),
        sha256: z.string(),
        /** Events with a verdict, and those of them that are in the recordings. */
        events: z.int(),
        met: z.int(),
        /** What became of events without one. */
        unreviewed: z.enum(['left-out', 'legitimate']),
      })
      .nullable()
      .default(null),
    /** Null, as rows of a leaf, where the trees were grown elsewhere. */
    seed: z.int().nullable(),
    trees: z.int(),
    /** What was allowed; of trees that were grown elsewhere what they have. */
    depthMax: z.int(),
    leafRowsMin: z.int().nullable(),
    rows: z.object({ train: z.int(), calibrate: z.int(), test: z.int() }),
    frauds: z.object({ train: z.int(), calibrate: z.int(), test: z.int() }),
    /** Events from then on test, in milliseconds. */
    cutAt: z.number(),
    /** Kinds of actor that were kept out of training and calibration. */
    heldOut: z.array(z.string()),
  }),
  /** On the test rows: people that it never met, at a later time. */
  metrics: z.record(z.string(), z.number().nullable()),
  /** Mean drop of impurity that each feature brought, as shares of all; in their order. */
  importance: z.array(z.number()),
  /** What the features held in training, in their order, and last the score. */
  statistics: z.object({ features: z.array(binsSchema), score: binsSchema }),
})

export type Manifest = z.infer<typeof manifestSchema>
