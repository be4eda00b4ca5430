/** What was answered: every answer is kept, the first that stands ends the search. */
export const answerContext = (answerId: string) => `locate-answer:${answerId}`;

export const sql = {
  /** $1 id, $2 at. */
  answered: {
    name: 'locate.answered',
    text: `
      UPDATE locate_requests SET status = 'answered', answered_at = coalesce(answered_at, $2), due_at = NULL
      WHERE locate_request_id = $1`,
  },
  /** $1 answer, $2 request, $3 at, $4 centre, $5 found, $6 stands, $7 flags, $8 sealed. */
  insertAnswer: {
    name: 'locate.insert-answer',
    text: `
      INSERT INTO locate_answers (answer_id, locate_request_id, at, centre_id, found, stands, flags, sealed)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
  },
} as const;
