/** The place in the ranking, or a dash while there is none. */
export function RankBadge({ rank }: { rank: number | null }) {
  return (
    <span className="rank-badge" title={rank === null ? 'Not ranked' : `Rank ${rank}`}>
      <span aria-hidden="true">{rank ?? '–'}</span>
      <span className="sr">{rank === null ? 'not ranked' : `rank ${rank}`}</span>
    </span>
  )
}
