/** What people say of a run after its end; mirrors the zod shapes of `cluster/messages` like the rest of the types. */

interface OutcomeBase {
  readonly agent_id: string
  readonly rating: number | null
  readonly by: string
}

/** What a person says of the result. */
export type Outcome =
  | (OutcomeBase & { readonly verdict: 'accepted' })
  | (OutcomeBase & { readonly verdict: 'rejected'; readonly reason: string })
  | (OutcomeBase & { readonly verdict: 'corrected'; readonly correction: string })

/** What can happen to a run after its end. */
export type AfterEndEvent =
  | { readonly type: 'deliberation.outcome_recorded'; readonly data: { readonly outcome: Outcome } }
  | { readonly type: 'deliberation.archived'; readonly data: { readonly by: string } }
  | { readonly type: 'deliberation.restored'; readonly data: { readonly by: string } }
  | { readonly type: 'deliberation.dismissed'; readonly data: { readonly by: string } }
