// Front door of phone numbers.
export * from './decode-phone-number.ts'
