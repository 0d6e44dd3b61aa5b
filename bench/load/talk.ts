// How long a call of `answer` lasts.

/** 200 OK to BYE: the agent's upgrade and metadata fit well. */
export const TALK_MS = 200
