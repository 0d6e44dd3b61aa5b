// The product's own numbers on the stage.

/** The agent answers it. */
export const OWN_NUMBER = '+4930555100'
/** Our menu answers it, and nobody after it. */
export const MENU_NUMBER = '+4930555101'
