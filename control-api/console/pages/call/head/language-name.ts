// What a language is called, in the reader's own.
/** `German`; what is no language's tag is shown as it came. */
export function languageName(tag: string): string {
  try {
    return (
      new Intl.DisplayNames([document.documentElement.lang], { type: 'language' }).of(tag) ?? tag
    )
  } catch {
    return tag // Not a tag at all.
  }
}
