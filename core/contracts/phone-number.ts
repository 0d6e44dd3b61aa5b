// Phone numbers in E.164, with the plus sign, as ITU-T E.164 writes them. Who may say that a text is one: core/phone-numbers.

/** `+` and 7 to 15 digits. Personal data: never in a log text, a label or an error. */
export type E164 = string & { readonly __number: 'e164' }
