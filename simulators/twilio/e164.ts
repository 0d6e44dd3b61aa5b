// Numbers as the vendor takes them (ITU-T E.164).

export const isE164 = (text: string): boolean => /^\+[1-9]\d{6,14}$/.test(text)
