import { END_SUBJECTS } from '../../messages/subjects.ts'
import type { EndNotices } from '../../ports/end-notices.ts'
import { bodyHeaders } from './bodies.ts'
import type { Bodies } from './bodies.ts'
import type { Link } from './link.ts'
import type { Names } from './names.ts'

/** Notices of ended runs in the stream DELIBERATIONS, told apart by their ids. */
export function createNatsEndNotices(link: Link, names: Names, bodies: Bodies): EndNotices {
  return {
    publish: async (notice) => {
      const { inline, reference } = await bodies.pack(JSON.stringify(notice))
      const subject = names.subject(notice.status === 'FAILED' ? END_SUBJECTS.failed : END_SUBJECTS.completed)
      await link.steadily(`tell the end of ${notice.task_id}`, () =>
        link.publish(subject, inline, { id: notice.event_id, headers: bodyHeaders(reference) }),
      )
    },
  }
}
