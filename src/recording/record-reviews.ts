/**
 * The verdicts on risk.reviews → a file of them, in the order in which they were given. All are
 * held: people write them.
 */
import type { Review } from '../core/schema.gen.ts'
import { readTopics } from '../log/kafka/read-topics.ts'
import type { RecordTopics } from './record-topics.ts'
import { writeReviews } from './review-file.ts'

export interface ReviewsRecorded {
  readonly reviews: number
  /** Messages that are no reviews; there should be none. */
  readonly unreadable: number
}

/** Throws one line for a file that cannot be written, an EdgeError for servers. */
export async function recordReviews(
  options: Omit<RecordTopics, 'events' | 'keyId'>,
): Promise<ReviewsRecorded> {
  const { kafka, admin, records, groupId, topicPrefix, from, to, out, onMessages } = options
  const reviews: Review[] = []
  let unreadable = 0
  await readTopics({
    ...{ kafka, admin, from, to },
    groupId: `${groupId}-reviews`,
    topics: [`${topicPrefix}risk.reviews`],
    take: async (messages) => {
      const values = messages.map(({ value }) => value)
      for (const review of await records.read('risk.reviews', values)) {
        if ('rejected' in review) unreadable += 1
        else reviews.push(review)
      }
      onMessages(reviews.length + unreadable)
    },
  })
  reviews.sort((a, b) => a.at - b.at || compare(a.eventKey, b.eventKey))
  await writeReviews(out, reviews)
  return { reviews: reviews.length, unreadable }
}

/** Of one event they lie in one partition, and so in the order in which they came. */
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
